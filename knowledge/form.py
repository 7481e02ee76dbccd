"""The form of the bundled articles: front matter and headings, as articles/README.md describes it; read and checked here."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import frontmatter
import yaml
from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.article import FILE_BYTES, Article, ArticleError, Claim, Section, Source, decoded

LEAD_WORDS, SECTION_WORDS, CORRECTION_WORDS, MIN_SECTIONS, MAX_SECTIONS = 80, 190, 45, 2, 6


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    questions: tuple[str, ...] = Field(min_length=3)
    asks: dict[str, tuple[str, ...]] = {}
    claims: tuple[Claim, ...] = ()
    demos: tuple[str, ...] = ()
    sources: dict[str, Source] = {}


def read_sources(path: Path) -> dict[str, Source]:
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
