"""Whether two yes-or-no questions have the same answer: by example."""

import pytest

from bot.polarity import relation


@pytest.mark.parametrize(("asked", "heading", "near", "verdict", "expected"), [
    ("Are the input embeddings updated?", "Do the input embeddings change?", 0.9, "yes", "same"),
    ("Do the input embeddings stay frozen in standard tuning?", "Are the input embeddings trained?", 0.8, "yes", "contrary"),
    ("Are the input embeddings not updated?", "Are the input embeddings updated?", 0.9, "yes", "turned"),
    ("Do the lower layers change more than the upper layers?", "Do the lower layers change?", 0.8, "yes", "other"),
    ("Is fine-tuning a kind of transfer learning?", "Is fine-tuning the same as transfer learning?", 0.95, "no", "other"),
    ("Is more movement always better?", "Is more movement better?", 0.9, "no", "same"),  # not at all, so not always
    ("Is more movement always better?", "Is more movement better?", 0.9, "yes", "other"),
    ("Is only the head trained?", "Is the head trained?", 0.9, "yes", "other"),
    ("Does LoRA change the original weights?", "Does BitFit change the original weights?", 0.9, "no", "other"),
    ("Is the table trained?", "Does pizza taste good?", 0.1, "yes", "other"),
])
def test_relations(asked, heading, near, verdict, expected):
    assert relation(asked, heading, near, verdict) == expected
