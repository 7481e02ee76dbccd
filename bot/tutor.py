"""The tutor: answers a message with parts, in order. The whole of the logic is here.

Words first, from the section that answers; then what is so about the reader's own statements; then evidence from the
experiments that the article names, run now. No sentence is invented: the words are the articles', the numbers the
experiments'.
"""

import copy
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from bot import conversation, language, quiz, smalltalk
from bot.compose import compose, in_short, nearness, relation_to
from bot.follow import find
from bot.parts import Explanation, FollowUps, Reply, Unsure, as_text
from bot.play import play
from bot.question import MessageError, Question, clean, read
from bot.request import Request, read_request, spoken
from bot.review import Correction, review
from bot.runs import Planned, Runs, Unavailable, Waiting
from bot.starters import topics
from demos import DemoError, Evidence, Progress, Zoo, find_demos
from knowledge import Article, Hit, Index, Section
from knowledge.confidence import fitted

if TYPE_CHECKING:
    from bot.notebook import ShownAnswer, ShownEvidence

MAX_DEMOS = 2
MEASURED_ONLY = "No article answers this in words. It can be measured, and the measurement follows."
NO_TOPIC = "There is no topic “{topic}” here, so all articles are used. The topics are: {topics}."
OTHER_TOPIC = "*Outside the topic “{topic}”: the articles on “{other}” answer this.*"
WHAT = "Please say what you mean in one full question; there is nothing before it that I could go on from."

Part = Explanation | Reply | Correction | Unsure | Planned | Waiting | Progress | Evidence | Unavailable | FollowUps


class Tutor:
    """Joins knowledge and experiments. Stateless between messages; safe to use from several threads."""

    def __init__(self, index: Index, zoo: Zoo) -> None:
        self.index, self.zoo = index, zoo  # the index may be exchanged while the app runs (fresh.py)
        self.fault = ""  # why the newest articles are not served, if they are not
        self.runs = Runs(zoo)

    def answer(self, message: str, history: Sequence[str] = (), evidence: bool = True, patience: float = 0,
               topic: str | None = None) -> Iterator[Part]:
        """The parts of the answer, each as soon as it is there.

        `history`: the reader's earlier messages; `patience`: seconds to wait for models that are still being trained;
        `topic`: whose articles are preferred. Raises question.MessageError for a message that cannot be read.
        """
        one = copy.copy(self)  # one index from the first word to the last
        if topic and topic not in topics(one.index):
            yield Reply(NO_TOPIC.format(topic=as_text(topic[:40]), topics=", ".join(topics(one.index))))
            topic = None
        if topic:
            one.index = one.index.preferring(topic)
        yield from one._answer(message, history, evidence, patience, topic)

    def _answer(self, message: str, history: Sequence[str], evidence: bool, patience: float, topic: str | None) -> Iterator[Part]:
        text, game = clean(message), quiz.follow(history)
        if quiz.plays(text, game):
            yield from play(text, game, self.index, (lambda name, given: self.experiment(name, given, patience)) if evidence else None)
            return
        question = self._read(spoken(message), history)
        request = read_request(message, question, history)
        if reply := smalltalk.reply(text, len(self.index.articles)):
            yield Reply(reply)
            return
        if conversation.needs_topic(text) and not question.leans:
            yield Reply(WHAT)
            return
        limits = fitted()
        if other := language.foreign(text):
            question = read(other.english or text)
        earlier = () if other else history  # a question in another language is read by itself
        seen = self._shown(question, earlier)
        hits = find(self.index, question, earlier, seen)
        corrections = [] if other else review(question.statements, self.index)
        sure = max(hit.confidence for hit in hits[:3])
        if other and (not other.english or hits[0].confidence < limits["answer"]):
            yield Unsure((), other.declined, sure)
            return
        if other:
            yield Reply(other.answered)
        if sure < limits["doubt"] and not corrections:
            if request.demo and evidence:
                yield Reply(MEASURED_ONLY)
                yield from self.experiment(request.demo, request.parameters_for(request.demo), patience)
                return
            yield Unsure(tuple(dict.fromkeys(hit.section.heading for hit in hits[:3])), confidence=sure)
            return
        chosen, whole = compose(self.index, question, hits, seen)
        if topic and chosen[0][1].topic != topic:
            yield Reply(OTHER_TOPIC.format(topic=topic, other=chosen[0][1].topic))
        near, relation = nearness(self.index, question, chosen[0][0]), relation_to(self.index, question, chosen[0][0])
        if question.leans and question.leans.kind == "short":
            chosen = [(in_short(chosen[0][0]), chosen[0][1])]
        yield Explanation(tuple(chosen), sure < limits["answer"] and not corrections, question.asks[0], near, relation, sure, whole)
        yield from corrections
        if evidence:
            for name, parameters in self._demos(request, chosen):
                yield from self.experiment(name, parameters, patience)
        yield FollowUps(self._follow_ups(hits, chosen, whole))

    def experiment(self, name: str, parameters: dict, patience: float = 0) -> Iterator[Part]:
        """Run one experiment when its turn comes: see runs.Runs.follow."""
        return self.runs.follow(name, parameters, patience)

    @classmethod
    def load(cls, train: bool = False) -> "Tutor":
        """The tutor of the settings, as the app has it. `train`: train missing models first, which takes a few minutes once.

        Raises knowledge.ArticleError for a faulty article, DemoError if models cannot be trained.
        """
        from bot import build_tutor  # it stands on this module
        from demos.lab.prepare import prepare

        tutor = build_tutor()
        if train and (failed := prepare(tutor.zoo)):
            raise DemoError(" ".join(failed.values()))
        return tutor

    def ask(self, question: str, history: Sequence[str] = (), evidence: bool = True) -> "ShownAnswer":
        """The whole answer to a question, as a notebook shows it: words, cards, sources."""
        from bot.answer import answer  # both stand on this module
        from bot.notebook import ShownAnswer

        return ShownAnswer(answer(self, question, history, evidence))

    def measure(self, name: str, **parameters: Any) -> "ShownEvidence":
        """One experiment's card, as a notebook shows it. Raises DemoError, with one sentence, if it cannot run."""
        from bot.notebook import ShownEvidence

        *_, last = self.experiment(name, parameters)
        if isinstance(last, Evidence):
            return ShownEvidence(last)
        raise DemoError(last.reason if isinstance(last, Unavailable) else "The experiment did not run.")

    def _read(self, message: str, history: Sequence[str]) -> Question:
        """The message, read with the earlier ones; by itself if it speaks of things that no article knows."""
        question = read(message, history)
        if question.leans and question.leans.kind in ("changed", "goes on") and not self._knows(question.text):
            return read(message)
        return question

    def _knows(self, text: str) -> bool:
        words = conversation.content_words(text)
        return not words or self.index.lexical_scores(" ".join(words))[1] >= 0.5

    def _shown(self, question: Question, history: Sequence[str]) -> tuple[Section, ...]:
        """What the turn before has shown, for a message that does not just ask for it in another form."""
        before = conversation.topic(history)
        if not before or (question.leans and question.leans.kind in ("short", "word")):
            return ()
        try:
            asked = read(before)
        except MessageError:  # programs may send anything as history
            return ()
        hits = self.index.search(asked.queries, limit=60)
        if max(hit.confidence for hit in hits[:3]) < fitted()["doubt"]:
            return ()  # it was declined
        sections, whole = compose(self.index, asked, hits)
        return tuple(section for section, _ in sections[:whole])

    def _demos(self, request: Request, chosen: Sequence[tuple[Section, Article]]) -> list[tuple[str, dict]]:
        """What the message asks to be measured, then what the answering articles name; at most one that takes long."""
        named = [request.demo] if request.demo else []
        named += [name for _, article in chosen[:2] for name in article.demos]
        plans: list[str] = []
        for name in dict.fromkeys(named):
            if len(plans) < MAX_DEMOS and not (find_demos()[name].long and any(find_demos()[other].long for other in plans)):
                plans.append(name)
        return [(name, request.parameters_for(name)) for name in plans]

    def _follow_ups(self, hits: Sequence[Hit], chosen: Sequence[tuple[Section, Article]], whole: int) -> tuple[str, ...]:
        """Headings near the question that were not shown whole, and the lead article's own other sections."""
        shown = {section.heading for section, _ in chosen[:whole]} | {article.title for _, article in chosen}
        begun = [section.heading for section, _ in chosen[whole:]]
        nearby = begun + [section.heading for section in chosen[0][1].sections] + [hit.section.heading for hit in hits]
        return tuple(heading for heading in dict.fromkeys(nearby) if heading not in shown)[:3]


__all__ = ["Correction", "Evidence", "Explanation", "FollowUps", "MessageError", "Part", "Planned", "Reply", "Tutor",
           "Unavailable", "Unsure", "Waiting"]
