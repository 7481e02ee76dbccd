"""Searches for a message in its conversation: by its own words first, then by what was asked before, and not for what was just read."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from bot import smalltalk
from bot.question import MessageError, Question, as_written, is_thin, points_back, read, topic_words
from knowledge import Hit, Index, Section

BEFORE, BEFORE_WORDS = 2, 60  # earlier messages that count, and words of them
OWN, OWN_THIN = 0.75, 0.45  # share of the message's own words in the score; of one that says little by itself or points back
REPEATED = 0.15  # taken from the score of a section that was shown in the turn before
SAYS_ENOUGH = 3  # words with a topic, for a message to stand by itself
# What speaks for the articles of the turn before: after a message that points back or leans on it, and after any other.
SAME_ARTICLES, ANY_ARTICLES = 0.04, 0.02
SHORT = 14  # words, for a message to point back to the one before, and not to itself


def find(index: Index, question: Question, history: Sequence[str], seen: Collection[Section] = (), limit: int = 60) -> list[Hit]:
    """The best sections for a message, best first. `seen`: what the turn before has shown."""
    kind = question.leans.kind if question.leans else None
    back = question.words <= SHORT and points_back(question.text)
    stands = kind is None and not back and len(topic_words(question.text)) >= SAYS_ENOUGH
    bonus = SAME_ARTICLES if kind or back else ANY_ARTICLES
    context = before(history) if kind in (None, "goes on") and not stands else ""
    if not context:
        return _in_order(index.search(question.queries, limit), seen if kind == "changed" else (), seen, bonus)
    own, within = index.search_each([[as_written(question.text)], [as_written(f"{context} {question.text}")]], limit)
    share = OWN_THIN if back or is_thin(question.text) else OWN
    scores = [{hit.section: hit.score for hit in hits} for hits in (own, within)]
    lowest = [hits[-1].score for hits in (own, within)]
    # Whether it is of this field at all, a message must say itself, unless it plainly leans on the ones before.
    sure = max(hit.confidence for hit in (within if question.leans else own)[:3])
    found = []
    for section, hit in {hit.section: hit for hit in (*own, *within)}.items():
        score = share * scores[0].get(section, lowest[0]) + (1 - share) * scores[1].get(section, lowest[1])
        found.append(replace(hit, score=score, confidence=sure))
    return _in_order(found, seen, seen, bonus)[:limit]


def _in_order(hits: Sequence[Hit], repeated: Collection[Section], seen: Collection[Section], bonus: float) -> list[Hit]:
    """The hits, best first, in a new order: what was shown before farther back, the rest of its articles nearer.

    Whether the articles cover the question is told by the hits that came first, also if they step back.
    """
    articles, sure = {section.article for section in seen}, max(hit.confidence for hit in hits[:3])
    moved = [bonus * (hit.article.slug in articles) - REPEATED * (hit.section in repeated) for hit in hits]
    found = [replace(hit, score=hit.score + by, confidence=sure) for hit, by in zip(hits, moved, strict=True)]
    return sorted(found, key=lambda hit: -hit.score)


def before(history: Sequence[str]) -> str:
    """What the reader asked lately, the main question of each message, oldest first."""
    asked: list[str] = []
    for message in reversed(history):
        try:
            if smalltalk.reply(message, 0):
                continue
            question = read(message)
        except MessageError:
            continue
        asked.insert(0, question.in_full(question.asks[0]))
        if len(asked) == BEFORE:
            break
    return " ".join(" ".join(asked).split()[-BEFORE_WORDS:])
