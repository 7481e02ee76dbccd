"""Turns of a conversation as plain records: what was asked, and what is shown for it so far. No Gradio, no HTML of pages.

A record holds `question`; `after` (earlier questions of a link that it goes on from); `notes` (sentences of the app before the
answer, in the reader's language); `words` (Markdown, English); `items` (what is shown under them: experiments by name and
parameters, or a sentence, with `change`, the experiment that it refuses) with the HTML of each in `cards`; `evidence` by the number
of its item; `cited` (sources); `pending`, `doing` and `partial` (what is under way: in the reader's words, in English, as a figure);
`running` (the experiment that a reload finds again). `id` is the answer's own random one, `outcome` how it went, and `kept_as` the
id again if it is kept for the teachers (ratings.py).
What the reader's browser keeps of it is `kept`, and `restored` makes records of that again.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from bot import quiz
from bot.answer import Answer
from bot.card import card
from bot.form import form
from bot.links import Link, experiment_link, question_link
from bot.question import MessageError, clean, read
from bot.runs import Planned, Runs, Waiting
from bot.tutor import Reply, Tutor, Unavailable
from bot.words import Words, words
from demos import Evidence, Progress, find_demos
from demos.lab.reproduce import OPTIONS
from knowledge.library import read_sources

PATIENCE = 900.0  # seconds that an experiment on the page waits for models in training
KEPT_TURNS = 20  # in the reader's browser
REMEMBERED = 12  # earlier questions in the link to a follow-up
Turn = dict[str, Any]
ENGLISH = ' lang="en"'
FINISHED = {"pending": "", "doing": "", "partial": "", "running": None}


@dataclass(frozen=True)
class Reader:
    """Who reads: the language of the interface, and the topic whose articles are preferred."""

    language: str = "en"
    topic: str | None = None

    @property
    def says(self) -> Words:
        """The words of the reader's language."""
        return words(self.language)


def new_turn(question: str, asked: bool = True, pending: str = "") -> Turn:
    """A turn of which nothing is known yet. `asked`: a question in words, which later ones may lean on."""
    return {"id": uuid.uuid4().hex[:12], "outcome": None, "kept_as": "", "question": question, "asked": asked, "after": [], "notes": [],
            "words": "", "items": [], "cards": [], "evidence": {}, "cited": [], "link": "", "pending": pending, "doing": "",
            "partial": "", "running": None, "follow_ups": []}


def said(sentence: str) -> Turn:
    """A turn that answers nothing: a note of the app, shown as it is written."""
    return {**new_turn("", asked=False), "notes": [sentence]}


def questions(turns: Sequence[Turn]) -> list[str]:
    """What was asked in words, oldest first, with what a link said was asked before."""
    return [question for turn in turns if turn["asked"] and turn["question"] for question in (*turn["after"], turn["question"])]


def answered(tutor: Tutor, question: str, earlier: Sequence[str], reader: Reader, notes: tuple[str, ...] = (),
             after: tuple[str, ...] = (), name: str = "") -> Iterator[Turn]:
    """The turn of one question, more complete each time. `notes`: what is to be said before the answer; `after`: see Link; `name`: the
    id of a turn that a reload begins anew."""
    turn, result = new_turn(question, pending=reader.says("looking_up")), Answer(question)
    turn["after"], earlier, turn["id"] = list(after), [*earlier, *after], name or turn["id"]
    turn["link"] = own_link(question, earlier, reader)
    turn["notes"] = list(notes)
    yield turn
    try:
        for part in tutor.answer(question, earlier, patience=PATIENCE, topic=reader.topic):
            yield (turn := _with(turn, result, part, reader))
    except MessageError as error:
        turn = {**_with(turn, result, Reply(str(error)), reader), "outcome": None}
    yield {**turn, **FINISHED, "follow_ups": list(result.follow_ups)}


def measured(tutor: Tutor, link: Link, reader: Reader, turn: Turn | None = None) -> Iterator[Turn]:
    """The turn of one experiment that was asked for by a form or a link; `turn`: one that a reload takes up again."""
    assert link.demo is not None
    parameters = link.parameters or {}
    title = f"{find_demos()[link.demo].title} {described(parameters)}".strip()
    turn = turn or new_turn(reader.says("run_title", title=title), asked=False, pending=reader.says("looking_up"))
    result = Answer(turn["question"])
    if link.notes:
        turn = {**turn, "notes": list(link.notes)}
    yield turn
    for part in tutor.experiment(link.demo, parameters, PATIENCE):
        yield (turn := {**_with(turn, result, part, reader), "words": turn["words"], "cited": turn["cited"]})
    yield {**turn, **FINISHED, "follow_ups": []}


def stopped(turn: Turn, reader: Reader) -> Turn:
    """The turn as it stands when the reader stops it."""
    return _showing({**turn, **FINISHED}, {"says": reader.says("stopped")}, reader)


def described(parameters: dict) -> str:
    """Parameters in a few words: (word: bank; layer: 4)."""
    shown = [f"{OPTIONS.get(name, name)}: {_short(value)}" for name, value in parameters.items() if value not in (None, [], "")]
    return f"({'; '.join(shown)})" if shown else ""


def own_link(question: str, earlier: Sequence[str], reader: Reader) -> str:
    """The link to one answer, with the earlier questions if it goes on from them; empty for what is no question."""
    try:
        goes_on = read(question, earlier).leans is not None or quiz.plays(clean(question), quiz.follow(earlier))
    except MessageError:
        return ""
    return question_link(question, earlier[-REMEMBERED:] if goes_on else (), reader.topic)


def kept(turns: Sequence[Turn]) -> list[Turn]:
    """What the reader's browser keeps: the last turns, without figures and HTML."""
    asked = [turn for turn in turns if turn["question"]]
    return [{name: value for name, value in turn.items() if name not in ("cards", "evidence", "partial")} for turn in asked[-KEPT_TURNS:]]


def restored(saved: object, runs: Runs, reader: Reader) -> list[Turn]:
    """The turns that a browser kept, with the figures whose results are still here and links to run the others again.

    What cannot be read (an older form, an experiment that is gone) is left out: it is the reader's own storage, and no
    reason to fail.
    """
    turns = []
    for record in saved if isinstance(saved, list) else []:
        try:
            turn = {**new_turn(str(record["question"]), bool(record["asked"])),
                    **{name: kind(record[name]) for name, kind in (("after", list), ("words", str), ("cited", list), ("link", str),
                                                                   ("pending", str), ("follow_ups", list))},
                    **{name: str(record.get(name) or "") for name in ("id", "kept_as")}, "running": record["running"],
                    "notes": list(map(str, record.get("notes") or []))}
            for item in record["items"]:
                found = runs.kept(item["demo"], item["parameters"]) if "demo" in item else None
                turn = _showing(turn, item, reader, found)
            turns.append(turn)
        except (KeyError, TypeError, AttributeError, ValueError):
            continue
    return turns


def _with(turn: Turn, result: Answer, part: object, reader: Reader) -> Turn:
    """The turn with one more part of its answer."""
    result.add(part)  # type: ignore[arg-type]
    turn = {**turn, "words": result.markdown(claims_of_evidence=False), "cited": result.sources,
            "pending": reader.says("going_on"), "doing": "", "partial": result.partial.svg if result.partial else "",
            "outcome": result.outcome()}
    match part:
        case Planned():
            turn |= {"running": {"demo": part.demo, "parameters": part.parameters},
                     "pending": reader.says("running", title=part.title)}
        case Waiting():
            turn |= {"pending": reader.says("waiting"), "doing": part.reason}
        case Progress():
            turn |= {"pending": reader.says("at_work"), "doing": result.pending}
        case Evidence():
            planned = turn["running"] or {"demo": part.demo, "parameters": part.parameters}  # as asked: by that, results are kept
            turn = _showing(turn, planned, reader, part)
        case Unavailable():
            item: dict = {"says": part.reason, "english": True}
            if turn["running"] and not part.waiting:  # refused: the values stand there to be corrected
                item["change"] = turn["running"]
            turn = _showing(turn, item, reader)
    return turn


def _showing(turn: Turn, item: dict, reader: Reader, evidence: Evidence | None = None) -> Turn:
    """The turn with one more item under its words: a card, a link in place of one, or a sentence."""
    place = len(turn["items"])
    if evidence:
        html = card(evidence, len(turn["evidence"]) + 1, find_demos()[evidence.demo].title, _bibliography(), reader.says)
    elif "demo" in item:
        query = escape(experiment_link(item["demo"], item["parameters"]))
        again = reader.says.html("run_again", title=find_demos()[item["demo"]].title)
        html = f'<p class="again"><a href="{query}" data-run="{query}">{again}</a></p>'
    else:
        html = f"<p{ENGLISH if item.get('english') else ''}>{escape(str(item['says']))}</p>"
        if change := item.get("change"):
            html += form(change["demo"], change["parameters"], says=reader.says)
    return {**turn, "items": [*turn["items"], item], "cards": [*turn["cards"], html], "running": None,
            "evidence": {**turn["evidence"], **({place: evidence} if evidence else {})}}


@cache
def _bibliography() -> dict:
    return read_sources()


def _short(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) if sum(map(len, map(str, value))) < 60 else f"{len(value)} given"
    text = str(value)
    return text if len(text) <= 60 else f"{len(text.splitlines())} lines given"
