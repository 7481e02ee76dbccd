"""An instructor's own Markdown, as it lies there: no front matter, no citations; each heading begins a section.

Such a file is read as an article that is cited as its own source. Claims, ways of asking and experiments need the form of
articles/README.md.
"""

import re
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from knowledge.article import FILE_BYTES, Article, ArticleError, Section, Source, decoded

KEY = "course"
WORDS = 250  # a longer section is cut between paragraphs, so that an answer stays an answer


def is_plain(path: Path) -> bool:
    """Whether a file has no front matter."""
    with path.open("rb") as file:
        return not file.read(3).startswith(b"---")


def read_plain(path: Path) -> Article:
    """Read a plain Markdown file. Raises ArticleError if it is not UTF-8, too large, or has no text."""
    text = decoded(path)
    if len(text.encode()) > FILE_BYTES:
        raise ArticleError(path, 1, f"the file is larger than {FILE_BYTES:,} bytes; split it")
    lines, tokens = text.splitlines(), MarkdownIt().parse(text)
    headings = [(token.map[0], token.map[1], content.content, token.tag)
                for token, content in pairwise(tokens) if token.type == "heading_open" and token.map]
    title = next((heading for *_, heading, tag in headings if tag == "h1"), path.stem.replace("-", " ").replace("_", " "))
    source = Source.model_construct(authors="Course material", year=0, title=title, venue=path.name, url="")
    starts = [(0, 0, title, "h1"), *headings]
    sections: list[Section] = []
    for number, (_, body, heading, _tag) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(lines)
        for part in _parts("\n".join(lines[body:end]).strip()):
            sections.append(Section(path.stem, heading, f"{part} [@{KEY}]", ()))
    if not sections:
        raise ArticleError(path, 1, "the file has no text under its headings; write some or remove it")
    return Article(path.stem, title, path.parent.name, tuple(sections), (), (), {KEY: source}, course=True)


def _parts(text: str) -> list[str]:
    """The text in parts of at most about WORDS words, cut between paragraphs; a code block is never cut."""
    parts: list[list[str]] = [[]]
    for paragraph in re.split(r"\n\s*\n(?=(?:[^`]*```[^`]*```)*[^`]*$)", text):
        if parts[-1] and len(" ".join([*parts[-1], paragraph]).split()) > WORDS:
            parts.append([])
        if paragraph.strip():
            parts[-1].append(paragraph.strip())
    return ["\n\n".join(part) for part in parts if part]
