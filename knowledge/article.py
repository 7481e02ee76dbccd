"""Articles: Markdown files with front matter, read into plain objects. The form is described in articles/README.md.

A fault in a file is an ArticleError that names the file, the line and what to do.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import frontmatter
import yaml
from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

ARTICLES, SOURCES = Path(__file__).parent / "articles", Path(__file__).parent / "sources.yaml"
CITATION = re.compile(r"\[(@[\w:-]+(?:\s*;\s*@[\w:-]+)*)\]")
LEAD_WORDS, SECTION_WORDS, CORRECTION_WORDS, FILE_BYTES, MIN_SECTIONS, MAX_SECTIONS = 80, 190, 45, 256_000, 2, 6

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


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    questions: tuple[str, ...] = Field(min_length=3)
    asks: dict[str, tuple[str, ...]] = {}
    claims: tuple[Claim, ...] = ()
    demos: tuple[str, ...] = ()
    sources: dict[str, Source] = {}


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


def read_sources(path: Path = SOURCES) -> dict[str, Source]:
    """The bibliography. Raises ArticleError."""
    try:
        return {key: Source(**entry) for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()}
    except yaml.YAMLError as error:
        raise ArticleError(path, _yaml_line(error), "this is not valid YAML; check quotes and indentation") from error
    except ValidationError as error:
        raise ArticleError(path, 1, _first_fault(error)) from error


def read_article(path: Path, sources: dict[str, Source], demos: Iterable[str] | None = None) -> Article:
    """Read and check one file. `demos`: the known experiments, or None to leave their names unchecked.

    Raises ArticleError.
    """
    text = decoded(path)
    if len(text.encode()) > FILE_BYTES:
        raise ArticleError(path, 1, f"the file is larger than {FILE_BYTES:,} bytes; split it")
    if not text.startswith("---"):
        raise ArticleError(path, 1, "there is no front matter; begin the file with --- and a title")
    try:
        parsed = frontmatter.loads(text)
        front = _FrontMatter.model_validate(parsed.metadata)
    except yaml.YAMLError as error:
        raise ArticleError(path, 1 + _yaml_line(error), "the front matter is not valid YAML; check quotes and indentation") from error
    except (ValidationError, TypeError) as error:
        where = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ()
        raise ArticleError(path, _line_of(text, str(where[0]) + ":" if where else "---"), _first_fault(error)) from error
    sections = _split(path.stem, front, parsed.content)
    article = Article(path.stem, front.title, path.parent.name, sections, front.claims, front.demos,
                      {**sources, **front.sources})
    _check(path, text, front, article, demos)
    return article


def decoded(path: Path) -> str:
    """The text of a file. Raises ArticleError if it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ArticleError(path, line, "the file is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise ArticleError(path, 1, f"the file cannot be read ({error.strerror})") from error


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
    from knowledge import plain  # it stands on this module

    if ARTICLES in path.parents:
        return read_article(path, sources, demos)
    return plain.read_plain(path) if plain.is_plain(path) else replace(read_article(path, sources, demos), course=True)


def article_files(folders: Iterable[Path]) -> list[Path]:
    """The Markdown files below the folders; README files are about articles, not articles."""
    paths = []
    for folder in folders:
        if not folder.is_dir():
            raise ArticleError(folder, 0, f"there is no folder {folder}")
        paths += [path for path in sorted(folder.rglob("*.md")) if path.name != "README.md"]
    return paths


def without_code(text: str) -> str:
    """The text without its fenced blocks."""
    return re.sub(r"^```.*?^```[^\n]*$", "", text, flags=re.DOTALL | re.MULTILINE)


def _split(slug: str, front: _FrontMatter, body: str) -> tuple[Section, ...]:
    lines, headings = body.splitlines(), []
    for token, content in zip(tokens := MarkdownIt().parse(body), tokens[1:], strict=False):
        if token.type == "heading_open" and token.tag == "h2" and token.map:
            headings.append((token.map[0], content.content))
    starts = [(0, front.title), *headings]
    sections = []
    for number, (start, heading) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(lines)
        text = "\n".join(lines[start + (number > 0):end]).strip()
        asks = front.questions if number == 0 else front.asks.get(heading, ())
        sections.append(Section(slug, heading, text, tuple(asks)))
    return tuple(sections)


def _check(path: Path, text: str, front: _FrontMatter, article: Article, demos: Iterable[str] | None) -> None:
    for needle, what in (*_section_faults(article), *_reference_faults(front, article, demos)):
        raise ArticleError(path, _line_of(text, needle), what)


def _section_faults(article: Article) -> Iterator[tuple[str, str]]:
    """(a stretch of the file to point at, what is wrong there)"""
    if not article.lead.text:
        yield "---", "there is no lead; answer the title right after the front matter"
    if not MIN_SECTIONS <= len(article.sections) - 1 <= MAX_SECTIONS:
        yield "## ", f"there are {len(article.sections) - 1} sections (## headings); write {MIN_SECTIONS} to {MAX_SECTIONS}"
    for section in article.sections:
        limit = LEAD_WORDS if section is article.lead else SECTION_WORDS
        count = len(section.plain.split())
        if count > limit:
            yield section.heading, f"“{section.heading}” has {count} words; at most {limit}"
        if not section.cites:
            yield section.heading, f"“{section.heading}” cites no source; end a sentence with [@key]"
        if not section.heading.endswith("?"):
            yield section.heading, f"“{section.heading}” is not a question; end it with ?"


def _reference_faults(front: _FrontMatter, article: Article, demos: Iterable[str] | None) -> Iterator[tuple[str, str]]:
    headings = [section.heading for section in article.sections]
    for heading in front.asks:
        if heading not in headings[1:]:
            yield heading, f"`asks` names “{heading}”, which is no heading of this article"
    for key in [key for section in article.sections for key in section.cites] + [k for c in front.claims for k in c.cites]:
        if key not in article.sources:
            yield key, f"the source {key} is unknown; add it to `sources:` here or to sources.yaml"
    for claim in front.claims:
        if len(claim.correction.split()) > CORRECTION_WORDS:
            yield claim.text, f"the correction of “{claim.text}” is longer than {CORRECTION_WORDS} words"
    for demo in front.demos:
        if demos is not None and demo not in demos:
            yield demo, f"the experiment {demo} is unknown; the experiments are {', '.join(demos)}"


def _line_of(text: str, needle: str) -> int:
    place = text.find(needle)
    return text.count("\n", 0, place) + 1 if place >= 0 else 1


def _yaml_line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _first_fault(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "the front matter must be a list of `key: value` lines"
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"`{name}` is missing; add it"
    if first["type"] == "extra_forbidden":
        return f"`{name}` is not a known key; see knowledge/articles/README.md"
    return f"`{name}`: {first['msg']}"
