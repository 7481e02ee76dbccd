"""The tutor: answers a message with parts, in order. The whole of the logic is here.

Words first, from the section that answers; then what is so about the reader's own statements; then evidence from the
experiments that the article names, run now. No sentence is invented: the words are the articles', the numbers the
experiments'.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot import smalltalk
from bot.question import MessageError, Question, read
from bot.review import Correction, review
from demos import DemoError, Evidence, NotReady, Progress, Zoo, find_demos, follow_demo
from demos.lab.prepare import is_training, read_progress
from knowledge import Article, Hit, Index, Section
from knowledge.confidence import fitted

MAX_DEMOS = 2
START_OF_TRAINING = 60  # seconds after which a training that nobody has begun is no longer waited for
NEAR_ENOUGH = 0.7  # of the best section's score, for a section to be added
SAME_ARTICLE, REPETITION = 0.2, 0.3  # what speaks for and against adding a section


@dataclass(frozen=True)
class Explanation:
    """The sections that answer, best first. `doubt`: the question may be about something else."""

    sections: tuple[tuple[Section, Article], ...]
    doubt: bool = False


@dataclass(frozen=True)
class Reply:
    """A reply that needs no search: a greeting, thanks, a question about this bot. Markdown."""

    text: str


@dataclass(frozen=True)
class Unsure:
    """The articles do not cover this; the nearest questions that they do."""

    nearest: tuple[str, ...]


@dataclass(frozen=True)
class Planned:
    """An experiment is about to run: `name` and its title."""

    demo: str
    title: str


@dataclass(frozen=True)
class Waiting:
    """The experiment waits, for what, in words that can be shown."""

    reason: str


@dataclass(frozen=True)
class Unavailable:
    """An experiment that could not run, and why, in one sentence. `waiting`: its models are being trained."""

    demo: str
    reason: str
    waiting: bool = False


@dataclass(frozen=True)
class FollowUps:
    """Questions that the articles answer, to go on with."""

    questions: tuple[str, ...]


Part = Explanation | Reply | Correction | Unsure | Planned | Waiting | Progress | Evidence | Unavailable | FollowUps


class Tutor:
    """Joins knowledge and experiments. Stateless between messages; safe to use from several threads."""

    def __init__(self, index: Index, zoo: Zoo) -> None:
        self.index, self.zoo = index, zoo
        self._experiments = threading.BoundedSemaphore(1)  # one at a time: each uses every core

    def answer(self, message: str, history: Sequence[str] = (), evidence: bool = True, patience: float = 0) -> Iterator[Part]:
        """The parts of the answer, each as soon as it is there.

        `history`: the reader's earlier messages; `patience`: seconds to wait for models that are still being trained.
        Raises question.MessageError for a message that cannot be read.
        """
        question = read(message, history)
        if reply := smalltalk.reply(question.text, len(self.index.articles)):
            yield Reply(reply)
            return
        hits = self.index.search(question.queries, limit=12)
        corrections = review(question.statements, self.index)
        limits = fitted()
        sure = max(hit.confidence for hit in hits[:3])
        if sure < limits["doubt"] and not corrections:
            yield Unsure(tuple(dict.fromkeys(hit.section.heading for hit in hits[:3])))
            return
        chosen = self._choose(question, hits)
        yield Explanation(tuple(chosen), doubt=sure < limits["answer"] and not corrections)
        yield from corrections
        if evidence:
            for name, parameters in self._demos(question, chosen):
                yield from self.experiment(name, parameters, patience)
        yield FollowUps(self._follow_ups(hits, chosen))

    def experiment(self, name: str, parameters: dict, patience: float = 0) -> Iterator[Part]:
        """Run one experiment when its turn comes: Planned, Waiting and Progress as often as it takes, then Evidence or Unavailable."""
        title = find_demos()[name].title if name in find_demos() else name
        yield Planned(name, title)
        deadline, last_seen = time.monotonic() + patience, time.monotonic()
        while True:
            while not self._experiments.acquire(timeout=0.5):
                yield Waiting("another experiment is running; this one is next")
            try:
                yield from follow_demo(name, self.zoo, **parameters)
                return
            except NotReady as error:
                last_seen = time.monotonic() if is_training(self.zoo) else last_seen
                if time.monotonic() > min(deadline, last_seen + START_OF_TRAINING):
                    yield Unavailable(name, str(error), waiting=True)
                    return
            except DemoError as error:
                yield Unavailable(name, str(error))
                return
            finally:
                self._experiments.release()
            yield Waiting(f"the models are being trained, once: {read_progress(self.zoo) or 'starting'}")
            time.sleep(1)

    def _choose(self, question: Question, hits: Sequence[Hit]) -> list[tuple[Section, Article]]:
        """The section that answers, then those that add to it: more for a long message than for a short one."""
        best = hits[0]
        chosen = [(best.section, best.article)]
        room = 1 if question.words < 30 else 2 if question.words < 80 else 4
        # A second question in the same message gets a section of its own.
        for ask in question.asks[1:3]:
            other = self.index.search([ask], 1)[0]
            if other.confidence >= fitted()["answer"] and other.section not in [section for section, _ in chosen]:
                chosen.append((other.section, other.article))
        # Another article's lead would begin the answer anew; its sections add to it.
        near = [hit for hit in hits[1:] if hit.score >= NEAR_ENOUGH * best.score
                and (hit.section is not hit.article.lead or hit.article is best.article)]
        while near and len(chosen) <= room:
            nearest = max(near, key=lambda hit: self._adds(hit, best, chosen))
            near.remove(nearest)
            if nearest.section not in [section for section, _ in chosen]:
                chosen.append((nearest.section, nearest.article))
        # Sections of the answering article keep the order in which they were written.
        place = {section: number for number, section in enumerate(best.article.sections)}
        return chosen[:1] + sorted(chosen[1:], key=lambda pair: place.get(pair[0], len(place)))

    def _adds(self, hit: Hit, best: Hit, chosen: Sequence[tuple[Section, Article]]) -> float:
        """How much a section would add: near the question, of the same article, and not what was said already."""
        said = max(self.index.similarity(hit.section, section) for section, _ in chosen)
        return hit.score + (SAME_ARTICLE if hit.article is best.article else 0) - REPETITION * said

    def _demos(self, question: Question, chosen: Sequence[tuple[Section, Article]]) -> list[tuple[str, dict]]:
        names = dict.fromkeys(name for _, article in chosen[:2] for name in article.demos)
        plans = []
        for name in list(names)[:MAX_DEMOS]:
            takes = find_demos()[name].parameters
            given = {"word": question.word, "sentences": list(question.sentences) or None}
            plans.append((name, {key: value for key, value in given.items() if key in takes and value}))
        return plans

    def _follow_ups(self, hits: Sequence[Hit], chosen: Sequence[tuple[Section, Article]]) -> tuple[str, ...]:
        """Headings near the question that were not shown, and the lead article's own other sections."""
        shown = {section.heading for section, _ in chosen} | {article.title for _, article in chosen}
        nearby = [section.heading for section in chosen[0][1].sections] + [hit.section.heading for hit in hits]
        return tuple(heading for heading in dict.fromkeys(nearby) if heading not in shown)[:3]


__all__ = ["Correction", "Evidence", "Explanation", "FollowUps", "MessageError", "Part", "Planned", "Reply", "Tutor",
           "Unavailable", "Unsure", "Waiting"]
