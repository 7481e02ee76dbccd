"""Chooses the sections that answer a message: one that answers the main question, one for each further question, and what adds
to them. Nothing is written here; sections are the articles' own.
"""

import re
from collections.abc import Collection, Sequence

from bot.conversation import content_words
from bot.question import Question, as_written, is_ask
from bot.review import agrees
from knowledge import Article, Hit, Index, Section
from knowledge.confidence import fitted

Chosen = list[tuple[Section, Article]]

NEAR_ENOUGH = 0.7  # of the best section's score, for a section to be added
SAME_ARTICLE, REPETITION = 0.2, 0.3  # what speaks for and against adding a section
CODE_BONUS, CODE_IN_THE_WAY = 0.12, 0.25  # code in a how-to; code where nobody asked for it
MORE_OF_WHY = 0.1  # what speaks for a section that gives reasons, after "why?"
HOW = re.compile(r"How (?:do|can|to|should|is|are)\b")
HOW_I = re.compile(r"\bhow (?:do|can|could|should|would|to)\b", re.IGNORECASE)
HOW_TO_SLACK, CODE_NEAR = 0.12, 0.6  # by how much such a section may score less; share of the best score, for code to be near
TWICE = 0.9  # cosine of two sections that say the same
QUESTIONS = 4  # of one message that get an answer of their own
FEWEST_WORDS = 2  # that carry content, in a question that can be searched for by itself
ROOM = ((30, 1, 260), (80, 2, 400), (10_000, 4, 640))  # up to so many words asked: so many sections added, in so many words


def compose(index: Index, question: Question, hits: Sequence[Hit], shown: Collection[Section] = ()) -> Chosen:
    """The sections to show, the answer first. `hits`: for question.queries, not empty. `shown`: what the reader has just read."""
    best = _first(question, hits, shown)
    chosen = [(best.section, best.article)]
    for ask in _further(question):
        other = _answer_to(index, question, ask)
        if other and all(index.similarity(other.section, section) < TWICE for section, _ in chosen):
            chosen.append((other.section, other.article))
    if question.how_to and not any(has_code(section) for section, _ in chosen):
        chosen += _with_code(hits, best)
    answers = len(chosen)
    room, words = next((room, words) for limit, room, words in ROOM if question.words < limit)
    # Another article's lead would begin the answer anew; its sections add to it.
    near = [hit for hit in hits if hit.score >= NEAR_ENOUGH * best.score and hit.section not in shown
            and (hit.section is not hit.article.lead or hit.article is best.article)]
    while near and len(chosen) <= room:
        nearest = max(near, key=lambda hit: _adds(index, question, hit, best, chosen))
        near.remove(nearest)
        length = sum(len(section.plain.split()) for section, _ in [*chosen, (nearest.section, nearest.article)])
        if length <= words and all(index.similarity(nearest.section, section) < TWICE for section, _ in chosen):
            chosen.append((nearest.section, nearest.article))
    # What was added keeps the order in which the answering article was written.
    place = {section: number for number, section in enumerate(best.article.sections)}
    return chosen[:answers] + sorted(chosen[answers:], key=lambda pair: place.get(pair[0], len(place)))


def nearness(index: Index, question: Question, section: Section) -> float:
    """How near the reader's main question is to the section's heading: a cosine, 0 where the two differ in direction."""
    asked = as_written(question.asks[0])
    return index.nearness(asked, section) if agrees(asked, section.heading) else 0.0


def has_code(section: Section) -> bool:
    """Whether a section holds a block of code."""
    return "```python" in section.text


def _first(question: Question, hits: Sequence[Hit], shown: Collection[Section]) -> Hit:
    """The section that answers. A follow-up that wants more gets what it has not seen, of the same article if there is one."""
    kind = question.leans.kind if question.leans else None
    if kind not in ("why", "more", "code"):
        # A how-to is answered by a "How do I", not by a "Should I" that shares its words.
        shows_how = [hit for hit in hits[:8] if HOW.match(hit.section.heading) and hit.score >= hits[0].score - HOW_TO_SLACK]
        return shows_how[0] if question.how_to and shows_how and HOW_I.search(question.asks[0]) else hits[0]
    same = {section.article for section in list(shown)[:1]}
    fresh = [hit for hit in hits if hit.section not in (list(shown)[:1] if kind == "why" else shown)] or list(hits)
    if kind == "code":
        fresh = [hit for hit in hits if has_code(hit.section)] or fresh

    def fits(hit: Hit) -> float:
        why = kind == "why" and (hit.section.heading.startswith("Why") or hit.section.text.startswith("Because"))
        how = CODE_BONUS if kind == "code" and HOW.match(hit.section.heading) else 0
        return how + hit.score + (2 if why else 1) * (SAME_ARTICLE if hit.section.article in same else 0) + (MORE_OF_WHY if why else 0)

    return max(fresh, key=fits)


def _further(question: Question) -> list[str]:
    """The message's other questions that can be searched for by themselves."""
    if question.leans:
        return []
    return [ask for ask in question.asks[1:] if is_ask(ask) and ask.rstrip("\"”')").endswith("?") and len(ask.split()) >= 4
            and len(content_words(ask)) >= FEWEST_WORDS][: QUESTIONS - 1]


def _with_code(hits: Sequence[Hit], best: Hit) -> Chosen:
    """A section that shows in code what a how-to asks, if one is near."""
    near = [hit for hit in hits if has_code(hit.section) and HOW.match(hit.section.heading) and hit.score >= CODE_NEAR * best.score]
    found = max(near, key=lambda hit: hit.score + (SAME_ARTICLE / 2 if hit.article is best.article else 0), default=None)
    return [(found.section, found.article)] if found else []


def _answer_to(index: Index, question: Question, ask: str) -> Hit | None:
    for queries in ([as_written(ask)], question.queries_for(ask)):
        hit = index.search(queries, 1)[0]
        if hit.confidence >= fitted()["answer"]:
            return hit
    return None


def _adds(index: Index, question: Question, hit: Hit, best: Hit, chosen: Chosen) -> float:
    """How much a section would add: near the question, of the same article, and not what was said already."""
    said = max(index.similarity(hit.section, section) for section, _ in chosen)
    code = 0.0 if not has_code(hit.section) else CODE_BONUS if question.how_to else -CODE_IN_THE_WAY
    return hit.score + (SAME_ARTICLE if hit.article is best.article else 0) - REPETITION * said + code
