"""An instructor's plain Markdown: sections by headings, cited as its own."""

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
