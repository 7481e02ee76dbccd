"""Searches for a message in its conversation: by its own words first, then by what was asked before, and not for what was just read."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from bot import smalltalk
from bot.question import MessageError, Question, as_written, is_thin, read, topic_words
from knowledge import Hit, Index, Section

BEFORE, BEFORE_WORDS = 2, 60  # earlier messages that count, and words of them
OWN, OWN_THIN = 0.75, 0.45  # share of the message's own words in the score; of one that says little by itself
REPEATED = 0.15  # taken from the score of a section that was shown in the turn before
SAYS_ENOUGH = 3  # words with a topic, for a message to stand by itself


def find(index: Index, question: Question, history: Sequence[str], seen: Collection[Section] = (), limit: int = 60) -> list[Hit]:
    """The best sections for a message, best first. `seen`: what the turn before has shown."""
    kind = question.leans.kind if question.leans else None
    stands = kind is None and len(topic_words(question.text)) >= SAYS_ENOUGH
    context = before(history) if kind in (None, "goes on") and not stands else ""
    if not context:
        return _fresh(index.search(question.queries, limit), seen if kind == "changed" else ())
    own, within = index.search_each([[as_written(question.text)], [as_written(f"{context} {question.text}")]], limit)
    share = OWN_THIN if is_thin(question.text) else OWN
    scores = [{hit.section: hit.score for hit in hits} for hits in (own, within)]
    lowest = [hits[-1].score for hits in (own, within)]
    # Whether it is of this field at all, a message must say itself, unless it plainly leans on the ones before.
    sure = max(hit.confidence for hit in (within if question.leans else own)[:3])
    found = []
    for section, hit in {hit.section: hit for hit in (*own, *within)}.items():
        score = share * scores[0].get(section, lowest[0]) + (1 - share) * scores[1].get(section, lowest[1])
        found.append(replace(hit, score=score, confidence=sure))
    return _fresh(found, seen)[:limit]


def _fresh(hits: Sequence[Hit], seen: Collection[Section]) -> list[Hit]:
    """The hits in order, what was shown before farther back."""
    stepped = [replace(hit, score=hit.score - REPEATED) if hit.section in seen else hit for hit in hits]
    return sorted(stepped, key=lambda hit: -hit.score)


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
