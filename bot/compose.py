"""Chooses the sections that answer a message: one that answers the main question, one for each further question, and what adds
to them. Nothing is written here; sections are the articles' own.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.opening import VERDICT
from bot.polarity import Relation, relation
from bot.question import Question, as_written, is_yes_or_no
from bot.review import agrees
from bot.sentences import is_ask, puts_a_question
from knowledge import Article, Hit, Index, Section
from knowledge.confidence import fitted

Chosen = list[tuple[Section, Article]]

SAME, OTHER = 0.82, 0.95  # of the best section's score, for a section to be added: of an article that answers, of another one
SAME_ARTICLE, REPETITION = 0.08, 0.3  # what speaks for and against adding a section
CODE_BONUS, CODE_IN_THE_WAY = 0.12, 0.25  # code in a how-to; code where nobody asked for it
MORE_OF_WHY = 0.1  # what speaks for a section that gives reasons, after "why?"
HOW = re.compile(r"How (?:do|can|to|should|is|are)\b")
CODE_NEAR = 0.6  # share of the best score from which code is near
YES_NO_NEAR = 0.9  # the same for a section that answers the very question with yes or no, to be taken instead of the best
TIE = 0.9  # share of the best score from which another hit may as well be the answer: it is shown second
TWICE = 0.9  # cosine of two sections that say the same
QUESTIONS = 4  # of one message that get an answer of their own
ROOM = ((30, 1, 260), (80, 2, 400), (10_000, 3, 520))  # up to so many words asked: so many sections added, in so many words
WHOLE = 2  # sections are shown whole, and every answer to a question of its own; what else may add is only begun
BEGINNING = 12, 3  # words that a beginning should have, and sentences that it has at most


class Composed(NamedTuple):
    """The sections to show, the answer first, and how many of them whole."""

    sections: Chosen
    whole: int


def compose(index: Index, question: Question, hits: Sequence[Hit], shown: Collection[Section] = ()) -> Composed:
    """What to show. `hits`: for question.queries, not empty. `shown`: what the reader has just read."""
    best = _first(index, question, hits, shown)
    chosen = [(best.section, best.article), *_rival(index, hits, best, shown)]
    for other in _further(index, question):
        if all(index.similarity(other.section, section) < TWICE for section, _ in chosen):
            chosen.append((other.section, other.article))
    if question.how_to and not any(has_code(section) for section, _ in chosen):
        chosen += _with_code(hits, best)
    answers = len(chosen)
    room, words = next((room, words) for limit, room, words in ROOM if question.words < limit)
    near = [hit for hit in hits if hit.section not in shown and _near(hit, best, chosen)]
    while near and len(chosen) <= room:
        nearest = max(near, key=lambda hit: _adds(index, question, hit, best, chosen))
        near.remove(nearest)
        length = sum(len(section.plain.split()) for section, _ in [*chosen, (nearest.section, nearest.article)])
        if length <= words and all(index.similarity(nearest.section, section) < TWICE for section, _ in chosen):
            chosen.append((nearest.section, nearest.article))
    return Composed(chosen, max(answers, WHOLE))


def nearness(index: Index, question: Question, section: Section) -> float:
    """How near the reader's main question is to the section's heading: a cosine, 0 where the two differ in direction."""
    asked = as_written(question.asks[0])
    return index.nearness(asked, section) if agrees(asked, section.heading) else 0.0


def relation_to(index: Index, question: Question, section: Section) -> Relation:
    """How the reader's yes-or-no question relates to the one that the section answers with its first word.

    Its other ways of asking count where they ask the same as its heading.
    """
    verdict = VERDICT.match(section.text)
    if not verdict or not question.yes_or_no:
        return "other"
    asked = as_written(question.asks[0])
    found = [relation(asked, way, cosine, verdict[0].strip(" ,.:;")) for way, cosine in index.ways(section, index.embed_question([asked]))
             if way == section.heading or (is_yes_or_no(way) and relation(way, section.heading, 1.0) == "same")]
    return "same" if "same" in found and found[0] in ("same", "other") else found[0]


def in_short(section: Section) -> Section:
    """The section's first two or three sentences, with their sources, without one that only announces what follows it."""
    text = re.split(r"\n\s*(?:```|[-|*]|\n)", section.text, maxsplit=1)[0]
    said: list[str] = []
    for sentence in re.split(r"(?<=[.!?\]])\s+(?=[A-Z“\"`])", text)[: BEGINNING[1]]:
        if len(said) < 2 or len(" ".join(said).split()) < BEGINNING[0]:
            said += [sentence] if not sentence.rstrip().endswith(":") else []
    return replace(section, text=" ".join(said)) if said else section


def has_code(section: Section) -> bool:
    """Whether a section holds a block of code."""
    return "```python" in section.text


def _first(index: Index, question: Question, hits: Sequence[Hit], shown: Collection[Section]) -> Hit:
    """The section that answers. A follow-up that wants more gets what it has not seen, of the same article if there is one."""
    kind = question.leans.kind if question.leans else None
    if kind not in ("why", "more", "code"):
        near = [hit for hit in hits[:8] if hit.score >= YES_NO_NEAR * hits[0].score]
        return next((hit for hit in near if relation_to(index, question, hit.section) == "same"), hits[0])
    same = {section.article for section in list(shown)[:1]}
    fresh = [hit for hit in hits if hit.section not in (list(shown)[:1] if kind == "why" else shown)] or list(hits)
    if kind == "code":
        fresh = [hit for hit in hits if has_code(hit.section)] or fresh

    def fits(hit: Hit) -> float:
        why = kind == "why" and (hit.section.heading.startswith("Why") or hit.section.text.startswith("Because"))
        how = CODE_BONUS if kind == "code" and HOW.match(hit.section.heading) else 0
        return how + hit.score + (2 if why else 1) * (SAME_ARTICLE if hit.section.article in same else 0) + (MORE_OF_WHY if why else 0)

    return max(fresh, key=fits)


def _rival(index: Index, hits: Sequence[Hit], best: Hit, shown: Collection[Section]) -> Chosen:
    """The nearest other hit, if it scores about as high as the one that answers."""
    rivals = [hit for hit in hits[:3] if hit is not best and hit.section not in shown and hit.score >= TIE * best.score]
    return [(hit.section, hit.article) for hit in rivals[:1] if index.similarity(hit.section, best.section) < TWICE]


def _further(index: Index, question: Question) -> list[Hit]:
    """The answers to the message's other questions that say enough to be searched for by themselves."""
    if question.leans:
        return []
    asks = [ask for ask in question.asks[1:] if is_ask(ask) and puts_a_question(ask)][: QUESTIONS - 1]
    # One that says too little by itself is searched for with the sentences that it leans on.
    found = index.search_each([queries for ask in asks for queries in ([as_written(question.in_full(ask))], question.queries_for(ask))], 1)
    answers = []
    for (alone,), (within,) in zip(found[::2], found[1::2], strict=True):
        answers += [hit for hit in (alone, within) if hit.confidence >= fitted()["answer"]][:1]
    return answers


def _near(hit: Hit, best: Hit, chosen: Chosen) -> bool:
    """Whether a section may be added. One of another article, which may be the right answer, must come about as near as the best;
    a lead would begin the answer of its own article anew."""
    if any(hit.article is article for _, article in chosen):
        return hit.score >= SAME * best.score and (hit.section is not hit.article.lead or hit.article is best.article)
    return hit.score >= OTHER * best.score


def _with_code(hits: Sequence[Hit], best: Hit) -> Chosen:
    """A section that shows in code what a how-to asks, if one is near."""
    near = [hit for hit in hits if has_code(hit.section) and HOW.match(hit.section.heading) and hit.score >= CODE_NEAR * best.score]
    found = max(near, key=lambda hit: hit.score + (SAME_ARTICLE / 2 if hit.article is best.article else 0), default=None)
    return [(found.section, found.article)] if found else []


def _adds(index: Index, question: Question, hit: Hit, best: Hit, chosen: Chosen) -> float:
    """How much a section would add: near the question, of the same article, and not what was said already."""
    said = max(index.similarity(hit.section, section) for section, _ in chosen)
    code = 0.0 if not has_code(hit.section) else CODE_BONUS if question.how_to else -CODE_IN_THE_WAY
    return hit.score + (SAME_ARTICLE if hit.article is best.article else 0) - REPETITION * said + code
