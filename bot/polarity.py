"""Whether two yes-or-no questions have the same answer: “are the weights updated?” and “do the weights stay fixed?” have not.

Rules on the words, and the cosine of the two questions. A yes that answers the opposite of what was asked is the worst
beginning an answer can have, so in doubt two questions are `other` ones. Measured on tests/evaluation/yes_no.jsonl by
`python -m tests.evaluation.yes_no`, which also tries other thresholds.
"""

import re
from typing import Literal

Relation = Literal["same", "contrary", "turned", "other"]

NEAR = 0.65  # cosine from which two questions without any difference in the words below are the same
COVERED = 0.4  # share of the longer words that the shorter question must find in the other
CONTRARY_NEAR, CONTRARY_COVERED = 0.77, 0.25  # the same for questions that are alike but for one pair of opposites

# Words of which one side excludes the other. Not so with negations and settings: “not frozen” may still be only partly trained.
CONTRARIES = (
    (r"frozen|freez\w*|fixed|unchanged|untouched|unaffected|unmodified|constant|intact|identical|equal|same|alike|static|keep\w*|kept|remain\w*|"
     r"stay\w*|retain\w*|preserv\w*|stable|survive\w*|locked?",
     r"train(?:s|ed|able)?|learn\w*|updat\w+|fine-?tunes?|tunes?|tuned|unfrozen|unfreez\w+|chang\w+|mov(?:e[sd]?|ing|ement)|modif\w+|alter\w*|"
     r"differ\w*|adapt(?:s|ed)?|retrain\w*|lose[sd]?|lost|overwritten|overwrites?|destroy\w*|forgets?|forgotten|another"),
    (r"lower|bottom|early|earlier|first|input", r"upper|top|higher|late|later|last|output"),
    (r"more|better|higher|larger|bigger|faster|quicker|improv\w+|helps?|best|most|strong\w*|stronger|cheaper|good|well",
     r"less|worse|lower|smaller|slower|fewer|hurts?|harms?|worst|least|weak\w*|weaker|bad|poor\w*|useless|expensive"),
    (r"one|single|shared|joint\w*", r"two|three|several|separate\w*|many|multiple|own|different"),
    (r"possible|able|allowed|safe|ok(?:ay)?|can", r"impossible|unable|forbidden|dangerous|risky|hopeless|pointless"),
    (r"static|word2vec|glove", r"contextual\w*"), (r"anonymous|private", r"recover\w*|reveal\w*|leak\w*|readable"),
)
SETTINGS = ((r"before", r"after"), (r"with", r"without"))
# Words that make a question go further. Who asks whether something is always so has his no if it is not so at all, and his yes
# only from a question that goes as far.
FURTHER = (
    r"only|just|merely|alone|nothing but|solely|both \w+ and",
    r"always|every|any|everything|whole|entire|never|in any case|guaranteed|necessarily|completely|at all",
    r"need|needs|needed|necessary|required?|must|have to|has to|mandatory|should",
)
# Words that make a question another one where only one of the two has them.
NARROWING = (
    r"kind of|type of|form of|sort of|example of|part of|case of", r"should|worth|recommended|advisable|need|needs|necessary|must|have to",
    r"can|could|possible|may", r"cause\w*|proof|prove\w*|guarantee\w*", r"the same (?:as|thing)|identical to|equal to|equivalent",
    r"labels?|labell?ed", r"good", r"than", r"weights?|parameters?",
)
TERMS = re.compile(
    r"\b(\w+_\w+|word2vec|glove|fasttext|elmo|roberta|sbert|gpt|cnn|lora|adapter|bitfit|prefix|prompt|cls|distilbert)(?:e?s)?\b")
NOT = re.compile(r"\b(?:not|no|never|none|neither|nothing|without|cannot|\w+n't|instead of|rather than)\b")
# What surrounds the question and is not asked.
SETTING = re.compile(
    r",? (?:when|if|while|once|whenever|although|though|even though|because|since|so that) .*$|"
    r"\b(?:during|in|after|by|through|with|of|before|for) (?:the )?(?:standard|full|ordinary|bert|normal|usual)? ?(?:bert )?fine-?tuning\b|"
    r",? and (?:how|why|what|which|does|do|is|are|can|should|when)\b.*$", re.IGNORECASE)
IDLE = frozenset((
    "does", "will", "would", "could", "should", "have", "been", "being", "that", "this", "these", "those", "with", "from", "into", "when",
    "model", "models", "bert", "still", "really", "actually", "also", "then", "them", "they", "their", "there", "what", "which"))


def relation(asked: str, heading: str, near: float, verdict: str = "") -> Relation:
    """How the answer to `asked` relates to the answer to `heading`. `near`: cosine of the two; `verdict`: yes or no to `heading`.

    contrary: a yes to `heading` is a no to `asked`; turned: the two differ in direction, and no more is known.
    """
    one, other = (plain(text) for text in (asked, heading))
    turns = sum(turned(pair, one, other) for pair in CONTRARIES)
    negated = (bool(NOT.search(one)) != bool(NOT.search(other))) + sum(turned(pair, one, other) for pair in SETTINGS)
    named, known = set(TERMS.findall(one)), set(TERMS.findall(other))
    further = [has(words, one) - has(words, other) for words in FURTHER]
    narrowed = not named <= known or (known and not named) or any(has(words, one) != has(words, other) for words in NARROWING)
    if turns or negated:
        contrary = turns == 1 and not negated and near >= CONTRARY_NEAR and covered(one, other) >= CONTRARY_COVERED and -1 not in further
        return "contrary" if contrary and named == known else "turned"
    if near < NEAR or narrowed or covered(one, other) < COVERED:
        return "other"
    stronger, weaker = 1 in further, -1 in further
    return "other" if (stronger and verdict.lower() != "no") or (weaker and verdict.lower() != "yes") else "same"


def plain(question: str) -> str:
    """A yes-or-no question without what only sets the scene."""
    text = question.lower().strip(" ?.!")
    return SETTING.sub("", text).strip() or text


def covered(one: str, other: str) -> float:
    """Share of the shorter question's longer words that the other has, by their first five letters."""
    first, second = ({word[:5] for word in re.findall(r"[a-z0-9_]{4,}", text) if word not in IDLE} for text in (one, other))
    return len(first & second) / max(1, min(len(first), len(second)))


def has(words: str, text: str) -> bool:
    """Whether a text has one of the words, given as a pattern."""
    return bool(re.search(rf"(?<![\w-])(?:{words})\b", text))


def turned(pair: tuple[str, str], one: str, other: str) -> bool:
    """Whether two texts stand on different sides of a pair of opposites; one that names both sides stands on neither."""
    sides = [tuple(has(words, text) for words in pair) for text in (one, other)]
    return sides[0] != sides[1] and all(True in side for side in sides) and not any(all(side) for side in sides)
