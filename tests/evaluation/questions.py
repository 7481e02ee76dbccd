"""The questions that search is measured on.

`dev` (questions.jsonl) and `posts` (long, messy posts of posts.jsonl) are for choosing and fitting. `unseen` (unseen.jsonl) was
written before the ways of asking it is measured with, and nothing is fitted to it; one choice was made in its sight (LOG.md: which
messages are searched). To `posts kept out`, the rows of posts.jsonl with `use` "floor", nothing is fitted either. A row has
`question`, `kind` ("in", or near, mid, far for out of scope) and, in scope, `expect`: the accepted sections as slug#heading, or
slug for a lead. Sections that no article has (any more) are passed over.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from knowledge import Article

HERE = Path(__file__).parent
FILES = {"dev": HERE / "questions.jsonl", "unseen": HERE / "unseen.jsonl"}
POSTS = HERE / "posts.jsonl"


def lines(path: Path) -> list[dict]:
    """The rows of a file with one JSON object a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def in_scope(name: str) -> list[dict]:
    """The questions of a set that the articles answer: dev, unseen, posts, posts kept out."""
    if name.startswith("posts"):
        return [row for row in lines(POSTS) if (row["use"] == "floor") == (name == "posts kept out")]
    return [row for row in lines(FILES[name]) if row["kind"] == "in"]


def out_of_scope(name: str) -> list[dict]:
    """The questions of a set that must be declined."""
    return [row for row in lines(FILES[name]) if row["kind"] != "in"]


def accepted(row: dict, articles: Sequence[Article]) -> set[tuple[str, str]]:
    """The accepted sections of a question as (slug, heading)."""
    leads = {article.slug: article.title for article in articles}
    pairs = (expected.partition("#") for expected in row["expect"])
    return {(slug, heading or leads.get(slug, "")) for slug, _, heading in pairs}
