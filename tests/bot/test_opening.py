"""A yes or no is shown only where it answers what was asked."""

import pytest

from bot.opening import NEAREST, OTHER_WAY, opening

NO = "No fixed one, but few will do."
YES, IF = "Yes, the table is trained like every other weight.", "Yes, unless you freeze it."
KEEPS = "BERT keeps most of it."


@pytest.mark.parametrize(("text", "heading", "asked", "near", "relation", "expected"), [
    (YES, "Is the table trained?", "Is the embedding table trained?", 0.9, "same", ("", False, YES)),
    (YES, "Is the table trained?", "Is training applied to my table as well?", 0.7, "same", ("", True, YES)),
    (YES, "Is the table trained?", "Is the table frozen?", 0.9, "contrary", (OTHER_WAY, True, YES)),
    (YES, "Is the table trained?", "Is the table not trained?", 0.9, "turned", ("", True, "The table is trained like every other weight.")),
    (IF, "Is the table trained?", "Is this use of trained consistent with that course?", 0.9, "other", (NEAREST, True, IF)),
    (YES, "Is the table trained?", "How far does the table move?", 0.9, "other", ("", True, YES)),  # not a yes-or-no question
    ("No, never.", "Is it frozen?", "Is it trained?", 0.9, "contrary", ("", True, "Never.")),  # no to one is no yes to the other
    ("Because weights move.", "Why do vectors move?", "what moves a vector", 0.66, "other", ("", True, "Because weights move.")),
    ("Because weights move.", "Why do vectors move?", "why do vectors move", 0.95, "other", ("", False, "Because weights move.")),
    ("Every token then sees the pads too.", "What if I forget the mask?", "what is the mask for", 0.7, "other",
     ("", True, "Every token then sees the pads too.")),
    (NO, "Is there a limit?", "Is there no limit?", 0.7, "turned", ("", False, NO)),
    ("No to both, as a rule.", "Is it one or two?", "Is it three?", 0.7, "other", (NEAREST, True, "No to both, as a rule.")),
    (KEEPS, "What is kept?", "what does tuning keep", 0.7, "other", ("", False, KEEPS)),
    (KEEPS, "What is kept?", "something else", 0.3, "other", ("", True, KEEPS)),
])
def test_openings(text, heading, asked, near, relation, expected):
    assert opening(text, heading, asked, near, relation) == expected
