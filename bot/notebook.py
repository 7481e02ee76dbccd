"""What a notebook shows: an answer with its cards, or one card. Each is also a plain object, for code that goes on with it.

    from bot import Tutor
    tutor = Tutor.load()
    tutor.ask("Which layers change most when I fine-tune?")
"""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from bot.answer import Answer, as_text, evidence_dict
from bot.card import card
from demos import Evidence, find_demos
from knowledge.library import read_sources

STYLE = Path(__file__).parent / "page" / "style.css"
OWN = """--border-color-primary: rgba(128, 128, 128, .45); --background-fill-secondary: rgba(128, 128, 128, .12);
max-width: 52rem; font: 15px/1.5 system-ui, sans-serif; .card figcaption { font-size: 1rem; } .card svg { background: transparent; }
.card table, .card td { background: transparent; } .sources { font-size: .9rem; } pre { white-space: pre-wrap; }"""


@dataclass(frozen=True, repr=False)
class ShownAnswer:
    """An answer, shown with its figures. `answer` holds the parts; `to_dict()` is the JSON of the API."""

    answer: Answer

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready data."""
        return self.answer.to_dict()

    @property
    def evidence(self) -> tuple["ShownEvidence", ...]:
        """Its experiments, each with a card of its own."""
        return tuple(ShownEvidence(item, number) for number, item in enumerate(self.answer.evidence, start=1))

    def __repr__(self) -> str:
        return self._repr_markdown_()

    def _repr_markdown_(self) -> str:
        sources = [f"- [{source['label']}] {as_text(source['citation'])} {source['url']}".rstrip() for source in self.answer.sources]
        missing = [as_text(item.reason) for item in self.answer.unavailable]
        return "\n\n".join([self.answer.markdown(), *missing, "\n".join(sources)]).strip()

    def _repr_html_(self) -> str:
        words = MarkdownIt("commonmark", {"html": False}).enable("table").render(self.answer.markdown(claims_of_evidence=False))
        cards = "".join(item.card() for item in self.evidence)
        missing = "".join(f"<p>{escape(item.reason)}</p>" for item in self.answer.unavailable)
        sources = "".join(f"<li>[{source['label']}] {_linked(source['citation'], source['url'])}</li>" for source in self.answer.sources)
        return _page(words + cards + missing + (f'<div class="sources"><b>Sources</b><ol>{sources}</ol></div>' if sources else ""))


@dataclass(frozen=True, repr=False)
class ShownEvidence:
    """One experiment's result, shown as a card. `evidence` holds claim, table and the rest."""

    evidence: Evidence
    number: int = 1

    def to_dict(self) -> dict[str, Any]:
        """The evidence as JSON-ready data."""
        return evidence_dict(self.evidence, self.number)

    def card(self) -> str:
        """The card, with a call in place of the form and of the link, which need the app."""
        found = self.evidence
        html = card(found, self.number, find_demos()[found.demo].title, read_sources())
        given = "".join(f", {name}={value!r}" for name, value in found.parameters.items() if value is not None)
        call = f"<pre><code>{escape(f'tutor.measure({found.demo!r}{given})')}</code></pre>"
        html = re.sub(r"<form\b.*?</form>", lambda _: call, html, flags=re.DOTALL)
        return re.sub(r'<a href="[^"]*" data-copy="[^"]*">[^<]*</a>', "", html)

    def __repr__(self) -> str:
        return self._repr_markdown_()

    def _repr_markdown_(self) -> str:
        found = self.evidence
        return (f"**{as_text(find_demos()[found.demo].title)}** {as_text(found.claim)}\n\n**Compared with.** {as_text(found.baseline)}\n\n"
                f"**Caveat.** {as_text(found.caveat)}")

    def _repr_html_(self) -> str:
        return _page(self.card())


def _page(body: str) -> str:
    """The body with the window's rules for cards, which hold inside it only; `mathjax_ignore`: money is no formula."""
    rules = re.findall(r"^\.(?:card|scroll|keep|sources)\b[^{}]*\{[^{}]*\}", STYLE.read_text(encoding="utf-8"), re.MULTILINE)
    style = f".frozen-or-tuned {{ {OWN} {' '.join(rules)} }}"
    return f'<div class="frozen-or-tuned mathjax_ignore tex2jax_ignore"><style>{style}</style>{body}</div>'


def _linked(text: str, url: str) -> str:
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>' if url else escape(text)
