"""Links that open the app on one question or one experiment, and nothing but what they say: no server state.

    ?q=Does+fine-tuning+change+every+layer%3F
    ?demo=word_drift&word=bank&sentence=...&sentence=...&model=qa&layer=4&seed=0
    ?topic=practice  ?theme=dark  ?embed=1
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bot.question import MAX_CHARACTERS
from demos import find_demos
from demos.lab.reproduce import LISTS, OPTIONS

PAGE = {"topic", "theme", "embed", "__theme", "view", "deep_link"}  # read by the page itself
LONGEST = 20_000  # characters of one value


@dataclass(frozen=True)
class Link:
    """What a link asks for. `notes`: what of it was not understood, in sentences for the reader."""

    question: str | None = None
    demo: str | None = None
    parameters: dict | None = None
    notes: tuple[str, ...] = ()


def read_link(pairs: Iterable[tuple[str, str]]) -> Link:
    """Read a link's query. What is unknown is ignored with a note; it is never an error."""
    question: str | None = None
    demo: str | None = None
    given: dict[str, Any] = {}
    notes: list[str] = []
    for name, value in pairs:
        if name == "q":
            question = value[:LONGEST].strip() or None
        elif name == "demo":
            demo = value.strip()
        elif name in LISTS or name in OPTIONS:  # repeated, one a line, or (the plural of models) separated by commas
            parts = value.split(",") if name == "models" else value.splitlines()
            key = LISTS.get(name, name)
            given[key] = [*given.get(key, []), *(part.strip() for part in parts if part.strip())]
        elif name not in PAGE:
            given[name] = value
    if question and len(question) > MAX_CHARACTERS:
        notes.append(f"The link's question has more than {MAX_CHARACTERS:,} characters; its beginning is asked.")
        question = question[:MAX_CHARACTERS]
    if demo and demo not in find_demos():
        notes.append(f"The link names an experiment that is not here: {demo[:40]}.")
        demo = None
    takes = find_demos()[demo].schema if demo else {}
    unknown = [name for name in given if name not in takes]
    if unknown:
        notes.append("The link has parts that are not understood here and were ignored: "
                     + ", ".join(OPTIONS.get(name, name)[:30] for name in unknown[:6]) + ".")
    parameters = {name: read_value(value, takes[name]) for name, value in given.items() if name in takes}
    return Link(question, demo, {name: value for name, value in parameters.items() if value not in (None, "", [])}, tuple(notes))


def read_value(value: str | list[str], schema: dict) -> object:
    """A value of a link or form, as the experiment takes it: a list of lines, or what was written; empty is None."""
    if isinstance(value, list):
        return value
    value = value.strip()
    if takes_list(schema):
        return [line.strip() for line in value.splitlines() if line.strip()] or None
    return value or None


def takes_list(schema: dict) -> bool:
    """Whether a parameter is a list, or a list or nothing."""
    return any(kind.get("type") == "array" for kind in (schema, *schema.get("anyOf", ())))


def question_link(question: str) -> str:
    """The query that asks this question."""
    return "?" + urlencode({"q": question})


def experiment_link(demo: str, parameters: dict) -> str:
    """The query that runs this experiment with these parameters."""
    pairs = [("demo", demo)]
    for name, value in parameters.items():
        pairs += [(OPTIONS.get(name, name), str(item)) for item in (value if isinstance(value, list | tuple) else [value])
                  if item is not None]
    return "?" + urlencode(pairs)
