"""The contract of the bundled articles."""

import contextlib
import io
import re

import pytest

from demos import find_demos
from knowledge.library import ARTICLES, article_files, read_articles, read_sources

ALL = read_articles(demos=list(find_demos()))
BLOCKS = [pytest.param(match[2], id=f"{path.stem}-{number}") for path in article_files([ARTICLES])
          for number, match in enumerate(re.finditer(r"^```python([^\n]*)\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE), 1)
          if not match[1].strip()]


def test_there_are_enough():
    assert len(ALL) >= 30


@pytest.mark.parametrize("article", ALL, ids=lambda article: article.slug)
def test_article(article):
    text = " ".join(section.text for section in article.sections)
    assert len({section.heading for section in article.sections}) == len(article.sections)
    assert not re.search(r"\bfacts\.md\b|\[unverified\]|TODO", text)
    for claim in article.claims:
        assert len(claim.text.split()) >= 3 and claim.correction.endswith((".", ")"))


def test_no_code_block_is_left_out_without_a_reason():
    for path in article_files([ARTICLES]):
        for info in re.findall(r"^```python(.*)$", path.read_text(), re.MULTILINE):
            assert not info.strip() or re.fullmatch(r" no-run: .{5,}", info), f"{path.name}: ```python{info}"


def test_no_wording_of_a_claim_has_two_verdicts():
    verdicts: dict[str, set] = {}
    for article in ALL:
        for claim in article.claims:
            for wording in claim.wordings:
                verdicts.setdefault(wording.lower().strip(" ."), set()).add(claim.verdict)
    assert not {wording: found for wording, found in verdicts.items() if len(found) > 1}


def test_every_source_is_cited_somewhere():
    cited = {key for article in ALL for section in article.sections for key in section.cites}
    cited |= {key for article in ALL for claim in article.claims for key in claim.cites}
    unused = set(read_sources()) - cited
    assert not unused, f"delete from sources.yaml: {sorted(unused)}"


@pytest.mark.slow
@pytest.mark.parametrize("code", BLOCKS)
def test_code_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "article", "exec"), {"__name__": "article"})
