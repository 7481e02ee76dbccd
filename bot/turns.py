"""Turns of a conversation as plain records: what was asked, and what is shown for it so far. No Gradio here.

A record holds `question`, `words` (Markdown), `cards` and `sources` (HTML), `pending` and `partial` (what is under way), `links`
(what a reload can show again without the figures) and `running` (the experiment that a reload finds again).
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from bot.answer import Answer
from bot.card import card
from bot.links import Link, experiment_link
from bot.question import MessageError
from bot.runs import Planned
from bot.tutor import Reply, Tutor, Unavailable
from demos import Evidence, find_demos
from demos.lab.reproduce import OPTIONS
from knowledge.library import read_sources

PATIENCE = 900.0  # seconds that an experiment on the page waits for models in training
KEPT_TURNS = 20  # in the reader's browser
Turn = dict[str, Any]


def new_turn(question: str, asked: bool = True) -> Turn:
    """A turn of which nothing is known yet. `asked`: a question in words, which later ones may lean on."""
    return {"question": question, "asked": asked, "words": "", "cards": [], "sources": "", "pending": "Looking it up", "partial": "",
            "links": [], "running": None, "follow_ups": []}


def questions(turns: list[Turn]) -> list[str]:
    """What was asked in words, oldest first."""
    return [turn["question"] for turn in turns if turn["asked"] and turn["question"]]


def answered(tutor: Tutor, question: str, earlier: list[str], notes: tuple[str, ...] = ()) -> Iterator[Turn]:
    """The turn of one question, more complete each time. `notes`: what is to be said before the answer."""
    turn, result = new_turn(question), Answer(question)
    for note in notes:
        result.add(Reply(note))
    yield turn
    try:
        for part in tutor.answer(question, earlier, patience=PATIENCE):
            yield (turn := _with(turn, result, part))
    except MessageError as error:
        turn = _with(turn, result, Reply(str(error)))
    yield {**turn, "pending": "", "partial": "", "running": None, "follow_ups": list(result.follow_ups)}


def measured(tutor: Tutor, link: Link, turn: Turn | None = None) -> Iterator[Turn]:
    """The turn of one experiment that was asked for by a form or a link; `turn`: one that a reload takes up again."""
    assert link.demo is not None
    parameters = link.parameters or {}
    turn = turn or new_turn(f"Run: {find_demos()[link.demo].title} {described(parameters)}".strip(), asked=False)
    result = Answer(turn["question"])
    if link.notes:
        turn = {**turn, "words": " ".join(link.notes)}
    yield turn
    for part in tutor.experiment(link.demo, parameters, PATIENCE):
        yield (turn := {**_with(turn, result, part), "words": turn["words"], "sources": turn["sources"]})
    yield {**turn, "pending": "", "partial": "", "running": None, "follow_ups": []}


def described(parameters: dict) -> str:
    """Parameters in a few words: (word: bank; layer: 4)."""
    shown = [f"{OPTIONS.get(name, name)}: {_short(value)}" for name, value in parameters.items() if value not in (None, [], "")]
    return f"({'; '.join(shown)})" if shown else ""


def kept(turns: list[Turn]) -> list[Turn]:
    """What the reader's browser keeps: the last turns, with links in place of the figures."""
    return [{**turn, "cards": [_link(title, query) for title, query in turn["links"]], "partial": ""} for turn in turns[-KEPT_TURNS:]]


def _with(turn: Turn, result: Answer, part: object) -> Turn:
    """The turn with one more part of its answer."""
    result.add(part)  # type: ignore[arg-type]
    turn = {**turn, "words": result.markdown(claims_of_evidence=False), "sources": _sources(result), "pending": result.pending,
            "partial": result.partial.svg if result.partial else ""}
    match part:
        case Planned():
            turn["running"] = {"demo": part.demo, "parameters": part.parameters}
        case Evidence():
            title = find_demos()[part.demo].title
            turn |= {"cards": [*turn["cards"], card(part, len(result.evidence), title, read_sources())], "running": None,
                     "links": [*turn["links"], [title, experiment_link(part.demo, part.parameters)]]}
        case Unavailable():
            turn |= {"cards": [*turn["cards"], f"<p>{escape(part.reason)}</p>"], "running": None}
    return turn


def _link(title: str, query: str) -> str:
    return f'<p class="again"><a href="{escape(query)}" data-run="{escape(query)}">Run again: {escape(title)}</a></p>'


def _short(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) if sum(map(len, map(str, value))) < 60 else f"{len(value)} given"
    text = str(value)
    return text if len(text) <= 60 else f"{len(text.splitlines())} lines given"


def _sources(result: Answer) -> str:
    items = "".join(f"<li>[{source['label']}] {_linked(escape(source['citation']), source['url'])}</li>" for source in result.sources)
    return f'<details class="sources"><summary>Sources ({len(result.sources)})</summary><ol>{items}</ol></details>' if items else ""


def _linked(text: str, url: str) -> str:
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{text}</a>' if url else text
