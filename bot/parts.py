"""The parts of an answer that carry words, as the tutor yields them. Those of experiments are in runs.py and demos."""

import re
from dataclasses import dataclass

from bot.polarity import Relation
from knowledge import Article, Section


@dataclass(frozen=True)
class Explanation:
    """The sections that answer, best first. `doubt`: the question may be about something else.

    `asked`: the main question as it was understood; `near`: cosine of it to the first section's heading, 0 where the two differ
    in direction; `relation`: of a yes-or-no question to the one that the first section answers with yes or no;
    `confidence`: how likely it is that the articles cover the question, None where nothing was searched; `whole`: so many sections
    are shown whole, of the others the beginning.
    """

    sections: tuple[tuple[Section, Article], ...]
    doubt: bool = False
    asked: str = ""
    near: float = 0.0
    relation: Relation = "other"
    confidence: float | None = None
    whole: int = 1


@dataclass(frozen=True)
class Reply:
    """A reply that needs no search: a greeting, thanks, a question about this bot. Markdown."""

    text: str


@dataclass(frozen=True)
class Unsure:
    """The articles do not cover this; the nearest questions that they do. `said`: in the reader's own language.

    `confidence`: how likely it is that they cover it after all.
    """

    nearest: tuple[str, ...]
    said: str = ""
    confidence: float | None = None


@dataclass(frozen=True)
class FollowUps:
    """Questions that the articles answer, to go on with; or the choices of a quiz."""

    questions: tuple[str, ...]


def as_text(words: str) -> str:
    """Words of a reader, or with a reader's words in them, so that Markdown shows them and does nothing else."""
    return re.sub(r"([\\`*_\[\]<>!#|~$])", r"\\\1", words)
