"""An instructor's plain Markdown: sections by headings, cited as its own."""

import shutil

import pytest

from knowledge import ArticleError, read_articles
from knowledge.plain import WORDS, read_plain


def write(folder, text, name="notes.md"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_headings_make_sections(tmp_path):
    write(tmp_path, "# Lesson 3\n\nIntro.\n\n## Freezing\nText on freezing.\n\n### In code\n```python\n# no heading\nx = 1\n\ny = 2\n```\n")
    article, = read_articles([tmp_path])
    assert article.title == "Lesson 3" and article.course
    assert [section.heading for section in article.sections] == ["Lesson 3", "Freezing", "In code"]
    assert "x = 1\n\ny = 2" in article.sections[2].text
    assert article.sources["course"].citation == "Course material. Lesson 3. notes.md." and article.sections[1].cites == ("course",)


def test_a_long_section_is_cut_between_paragraphs(tmp_path):
    article = read_plain(write(tmp_path, "# T\n\n" + "\n\n".join(["word " * 100] * 5)))
    assert len(article.sections) == 3 and all(len(section.plain.split()) <= WORDS for section in article.sections)


def test_without_any_heading_the_file_gives_its_name(tmp_path):
    assert read_plain(write(tmp_path, "Just text.", "my-notes.md")).title == "my notes"


@pytest.mark.parametrize(("text", "says"), [(b"\xff\xfe", "not UTF-8"), ("# Only a heading\n", "no text"), ("x" * 300_000, "larger than")])
def test_faults_are_named(tmp_path, text, says):
    with pytest.raises(ArticleError, match=says):
        read_plain(write(tmp_path, text))


def test_front_matter_keeps_its_rules_elsewhere_too(tmp_path):
    write(tmp_path, "---\ntitle: x\n---\ntext")
    with pytest.raises(ArticleError, match="questions"):
        read_articles([tmp_path])


COURSE = """# Lecture 3

## What do we call the two ways in this course?
The frozen way is called the museum way, the tuned way the workshop way.

## Which layers change most when I fine-tune?
In our lab runs the top three layers moved most.
"""


@pytest.fixture(scope="module")
def with_course(tmp_path_factory, index):
    from demos.lab.settings import LabSettings
    from knowledge import Index
    from knowledge.library import ARTICLES

    folder = tmp_path_factory.mktemp("course")
    write(folder, COURSE, "lecture-3.md")
    write(folder, "Office hours are on Tuesday at ten in room 4.12. Bring your loss curves.", "notes.md")
    # A share of the bundled articles is enough to be outranked. Their vectors are there, in a copy: an index keeps only its own.
    articles, cache = read_articles([ARTICLES / "change", ARTICLES / "basics", folder]), tmp_path_factory.mktemp("cache")
    shutil.copytree(LabSettings().cache_dir / "index", cache / "index")
    return Index(articles, index.embed, cache)


@pytest.mark.parametrize(("question", "answers"), [
    ("what is the museum way?", "lecture-3"),  # only the course has it, and no field of the bundled articles is asked about
    ("When are the office hours?", "notes"),
    ("Which layers change most when I fine-tune?", "lecture-3"),  # both have it
    ("Does fine-tuning change the embedding layer?", None),  # only the bundled ones
])
def test_course_material_answers_first_where_it_is_near(with_course, question, answers):
    from knowledge.confidence import fitted

    hit = with_course.search([question])[0]
    assert hit.article.course == (answers is not None) and answers in (None, hit.article.slug)
    assert hit.confidence >= fitted()["answer"]


@pytest.mark.parametrize("question", ["how do I prepare pizza?", "what is the capital of France?", "who won the match on Tuesday?"])
def test_course_material_does_not_open_the_door_to_other_fields(with_course, question):
    from knowledge.confidence import fitted

    assert max(hit.confidence for hit in with_course.search([question])[:3]) < fitted()["answer"]
