"""Where articles lie, and all of them read: the bundled folder in its form, an instructor's folders in either form. And how
readers put what the bundled ones answer.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from knowledge import form
from knowledge.article import Article, ArticleError, Source
from knowledge.plain import is_plain, read_plain

ARTICLES, SOURCES = Path(__file__).parent / "articles", Path(__file__).parent / "sources.yaml"
MESSAGES = Path(__file__).parent / "messages.jsonl"  # for many sections a long message, a middling and a careless one
SEARCHED = ("medium", "short")  # of these kinds: long ones hold much that many readers of other sections say too


def read_sources() -> dict[str, Source]:
    """The bibliography of the bundled articles. Raises ArticleError."""
    return form.read_sources(SOURCES)


def read_articles(folders: Iterable[Path] = (ARTICLES,), demos: Iterable[str] | None = None) -> tuple[Article, ...]:
    """Every article below the folders, in order of file name. Raises ArticleError at the first fault.

    Below other folders than the bundled one, Markdown without front matter is read by its headings (plain.py).
    """
    sources, articles = read_sources(), []
    seen: dict[str, str] = {}
    for path in article_files(folders):
        if path.stem in seen:
            raise ArticleError(path, 1, f"the name {path.stem} is taken by {seen[path.stem]}; rename one of the two files")
        seen[path.stem] = path.parent.name + "/" + path.name
        articles.append(read_file(path, sources, demos))
    return tuple(articles)


def read_file(path: Path, sources: dict[str, Source], demos: Iterable[str] | None = None) -> Article:
    """An article in either form. Raises ArticleError."""
    if ARTICLES in path.parents:
        return form.read_article(path, sources, demos)
    return read_plain(path) if is_plain(path) else replace(form.read_article(path, sources, demos), course=True)


def article_files(folders: Iterable[Path]) -> list[Path]:
    """The Markdown files below the folders; README files are about articles, not articles."""
    paths = []
    for folder in folders:
        if not folder.is_dir():
            raise ArticleError(folder, 0, f"there is no folder {folder}")
        paths += [path for path in sorted(folder.rglob("*.md")) if path.name != "README.md"]
    return paths


def read_messages() -> dict[tuple[str, str], tuple[str, ...]]:
    """By article and heading, what readers might write who need that section: further ways of asking for it, never shown."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for line in MESSAGES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        place = row["slug"], row["heading"]
        found[place] = found.get(place, ()) + tuple(row[kind] for kind in SEARCHED)
    return found
