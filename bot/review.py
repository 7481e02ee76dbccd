"""Holds a reader's statements against the articles' claims: right, partly right, or wrong.

Precision before recall: a right statement called wrong is the worst outcome. A statement is judged only if a claim comes
very near it in meaning, agrees with it in negation and direction, and no claim with another verdict comes as near.
Statements that nothing speaks to are left alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot import polarity
from bot.question import clauses
from bot.sentences import puts_a_question
from knowledge import Article, Claim, ClaimHit, Index
from knowledge.article import Verdict
from knowledge.lexical import shared_words

NEAR = 0.74  # cosine of a statement to a claim's wording
NEAR_RIGHT = 0.78  # telling a reader "right" needs more: praise for a half-truth misleads
COPY = 0.86  # from which a statement is nearly the claim's own wording
MARGIN = 0.03  # by which the nearest claim must lead those with another verdict
SOME_WORDS = 0.5  # share of the longer words that must stand in both, before anything but "right" is said
SOMEWHAT_NEAR, MOST_WORDS = 0.65, 0.6  # enough as well: less near, but most of the words of both are the other's, too
# What shares fewer words with every claim is not looked at: embedding a long message's clauses took longer than all the rest of an
# answer, and none with fewer was ever judged on the development statements.
WORTH_A_LOOK = 0.25

NEGATION = re.compile(
    r"\b(not|no|nobody has|never|none|neither|nor|cannot|without|nothing|\w+n't|impossible|useless|instead of|rather than)\b")
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
    (r"goes up|going up|rises?|climbs?", r"not move|stuck|flat|goes down|falls|drops?"),
    (r"weights?|parameters?", r"examples?|data|texts?|sentences?"),
    (r"word2vec|glove|fasttext|static", r"bert|elmo|gpt|transformers?"),
    (r"fine-?tun\w+|finetun\w+", r"feature[- ]extract\w+|feature[- ]based|pre-?train\w*"),
)

# What is wrong in many wrong claims is that they say it of everything: a statement that does not is another statement.
UNIVERSAL = re.compile(r"\b(?:any|all|every|always|only|must|never|completely|entirely)\b")
# How far a statement goes. One that goes less far than a wrong claim may be right; one that goes farther than a right claim may be wrong.
FARTHER = (
    r"only|just|merely|alone|nothing but|solely|exactly", r"always|all|every|any|everything|whole|entire|never|completely|must|at all",
    r"need|needs|needed|necessary|requires?|required|must|have to|has to", r"same|another word|identical", r"best|most|worst",
    r"kind of|form of|type of|case of")
GUARDED = r"can|may|could|might|often|usually|mostly|mainly|sometimes|a bit|a little"
SAME_OR_NOT = (r"same|identical|equal|unchanged|exactly|fixed", r"different|differs?|other|another|change\w*|does not keep")
FROZEN_OR_CHANGED = re.compile(r"\b(?:un)?(?:frozen|freez\w+|changed?|changes|changing|updat\w+|mov(?:e[ds]?|ing)|constant)\b")
# Other words for the same thing, as the claims write it: a statement is looked up as it stands, and in these words.
CLAIMS_WORDS = tuple((re.compile(pattern, re.IGNORECASE), word) for pattern, word in (
    (r"\b(?:that |which )?(?:nobody has|no one has|was never|were never|has not been|has never been) (?:fine-?)?tuned\b", "untuned"),
    (r"\b(?:is|are|was|were|been|be)?(?:n't| not) (?:trainable|trained|touched|updated|tuned|altered)\b|\blocked\b|\bfixed\b|\buntouched\b|"
     r"\b(?:kept|held|stays?|left) (?:fixed|constant|as (?:it is|they are)|untouched)\b|\bnon-trainable\b", "frozen"),
    (r"(?<!fine-)(?<!fine )(?<!prompt )(?<!prefix )\btuned\b|\badapted\b|\bretrained\b|\bfinetuned\b", "fine-tuned"),
    (r"(?<!fine-)(?<!fine )(?<!prompt )(?<!prefix )\btuning\b|\bfinetuning\b|\btask training\b", "fine-tuning"),
    (r"\bblocks\b", "layers"), (r"\bblock\b", "layer"), (r"\bparameters\b", "weights"), (r"\bmood\b", "sentiment"),
    (r"(?<!input )(?<!token )\bembeddings\b|\bhidden states\b|\brepresentations\b", "vectors"), (r"\bhidden state\b", "vector"),
    (r"\bannotated\b", "labelled"), (r"\bskip-?gram\b", "word2vec"), (r"\bnetworks?\b", "model"), (r"\bQA\b", "question answering")))
# What tells a story, asks, or is only half a sentence states nothing that could be right or wrong.
STORY = re.compile(
    r"^(?:(?:as such|so|then|here|now|also|hence|therefore|currently|finally|but|and)\b,? ?)*"
    r"(?:(?:i|we)(?:'m|'ve|'d| (?!can\b|cannot\b|must\b|should\b|need to\b|have to\b|may\b|don't need\b|do not need\b))|"
    r"(?!so\b|then\b|thus\b|hence\b|therefore\b)\w+ (?:i|we)\b|"  # “should I”, however it is spelt
    r"my (?!model (?:is|has been) (?:frozen|fine))|our |let'?s |there (?:seems?|is an?|was) |(?:some|many|several|certain) )",
    re.IGNORECASE)
HALF = re.compile(
    r"^(?:since|because|as long as|so long as|even if|even though|unless|until|once|"
    r"after|before|when|while|whereas|although|though|which|who|whose|where|for|with|without|in "
    r"order|to|by|from|during|instead|"
    r"rather|including|using|such as|like|as (?:a|an|the|in|i|we|for)|than|if|whether|how|what|why)\b[^,]*$", re.IGNORECASE)


# A statement has a verb, neither as its first word nor after “to”; a heading (“Word vectors from a BERT encoder:”) and a set-up
# (“Fine-tuning BERT on tickets, 3 epochs.”) have none.
VERB = re.compile(
    r"(?:'s|'re|n't)\b|(?!^)(?<!\bto )(?<!\bfine )\b(?:is|are|was|were|be|been|am|has|have|had|do|does|did|can|cannot|could|will|would|"
    r"must|should|shall|may|might|counts?|stands?|locks?|classif(?:y|ies)|decays?|consists?|restores?|throws?|harms?|puts?|yields?|"
    r"gets?|gives?|makes?|needs?|keeps?|stays?|means?|takes?|loses?|learns?|uses?|moves?|works?|knows?|forgets?|helps?|hurts?|changes?|"
    r"adds?|becomes?|begins?|belongs?|brings?|comes?|contains?|costs?|depends?|destroys?|erases?|fits?|gains?|goes|go|happens?|holds?|"
    r"improves?|leaves?|lets?|looks?|lowers?|matters?|merges?|overwrites?|prevents?|produces?|protects?|raises?|reduces?|"
    r"remains?|removes?|replaces?|requires?|returns?|runs?|saves?|say|says|sees?|sets?|shows?|shares?|speeds?|stops?|stores?|switch(?:es)?|"
    r"tells?|turns?|trains?|updates?|wants?|wins?|write|writes|differs?|beats?|outperforms?|freezes?|tunes?|fine-?tunes?|finetunes?|became|"
    r"deletes?|rotates?|continues?|starts?|rewires?|explains?|fixes|push(?:es)?|affects?|vary|varies|describes?|survives?|drifts?|equals?|"
    r"computes?|considers?|places|copies|copy|represents?|lies?|ranks?|solves?|averages?|summari[sz]es?|proves?|encodes?|rely|relies|"
    r"occupy|occupies|reach(?:es)?|causes?|avoids?|ruins?|scores|overfits?|unfreezes?|suits?|rules|reveals?|guarantees?|decides?|call|"
    r"warms?|fails?|splits?|loads?|assigns?|captures?|understands?|"
    r"changed|moved|learned|learnt|updated|replaced|gave|made|lost|forgot|kept|stayed|trained|used|exists?|disappears?|applies|apply)\b",
    re.IGNORECASE)



# What somebody else says, or what only seems so, is not the reader's own statement.
REPORTED = re.compile(
    r"\b(?:as if|as though)\b|\b(?:they|he|she|the (?:authors?|paper|article|tutorial|course|book|blog|docs|documentation))(?: also| all)? "
    r"(?:mentions?|says?|claims?|writes?|states?|calls?|argues?|suggests?)\b", re.IGNORECASE)


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
    parts = [(number, clause) for number, statement in enumerate(statements) for clause in clauses(statement)
             if states(clause) and max(map(index.shared_with_claims, (clause, in_claims_words(clause)))) >= WORTH_A_LOOK]
    found: list[tuple[int, float, Correction]] = []
    texts = [clause for _, clause in parts]
    plain, rewritten = index.nearest_claims(texts), index.nearest_claims([in_claims_words(text) for text in texts])
    for (number, clause), *both in zip(parts, plain, rewritten, strict=True):
        hit = _judge(in_claims_words(clause), _nearest(*both))
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
    rivals = [hit for hit in hits if agrees(clause, in_claims_words(hit.wording)) and _same_point(clause, hit) and _as_wide(clause, hit)]
    first = next((hit for hit in rivals if _as_far(clause, hit)), None)
    if first is None:
        return None
    right, shared = first.claim.verdict == "right", shared_words(clause, in_claims_words(first.wording))
    near = first.score >= (NEAR_RIGHT if right else NEAR) and (right or shared >= SOME_WORDS)
    if not near and (first.score < SOMEWHAT_NEAR or shared < MOST_WORDS):
        return None
    return None if any(first.score - hit.score < MARGIN for hit in rivals if hit.claim.verdict != first.claim.verdict) else first


def _same_point(statement: str, hit: ClaimHit) -> bool:
    """Whether both speak of frozen or changed, or neither does: it is the point of most claims, so only a near copy may leave it out."""
    speaks = [bool(FROZEN_OR_CHANGED.search(text.lower())) for text in (statement, in_claims_words(hit.wording))]
    return speaks[0] == speaks[1] or hit.score >= COPY


def _as_wide(statement: str, hit: ClaimHit) -> bool:
    """Whether a statement goes as far as a wrong claim that speaks of everything."""
    return (hit.claim.verdict != "wrong" or not UNIVERSAL.search(hit.wording.lower()) or bool(UNIVERSAL.search(statement.lower()))
            or hit.score >= COPY)


def _as_far(statement: str, hit: ClaimHit) -> bool:
    """Whether a statement goes as far as a claim in every respect that decides about the claim's verdict."""
    one, other = statement.lower(), in_claims_words(hit.wording).lower()
    if polarity.turned(SAME_OR_NOT, one, other):
        return False
    steps = [polarity.has(words, one) - polarity.has(words, other) for words in FARTHER]
    if hit.claim.verdict == "wrong":
        return -1 not in steps and not (polarity.has(GUARDED, one) and not polarity.has(GUARDED, other))
    return 1 not in steps if hit.claim.verdict == "right" else not any(steps)


def in_claims_words(text: str) -> str:
    """The text in the words that claims use."""
    for pattern, word in CLAIMS_WORDS:
        text = pattern.sub(word, text)
    return text


def _nearest(*found: Sequence[ClaimHit]) -> list[ClaimHit]:
    """Each claim once, by the wording that came nearest, best first."""
    best: dict[str, ClaimHit] = {}
    for hit in sorted((hit for hits in found for hit in hits), key=lambda hit: -hit.score):
        best.setdefault(hit.claim.text, hit)
    return list(best.values())


def states(clause: str) -> bool:
    """Whether a stretch of a sentence states something in general, so that it can be right or wrong."""
    return len(clause.split()) >= 4 and bool(VERB.search(clause)) and not any(
        (puts_a_question(clause), STORY.match(clause), HALF.match(clause), REPORTED.search(clause)))


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
