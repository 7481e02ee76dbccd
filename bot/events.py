"""What the page's buttons do: each event yields what Gradio shows. Turns of a conversation become messages here.

A turn is one event: the question at once, then the words, then each figure as it is ready.
"""

from collections.abc import Iterator
from html import escape
from urllib.parse import parse_qsl

import gradio as gr

from bot import Tutor
from bot.links import Link, read_link
from bot.turns import Turn, answered, kept, measured, new_turn, questions

STARTERS = (
    "Why does the same word have different vectors in a sentiment model and in a question-answering model?",
    "Is BERT a fine-tuning model, and is word2vec a feature extraction model?",
    "Which layers change most when I fine-tune?",
    "Should I freeze BERT or fine-tune it if I have little data?",
)


class Events:
    """What the page's buttons do: each yields what `show` yields."""

    def __init__(self, tutor: Tutor) -> None:
        self.tutor = tutor

    def respond(self, question: str, past: list[Turn]) -> Iterator[tuple]:
        """A question was asked."""
        if question.strip():
            yield from show(past, answered(self.tutor, question, questions(past)))
        else:
            yield nothing()  # a generator that yields nothing would empty its outputs

    def open_link(self, query: str, past: list[Turn]) -> Iterator[tuple]:
        """A card's form or link was used."""
        yield from self._follow(read_link(parse_qsl(query.removeprefix("?"))), past)

    def opened(self, request: gr.Request, saved: list[Turn]) -> Iterator[tuple]:
        """The page was opened or reloaded: what its link asks for, or what was under way."""
        link, past = read_link(request.query_params.multi_items()), [*(saved or [])]
        unfinished = past[-1] if past and past[-1]["pending"] else None
        if unfinished and unfinished["running"]:  # the page was reloaded in the middle of an experiment: find it again
            again = Link(demo=unfinished["running"]["demo"], parameters=unfinished["running"]["parameters"])
            yield from show(past[:-1], measured(self.tutor, again, unfinished))
        elif unfinished:
            yield from show(past[:-1], answered(self.tutor, unfinished["question"], questions(past[:-1])))
        else:
            yield from self._follow(link, past)

    def _follow(self, link: Link, past: list[Turn]) -> Iterator[tuple]:
        if link.demo:
            yield from show(past, measured(self.tutor, link))
        elif link.question:
            yield from show(past, answered(self.tutor, link.question, questions(past), link.notes))
        elif past or link.notes:
            notes = [{**new_turn(""), "words": " ".join(link.notes), "pending": ""}] if link.notes else []
            yield "", list(_messages([*past, *notes])), past, *nothing()[3:]
        else:
            yield nothing()

    def stopped(self, past: list[Turn]) -> tuple:
        """The stop button: ends what runs, and keeps what was shown."""
        if past and past[-1]["running"]:
            self.tutor.runs.stop(past[-1]["running"]["demo"], past[-1]["running"]["parameters"])
        if past and past[-1]["pending"]:
            past = [*past[:-1], {**past[-1], "pending": "", "partial": "", "running": None,
                                 "cards": [*past[-1]["cards"], "<p>Stopped.</p>"]}]
        return list(_messages(past)), past, kept(past)


def show(past: list[Turn], growing: Iterator[Turn]) -> Iterator[tuple]:
    """One turn as it grows: yields the box, the conversation, the state, what the browser keeps, and the suggested questions."""
    keep = [gr.skip()] * len(STARTERS)
    turn: Turn = {}
    for number, turn in enumerate(growing):
        now = [*past, turn]  # in the state from the start, so that a stopped turn stays
        changed = kept(now) if turn["running"] or number == 0 else gr.skip()
        yield "" if number == 0 else gr.skip(), list(_messages(now)), now, changed, *keep
    nexts = [*turn["follow_ups"], *STARTERS][: len(STARTERS)]
    yield gr.skip(), gr.skip(), gr.skip(), kept(now), *(gr.Button(text) for text in nexts)


def nothing() -> tuple:
    """Leaves everything that `show` yields as it is."""
    return (gr.skip(),) * (4 + len(STARTERS))


def _messages(turns: list[Turn]) -> Iterator[dict]:
    """Gradio's messages. A question is shown as it was typed, never as Markdown or HTML."""
    for turn in turns:
        if turn["question"]:
            yield {"role": "user", "content": gr.HTML(f'<p class="asked">{escape(turn["question"])}</p>')}
        content: list = [turn["words"]] if turn["words"] else []
        content += [gr.HTML(html) for html in turn["cards"]]
        if turn["sources"]:
            content.append(gr.HTML(turn["sources"]))
        if turn["pending"]:
            content.append(gr.HTML(f'<p class="pending">{escape(turn["pending"])} …</p>'
                                   f'<div class="partial">{turn.get("partial", "")}</div>'))
        yield {"role": "assistant", "content": content}
