"""How a section begins under a reader's question: with its heading above it or without, and never with a yes or no that answers
another question than the one that was asked.
"""

import re

from bot.question import as_written, is_yes_or_no

SAME_QUESTION = 0.62  # cosine of the reader's question to the heading from which the heading need not be repeated
SAME_LEANING = 0.85  # the same for a beginning that leans on the heading
SAME_YES, SAME_WORDS = 0.8, 0.5  # for a yes or no, which is worth nothing if the question is not the same: cosine, share of words
VERDICT = re.compile(r"^(?:Yes|No)\b[,.:;]?\s+")
# Beginnings that mean something only under their heading.
LEANING = re.compile(
    r"^(?:Because|Only|Neither|Both|Hardly|Little|Not|It|They|This|These|Those|That|Such|Partly|Technically|Usually|Often|Sometimes|Memory|Within|"
    r"In|By|As|For|From|None|Nothing|All|Each|One|Two|Three|Some|Mostly|Rarely|Never|Always|So|Very|More|Less|Enough|Anything|At|On|With|Look|"
    r"Its|Their|You can|Probably|Perhaps|Almost|Nearly|About|Roughly|Up|Once|Context)\b")
# A remainder that is no sentence of its own.
FRAGMENT = re.compile(
    r"^\W|^(?:and|but|or|by|in|as|with|if|unless|since|because|though|although|according|even|only|at|for|on|from|to|not|that|it|they|this|"
    r"these|usually|often|mostly|partly|provided|when|where|which|sometimes|both|neither|except|apart|up|so|then|more|less|within|almost)\b")


def opening(text: str, heading: str, asked: str, near: float) -> tuple[bool, str]:
    """Whether the heading is shown, and the text. `near`: cosine of the reader's question to the heading.

    A yes or no stands without its heading only if the reader asked that very question. Under the heading it stays, unless the
    reader asked another yes-or-no question and would take it for the answer to that one; then it goes, where a whole sentence is
    left.
    """
    if VERDICT.match(text):
        if near >= SAME_YES and _shared(asked, heading) >= SAME_WORDS and is_yes_or_no(asked) and is_yes_or_no(heading):
            return False, text
        rest = text[VERDICT.match(text).end():]  # type: ignore[union-attr]
        if is_yes_or_no(asked) and near < SAME_YES and not FRAGMENT.match(rest):
            return True, rest[:1].upper() + rest[1:]
        return True, text
    if LEANING.match(text):
        return near < SAME_LEANING, text
    return near < SAME_QUESTION, text


def _shared(asked: str, heading: str) -> float:
    """Share of the two questions' longer words that stand in both."""
    one, other = (set(re.findall(r"\w{4,}", as_written(text).lower())) for text in (asked, heading))
    return len(one & other) / max(1, len(one | other))
