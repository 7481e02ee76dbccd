"""A turn as what is shown of it: pieces of Markdown and of HTML, in the reader's words. No Gradio.

A question is shown as it was typed, never as Markdown or HTML. What is English is marked so, for screen readers and browsers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from bot.turns import Turn
from bot.words import Words


@dataclass(frozen=True)
class Piece:
    """A stretch of a message: HTML that was made here, or Markdown of the articles."""

    text: str
    html: bool = True


def question(turn: Turn) -> Piece:
    """The reader's part. `data-asked`: a question in words, which a link to the conversation asks again."""
    asked = ' data-asked lang=""' if turn["asked"] else ""  # lang="": in whatever language the reader wrote
    return Piece(f'<p class="asked"{asked}>{escape(turn["question"])}</p>')


def reply(turn: Turn, says: Words) -> Iterator[Piece]:
    """The app's part: words, cards, sources, the link to it, and what is under way."""
    for note in turn["notes"]:
        yield Piece(f'<p class="note">{escape(note)}</p>')
    if turn["words"]:
        yield Piece(turn["words"], html=False)
    for card in turn["cards"]:
        yield Piece(card)
    if turn["pending"]:
        doing = f': <span lang="en">{escape(turn["doing"])}</span>' if turn["doing"] else ""
        yield Piece(f'<p class="pending">{escape(turn["pending"])}{doing} …</p><div class="partial">{turn["partial"]}</div>')
    if turn["cited"]:
        yield Piece(sources(turn["cited"], says))
    if turn["link"] and not turn["pending"]:
        link = escape(turn["link"])
        yield Piece(f'<p class="keep"><a href="{link}" data-copy="{link}">{says.html("copy_answer")}</a></p>')
    if turn["kept_as"] and not turn["pending"]:
        yield Piece(place(turn))


def place(turn: Turn) -> str:
    """Where the page puts the thumbs of this answer, which is kept for the teachers."""
    return f'<div class="rating" data-id="{escape(turn["kept_as"])}"></div>'


def sources(cited: list[dict], says: Words) -> str:
    """What the words rest on, numbered as in the text."""
    items = "".join(f'<li>[{escape(str(source["label"]))}] {_linked(escape(source["citation"]), source["url"])}</li>' for source in cited)
    return (f'<details class="sources"><summary>{says.html("sources", count=len(cited))}</summary>'
            f'<ol lang="en">{items}</ol></details>')


def _linked(text: str, url: str) -> str:
    if not url.startswith(("https://", "http://")):
        return text
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{text}</a>'
