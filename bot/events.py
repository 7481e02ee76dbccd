"""What the page's buttons do: each event yields what Gradio shows. Turns of a conversation become messages here.

A turn is one event: the question at once, then the words, then each figure as it is ready.
"""

import base64
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl

import gradio as gr

from bot import Tutor
from bot.bench import bench, models_line, topic_line, topic_name
from bot.consent import Keeping
from bot.export import pack
from bot.links import Link, read_link
from bot.ratings import watched
from bot.recorder import Recorder
from bot.server import address
from bot.show import Piece, question, reply
from bot.starters import SHOWN, STARTERS, starters, topics
from bot.turns import KEPT_TURNS, Reader, Turn, answered, kept, measured, questions, restored, said, stopped
from bot.words import ENGLISH

ARRIVAL = 4  # what only the opening of a page sets: reader, topic, list of topics, list of experiments


class Events:
    """What the page's buttons do: each yields what `_show` yields. `choice`: the reader's, whether turns are kept for the teachers."""

    def __init__(self, tutor: Tutor, keeping: Keeping) -> None:
        self.tutor, self.keeping = tutor, keeping

    def respond(self, asked: str, past: list[Turn], reader: Reader, choice: str, request: gr.Request) -> Iterator[tuple]:
        """A question was asked."""
        if asked.strip():
            yield from self._show(past, answered(self.tutor, asked, questions(past), reader), reader, self.keeping.of_page(choice, request))
        else:
            yield nothing()  # a generator that yields nothing would empty its outputs

    def open_link(self, query: str, past: list[Turn], reader: Reader, choice: str, request: gr.Request) -> Iterator[tuple]:
        """A card's form or link was used."""
        yield from self._follow(read_link(parse_qsl(query.removeprefix("?")), reader.says), past, reader,
                                self.keeping.of_page(choice, request))

    def opened(self, request: gr.Request, saved: object, language: str, choice: str) -> Iterator[tuple]:
        """The page was opened or reloaded: what its link asks for, or what was under way."""
        says = Reader(language).says
        link = read_link(request.query_params.multi_items(), says)
        known, notes = topics(self.tutor.index), link.notes
        if link.topic and link.topic not in known:
            notes = (*notes, says("topic_unknown", topic=link.topic[:40]))
        reader = Reader(says.language, link.topic if link.topic in known else None)
        past = restored(saved, self.tutor.runs, reader)
        if len(past) >= KEPT_TURNS:
            past = [said(says("kept_last", limit=KEPT_TURNS)), *past]
        # Only what differs from what was built: a quick reader's choice is not undone.
        choices = gr.Radio(choices=[(topic_name(topic, says), topic) for topic in known], value=reader.topic or known[0])
        arrival = (reader, topic_line(reader.topic, says), choices if reader.topic or known != tuple(STARTERS) else SKIP,
                   SKIP if says is ENGLISH else bench(says))
        link = Link(link.questions, link.after, link.demo, link.parameters, reader.topic, notes)
        for shown in self._opening(link, past, reader, self.keeping.of_page(choice, request)):
            yield *shown, *arrival
            arrival = (gr.skip(),) * ARRIVAL

    def choose_topic(self, topic: str) -> list[gr.Button]:
        """Another topic's questions to begin with."""
        return [gr.Button(text) for text in starters(self.tutor.index, topic)]

    def stopped(self, past: list[Turn], reader: Reader) -> tuple:
        """The stop button: ends what runs, and keeps what was shown."""
        if past and past[-1]["running"]:
            self.tutor.runs.stop(past[-1]["running"]["demo"], past[-1]["running"]["parameters"])
        if past and past[-1]["pending"]:
            past = [*past[:-1], stopped(past[-1], reader)]
        return messages(past, reader), past, kept(past)

    def packed(self, request: gr.Request, past: list[Turn]) -> str:
        """The conversation as a zip file, in base64; empty if there is none. Made in memory: nothing of it stays on the server."""
        return base64.b64encode(pack(past, address(request.request))).decode() if past else ""  # type: ignore[arg-type]

    def training(self, reader: Reader) -> tuple:
        """The line about models in training, and whether to look again."""
        return models_line(self.tutor, reader.says), gr.Timer(active=bool(self.tutor.zoo.missing()))

    def _opening(self, link: Link, past: list[Turn], reader: Reader, recorder: Recorder | None) -> Iterator[tuple]:
        unfinished = past[-1] if past and past[-1]["pending"] else None
        if unfinished and unfinished["running"]:  # the page was reloaded in the middle of an experiment: find it again
            again = Link(demo=unfinished["running"]["demo"], parameters=unfinished["running"]["parameters"])
            yield from self._show(past[:-1], measured(self.tutor, again, reader, unfinished), reader, recorder)
        elif unfinished:
            before = answered(self.tutor, unfinished["question"], questions(past[:-1]), reader, after=tuple(unfinished["after"]),
                              name=unfinished["id"])
            yield from self._show(past[:-1], before, reader, recorder)
        else:
            yield from self._follow(link, past, reader, recorder)

    def _follow(self, link: Link, past: list[Turn], reader: Reader, recorder: Recorder | None) -> Iterator[tuple]:
        notes, after = link.notes, link.after
        for asked in link.questions:
            for shown in self._show(past, answered(self.tutor, asked, questions(past), reader, notes, after), reader, recorder):
                past = past if shown[2] is SKIP else shown[2]
                yield shown
            notes = after = ()
        if link.demo:
            growing = measured(self.tutor, Link(demo=link.demo, parameters=link.parameters, notes=notes), reader)
            yield from self._show(past, growing, reader, recorder)
        elif not link.questions and (past or notes):
            told = [said(" ".join(notes))] if notes else []
            yield "", messages([*past, *told], reader), past, *nothing()[3:]
        elif not link.questions:
            yield (*nothing()[:4], *self.choose_topic(reader.topic)) if reader.topic else nothing()

    def _show(self, past: list[Turn], growing: Iterator[Turn], reader: Reader, recorder: Recorder | None) -> Iterator[tuple]:
        """One turn as it grows: yields the box, the conversation, the state, what the browser keeps, the suggested questions."""
        keep = [SKIP] * SHOWN
        turn: Turn = {}
        for number, turn in enumerate(watched(growing, past, recorder)):
            now = [*past, turn]  # in the state from the start, so that a stopped turn stays
            changed = kept(now) if turn["running"] or number == 0 else SKIP
            yield "" if number == 0 else SKIP, messages(now, reader), now, changed, *keep
        nexts = [*turn["follow_ups"], *starters(self.tutor.index, reader.topic)][:SHOWN]
        yield SKIP, SKIP, SKIP, kept(now), *(gr.Button(text) for text in nexts)


SKIP = gr.skip()


def nothing() -> tuple:
    """Leaves everything that events yield as it is."""
    return (SKIP,) * (4 + SHOWN)


def messages(turns: Sequence[Turn], reader: Reader) -> list[dict]:
    """Gradio's messages."""
    shown = []
    for turn in turns:
        if turn["question"]:
            shown.append({"role": "user", "content": _content(question(turn))})
        shown.append({"role": "assistant", "content": [_content(piece) for piece in reply(turn, reader.says)]})
    return shown


def _content(piece: Piece):
    return gr.HTML(piece.text) if piece.html else piece.text  # page.js marks it as English
