"""A yes or no is shown bare only under the question that it answers."""

import pytest

from bot.opening import opening

YES = "Yes, the table is trained like every other weight."


@pytest.mark.parametrize(("text", "heading", "asked", "near", "expected"), [
    (YES, "Is the table trained?", "Is the embedding table trained?", 0.9, (False, YES)),
    (YES, "Is the table trained?", "Is this use of trained consistent with that course on tables?", 0.9, (True, YES)),
    (YES, "Is the table trained?", "How far does the table move?", 0.9, (True, YES)),  # not a yes-or-no question
    (YES, "Is the table trained?", "Is the table frozen?", 0.0, (True, "The table is trained like every other weight.")),  # the other way
    ("Yes, and nothing needs to be done.", "Is it trained?", "Is it frozen?", 0.0, (True, "Yes, and nothing needs to be done.")),
    ("Because weights move.", "Why do vectors move?", "what moves a vector", 0.66, (True, "Because weights move.")),
    ("Because weights move.", "Why do vectors move?", "why do vectors move", 0.95, (False, "Because weights move.")),
    ("BERT keeps most of it.", "What is kept?", "what does tuning keep", 0.7, (False, "BERT keeps most of it.")),
    ("BERT keeps most of it.", "What is kept?", "something else", 0.3, (True, "BERT keeps most of it.")),
])
def test_openings(text, heading, asked, near, expected):
    assert opening(text, heading, asked, near) == expected
