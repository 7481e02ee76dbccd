"""How a section begins under a reader's question: with its heading above it or without, and never with a yes or no that answers
another question than the one that was asked.
"""

import re

from bot.polarity import Relation
from bot.question import is_yes_or_no

SAME_QUESTION = 0.62  # cosine of the reader's question to the heading from which the heading need not be repeated
SAME_LEANING = 0.85  # the same for a beginning that leans on the heading, in its first word or later
OTHER_WAY = "No; it is the other way round."
NEAREST = "The nearest question with an answer here:"
# A yes or no that can be taken away: “No fixed one” is another sentence.
VERDICT = re.compile(r"^(?:Yes|No)(?:[,.:;]|(?=\s+(?:to|in|if|for|as|with|from|once|unless|because|and|but)\b))\s+")
LEANS_LATER = re.compile(r"^[^.:;]*\b(?:then|too|also|either|instead|otherwise|this|these|that way|such)\b")
# Beginnings that mean something only under their heading.
LEANING = re.compile(
    r"^(?:Because|Only|Neither|Both|Hardly|Little|Not|It|They|This|These|Those|That|Such|Partly|Technically|Usually|Often|Sometimes|Memory|Within|"
    r"In|By|As|For|From|None|Nothing|All|Each|One|Two|Three|Some|Mostly|Rarely|Never|Always|So|Very|More|Less|Enough|Anything|At|On|With|Look|"
    r"Its|Their|You can|Probably|Perhaps|Almost|Nearly|About|Roughly|Up|Once|Context)\b")
# A remainder that is no sentence of its own.
FRAGMENT = re.compile(
    r"^\W|^(?:and|but|or|by|in|as|with|if|unless|since|because|though|although|according|even|only|at|for|on|from|to|not|that|it|they|this|"
    r"these|usually|often|mostly|partly|provided|when|where|which|sometimes|both|neither|except|apart|up|so|then|more|less|within|almost)\b")


def opening(text: str, heading: str, asked: str, near: float, relation: Relation = "other") -> tuple[str, bool, str]:
    """What comes before the heading, whether the heading is shown, and the text. `near`: cosine of the reader's question to the heading.

    A yes or no opens the answer only if it answers the reader's question; one to the contrary is turned into a no in so many
    words. Otherwise it stays under its own heading, or goes, where a whole sentence is left.
    """
    if match := VERDICT.match(text):
        if not is_yes_or_no(asked):
            return "", True, text
        if relation == "same":
            return "", near < SAME_LEANING, text
        if relation == "contrary" and text.startswith("Yes"):
            return OTHER_WAY, True, text
        rest = text[match.end():]
        return ("", True, rest[:1].upper() + rest[1:]) if not FRAGMENT.match(rest) else (NEAREST, True, text)
    if LEANING.match(text) or LEANS_LATER.match(text):
        return "", near < SAME_LEANING, text
    return "", near < SAME_QUESTION, text
