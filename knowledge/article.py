"""Articles as plain objects: an article has sections and claims, and cites sources.

A fault in a file is an ArticleError that names the file, the line and what to do.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CITATION = re.compile(r"\[(@[\w:-]+(?:\s*;\s*@[\w:-]+)*)\]")
FILE_BYTES = 256_000

Verdict = Literal["right", "partly", "wrong"]


class ArticleError(Exception):
    """A fault in an article: file, line, what is wrong and what to do."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path.name}, line {line}: {what}" if line else what)
        self.path, self.line, self.what = path, line, what


class Source(BaseModel):
    """An entry of the bibliography."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    authors: str
    year: int
    title: str
    venue: str
    url: str = Field(pattern=r"^https?://\S+$")

    @property
    def citation(self) -> str:
        """One line, as it is shown under an answer."""
        year = f" ({self.year})" if self.year else ""
        return f"{self.authors}{year}. {self.title}. {self.venue}."


class Claim(BaseModel):
    """A statement that readers make, and what is true of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    also: tuple[str, ...] = ()
    verdict: Verdict
    correction: str
    cites: tuple[str, ...] = Field(min_length=1)

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every way in which the article writes the statement."""
        return (self.text, *self.also)


@dataclass(frozen=True)
class Section:
    """The unit that answers: a heading that is a question, and the text under it. The lead's heading is the title."""

    article: str
    heading: str
    text: str  # Markdown with [@key] marks
    asks: tuple[str, ...]  # other ways to ask it

    @cached_property
    def cites(self) -> tuple[str, ...]:
        """The cited keys, in order of first use."""
        return tuple(dict.fromkeys(key for mark in CITATION.findall(self.text) for key in re.findall(r"@([\w:-]+)", mark)))

    @cached_property
    def plain(self) -> str:
        """The text without citation marks and code, as it is searched."""
        return re.sub(r"\s+", " ", CITATION.sub("", without_code(self.text))).strip()


@dataclass(frozen=True)
class Article:
    """One question and its neighbours. `sections[0]` is the lead."""

    slug: str
    title: str
    topic: str
    sections: tuple[Section, ...]
    claims: tuple[Claim, ...]
    demos: tuple[str, ...]
    sources: dict[str, Source] = field(repr=False)
    course: bool = False  # an instructor's own: outranks the bundled articles

    @property
    def lead(self) -> Section:
        """The section that answers the title."""
        return self.sections[0]


def decoded(path: Path) -> str:
    """The text of a file. Raises ArticleError if it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ArticleError(path, line, "the file is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise ArticleError(path, 1, f"the file cannot be read ({error.strerror})") from error


def without_code(text: str) -> str:
    """The text without its fenced blocks."""
    return re.sub(r"^```.*?^```[^\n]*$", "", text, flags=re.DOTALL | re.MULTILINE)
