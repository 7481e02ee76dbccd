"""Holds a reader's statements against the articles' claims: right, partly right, or wrong.

Precision before recall: a right statement called wrong is the worst outcome. A statement is judged only if a claim comes
very near it in meaning, agrees with it in negation and direction, and no claim with another verdict comes as near.
Statements that nothing speaks to are left alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.question import clauses
from knowledge import Article, Claim, ClaimHit, Index
from knowledge.article import Verdict

NEAR = 0.78  # cosine of a statement to a claim's wording
NEAR_RIGHT = 0.84  # telling a reader "right" needs more: praise for a half-truth misleads
MARGIN = 0.03  # by which the nearest claim must lead those with another verdict

NEGATION = re.compile(r"\b(not|no|never|none|neither|nor|cannot|without|nothing|isn't|aren't|don't|doesn't|didn't|won't|can't|\w+n't)\b")
# Names that make a statement one about another thing: "save_pretrained" is not "from_pretrained".
TERMS = re.compile(
    r"\b(\w+_\w+|eval|word2vec|glove|fasttext|elmo|roberta|sbert|gpt|cnn|lora|adapter|bitfit|prefix|prompt|cls|mask|probe|cka)s?\b")
# Words whose swap turns a statement round. A statement and a claim must agree on each pair that both mention.
OPPOSITES = (
    (r"frozen|freez\w+|fixed|unchanged|untouched|constant|same",
     r"trained|trainable|updated?|updating|tuned|unfrozen|unfreez\w+|chang\w+|mov\w+|different|differs?"),
    (r"lower|bottom|early|earlier|first|input", r"upper|top|higher|late|later|last|output"),
    (r"static|context-free|one vector|single vector", r"contextual|contextuali[sz]ed|in context"),
    (r"more|better|higher|larger|faster|increas\w+|improv\w+|best|outperform\w*|beats?",
     r"less|worse|lower|smaller|slower|fewer|decreas\w+|worst"),
    (r"only|just|merely|nothing but|alone", r"more than|also|too|as well|not only|besides"),
    (r"always|all|every|only|must", r"sometimes|some|may|can|partly"),
    (r"before", r"after"),
    (r"word2vec|glove|fasttext|static", r"bert|elmo|gpt|transformers?"),
    (r"fine-?tun\w+|finetun\w+", r"feature[- ]extract\w+|feature[- ]based|pre-?train\w*"),
)


@dataclass(frozen=True)
class Correction:
    """A judged statement: `quote` as the reader wrote it, and what is so."""

    quote: str
    verdict: Verdict
    correction: str
    claim: Claim
    article: Article


def review(statements: Sequence[str], index: Index, limit: int = 6) -> list[Correction]:
    """Judge the statements that a claim speaks to, in the order in which they were made, each claim once."""
    parts = [(number, clause) for number, statement in enumerate(statements) for clause in clauses(statement)]
    found: list[tuple[int, float, Correction]] = []
    for (number, clause), hits in zip(parts, index.nearest_claims([clause for _, clause in parts]), strict=True):
        hit = _judge(clause, hits)
        if hit:
            found.append((number, hit.score, Correction(clause, hit.claim.verdict, hit.claim.correction, hit.claim, hit.article)))
    best: dict[str, tuple[int, float, Correction]] = {}
    for item in sorted(found, key=lambda item: -item[1]):  # the nearest wording speaks for a statement and for a claim
        overlaps = any(item[0] == other[0] and _overlap(item[2].quote, other[2].quote) for other in best.values())
        if item[2].claim.text not in best and not overlaps:
            best[item[2].claim.text] = item
    order = {clause: place for place, (_, clause) in enumerate(parts)}
    return [item[2] for item in sorted(best.values(), key=lambda item: order[item[2].quote])][:limit]


def _judge(clause: str, hits: Sequence[ClaimHit]) -> ClaimHit | None:
    agreeing = [hit for hit in hits if agrees(clause, hit.wording)]
    if not agreeing:
        return None
    first = agreeing[0]
    if first.score < (NEAR_RIGHT if first.claim.verdict == "right" else NEAR):
        return None
    rivals = [hit.score for hit in agreeing[1:] if hit.claim.verdict != first.claim.verdict]
    return None if rivals and first.score - rivals[0] < MARGIN else first


def agrees(statement: str, wording: str) -> bool:
    """Whether two sentences agree in negation, in the terms of art they name, and in every direction that both mention."""
    first, second = statement.lower(), wording.lower()
    if set(TERMS.findall(first)) != set(TERMS.findall(second)):
        return False
    if bool(NEGATION.search(first)) != bool(NEGATION.search(second)):
        return False
    for one, other in OPPOSITES:
        sides = [(bool(re.search(rf"\b(?:{one})\b", text)), bool(re.search(rf"\b(?:{other})\b", text))) for text in (first, second)]
        if sides[0] != sides[1] and True in sides[0] and True in sides[1] and not (all(sides[0]) or all(sides[1])):
            return False
    return True


def _overlap(first: str, second: str) -> bool:
    return first in second or second in first
