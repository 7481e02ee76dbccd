"""A malformed article is refused with file, line and what to do."""

import shutil

import pytest

from knowledge.article import ArticleError, Source
from knowledge.form import read_article, read_sources
from knowledge.library import read_articles

SOURCES = {"a2020": Source(authors="A", year=2020, title="T", venue="V", url="https://example.org/a")}
GOOD = """---
title: Does it move?
questions: [does it, will it, has it]
asks:
  "How far?": [how much]
claims:
  - {text: It moves., verdict: right, correction: It does., cites: [a2020]}
demos: [word_drift]
---
Yes, it moves. [@a2020]

## How far?
Far. [@a2020; @a2020]

```python
## not a heading
```

## Why?
Because. [@a2020]
"""


def read(tmp_path, text, demos=("word_drift",)):
    path = tmp_path / "moves.md"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_article(path, SOURCES, demos)


def test_a_good_article(tmp_path):
    article = read(tmp_path, GOOD)
    assert [section.heading for section in article.sections] == ["Does it move?", "How far?", "Why?"]
    assert article.lead.asks == ("does it", "will it", "has it") and article.sections[1].asks == ("how much",)
    assert article.lead.plain == "Yes, it moves." and article.sections[1].cites == ("a2020",)
    assert "not a heading" in article.sections[1].text and "not a heading" not in article.sections[1].plain


@pytest.mark.parametrize(("old", "new", "line", "what"), [
    ("title: Does it move?\n", "", 1, "`title` is missing"),
    ("title: Does it move?", "title: [Does it", 4, "not valid YAML"),
    ("---\ntitle", "title", 1, "no front matter"),
    ("[@a2020]\n\n## How", "[@b2021]\n\n## How", 10, "the source b2021 is unknown"),
    ("cites: [a2020]", "cites: [zzz]", 7, "the source zzz is unknown"),
    ("demos: [word_drift]", "demos: [word_drif]", 8, "the experiment word_drif is unknown; the experiments are word_drift"),
    ("verdict: right", "verdict: yes", 6, "`claims.0.verdict`"),
    ("demos:", "demo:", 8, "`demo` is not a known key"),
    ('"How far?"', '"How near?"', 5, "`asks` names “How near?”"),
    ("## Why?", "## Why", 19, "is not a question"),
    ("Because. [@a2020]", "Because.", 19, "cites no source"),
    ("Yes, it moves.", "Yes " * 81, 2, "81 words; at most 80"),
    ("It does.", "It does " * 30, 7, "longer than 45 words"),
    ("\n## Why?\nBecause. [@a2020]\n", "", 12, "there are 1 sections"),
])
def test_a_fault_names_line_and_remedy(tmp_path, old, new, line, what):
    assert old in GOOD
    with pytest.raises(ArticleError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert what in str(caught.value) and caught.value.line == line
    assert str(caught.value).startswith(f"moves.md, line {line}: ")


def test_a_file_that_is_not_utf8(tmp_path):
    with pytest.raises(ArticleError, match="line 2: the file is not UTF-8"):
        read(tmp_path, GOOD.replace("move?", "möve?").encode("latin-1"))


def test_duplicate_names(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "moves.md").write_text(GOOD.replace("a2020", "devlin2019"))
    with pytest.raises(ArticleError, match="the name moves is taken by one/moves.md"):
        read_articles([tmp_path])


def test_a_faulty_bibliography(tmp_path):
    (tmp_path / "s.yaml").write_text("a: {authors: A, year: x}")
    with pytest.raises(ArticleError, match=r"s.yaml, line 1: `year`"):
        read_sources(tmp_path / "s.yaml")


def test_check_prints_every_fault(tmp_path, capsys):
    from typer.testing import CliRunner

    from knowledge.__main__ import app

    (tmp_path / "moves.md").write_text(GOOD.replace("a2020", "devlin2019"))
    assert CliRunner().invoke(app, ["check", str(tmp_path)]).exit_code == 0
    (tmp_path / "bad.md").write_text(GOOD.replace("title: Does it move?\n", ""))
    (tmp_path / "worse.md").write_text("# Only a heading")
    result = CliRunner().invoke(app, ["check", str(tmp_path)])
    assert result.exit_code == 1
    assert "bad.md:1: `title` is missing" in result.output and "worse.md:1: the file has no text" in result.output
    assert "3 articles, 2 with a fault." in result.output
    shutil.rmtree(tmp_path)
    assert CliRunner().invoke(app, ["check", str(tmp_path)]).exit_code == 1
