"""The interface's own words in five languages, a file a language in page/words. Answers and articles stay English.

Which language: the link's (`?lang=de`), else the reader's own choice, else the browser's. In the browser page/early.js
decides that before Gradio starts; here the same is decided for pages that have no script.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "page" / "words"
LANGUAGES = ("en", "de", "es", "fr", "zh")
# What the page's scripts say; the others stay on the server.
IN_THE_BROWSER = ("link_copied", "too_long", "nothing_to_keep", "saved", "file_unread", "close", "tour", "tour_ask", "tour_begin",
                  "tour_experiments", "tour_keep", "tour_step", "tour_next", "tour_skip", "tour_done", "helpful_ask", "helpful",
                  "not_helpful", "reason_ask", "reason_wrong", "reason_not_mine", "reason_hard", "reason_other", "rated", "rated_why",
                  "rated_back", "send_fast", "send_full", "send_failed", "forget_none", "forgotten")


@dataclass(frozen=True)
class Words:
    """The words of one language. `words("sources", count=3)` is text; `words.html(...)` the same, safe in HTML."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The words with the values in their places."""
        return self.texts[key].format(**values)

    def html(self, key: str, **values: object) -> str:
        """The words with everything escaped."""
        return escape(self(key, **values))

    @property
    def tag(self) -> str:
        """The language as HTML and browsers name it."""
        return tag(self.language)


@cache
def words(language: str = "en") -> Words:
    """The words of a language; English for one that is not here."""
    language = language if language in LANGUAGES else "en"
    return Words(language, yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8")))


def choose(asked: str = "", accepted: str = "") -> Words:
    """The words for a link's `lang` and a browser's Accept-Language header."""
    weighted = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, *rest = part.split(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", rest[0]) if rest else None
        weighted.append((-(float(weight[1]) if weight else 1.0), place, name))
    for name in (asked, *(name for *_, name in sorted(weighted))):
        language = re.split(r"[-_]", name.strip().lower())[0]
        if language in LANGUAGES:
            return words(language)
    return words()


def tag(language: str) -> str:
    """zh is zh-CN to HTML, to browsers and to Gradio; the others are named as here."""
    return "zh-CN" if language == "zh" else language


def for_browser() -> str:
    """The words that the page's scripts say, as JSON that may stand in a script element."""
    chosen = {language: {key: words(language).texts[key] for key in IN_THE_BROWSER} for language in LANGUAGES}
    return json.dumps(chosen, ensure_ascii=False).replace("<", "\\u003c")


ENGLISH = words("en")
