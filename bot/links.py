"""Links that open the app on one question or one experiment, and nothing but what they say: no server state.

    ?q=Does+fine-tuning+change+every+layer%3F                     several are asked in turn
    ?after=Is+word2vec+frozen%3F&q=Why%3F                          a question that goes on from others
    ?demo=word_drift&word=bank&sentence=...&sentence=...&model=qa&layer=4&seed=0
    ?topic=practice  ?lang=de  ?theme=dark  ?embed=1
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bot.question import MAX_CHARACTERS
from bot.words import ENGLISH, Words
from demos import find_demos
from demos.lab.reproduce import LISTS, OPTIONS

PAGE = {"lang", "theme", "embed", "__theme", "__lang", "view", "deep_link"}  # read by the page itself
MOST_QUESTIONS = 12  # that one link asks
LONGEST = 20_000  # characters of one value


@dataclass(frozen=True)
class Link:
    """What a link asks for. `after`: earlier questions that the first one goes on from, not asked again. `notes`: what of it was
    not understood, in sentences for the reader."""

    questions: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    demo: str | None = None
    parameters: dict | None = None
    topic: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def question(self) -> str | None:
        """The first question that is asked."""
        return self.questions[0] if self.questions else None


def read_link(pairs: Iterable[tuple[str, str]], says: Words = ENGLISH) -> Link:
    """Read a link's query. What is unknown is ignored with a note in the words of `says`; it is never an error."""
    asked: dict[str, list[str]] = {"q": [], "after": []}
    demo = topic = None
    given: dict[str, Any] = {}
    notes: list[str] = []
    for name, value in pairs:
        if name in asked:
            asked[name] += [value[:LONGEST].strip()] if value.strip() else []
        elif name == "demo":
            demo = value.strip()
        elif name == "topic":
            topic = value.strip()[:80] or None
        elif name in LISTS or name in OPTIONS:  # repeated, one a line, or (the plural of models) separated by commas
            parts = value.split(",") if name == "models" else value.splitlines()
            key = LISTS.get(name, name)
            given[key] = [*given.get(key, []), *(part.strip() for part in parts if part.strip())]
        elif name not in PAGE:
            given[name] = value
    if any(len(question) > MAX_CHARACTERS for question in asked["q"]):
        notes.append(says("link_long", limit=f"{MAX_CHARACTERS:,}"))
    if len(asked["q"]) > MOST_QUESTIONS:
        notes.append(says("link_many", limit=MOST_QUESTIONS))
    questions, after = (tuple(question[:MAX_CHARACTERS] for question in asked[name]) for name in ("q", "after"))
    if demo and demo not in find_demos():
        notes.append(says("link_demo", name=demo[:40]))
        demo = None
    takes = find_demos()[demo].schema if demo else {}
    unknown = [name for name in given if name not in takes]
    if unknown:
        notes.append(says("link_unknown", names=", ".join(OPTIONS.get(name, name)[:30] for name in unknown[:6])))
    parameters = {name: read_value(value, takes[name]) for name, value in given.items() if name in takes}
    parameters = {name: value for name, value in parameters.items() if value not in (None, "", [])}
    return Link(questions[:MOST_QUESTIONS], after[-MOST_QUESTIONS:], demo, parameters, topic, tuple(notes))


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


def question_link(question: str, after: Iterable[str] = (), topic: str | None = None) -> str:
    """The query that asks this question; `after`: the earlier ones that it goes on from."""
    pairs = [("topic", topic)] if topic else []
    return "?" + urlencode([*pairs, *(("after", earlier) for earlier in after), ("q", question)])


def experiment_link(demo: str, parameters: dict) -> str:
    """The query that runs this experiment with these parameters."""
    pairs = [("demo", demo)]
    for name, value in parameters.items():
        pairs += [(OPTIONS.get(name, name), str(item)) for item in (value if isinstance(value, list | tuple) else [value])
                  if item is not None]
    return "?" + urlencode(pairs)
