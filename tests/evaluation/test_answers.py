"""Floors for the answers: a change that makes them worse fails here. The full tables: python -m tests.evaluation.answers."""

import numpy as np

from tests.evaluation import answers, yes_no


def test_conversations(tutor):
    outcomes = answers.conversations(tutor, answers.lines(answers.HERE / "conversations.jsonl"))
    missed = [(row["history"][-1:], row["message"]) for row, good in outcomes if not good]
    assert 1 - len(missed) / len(outcomes) >= answers.RESOLVED, missed
    assert not [row for row, good in outcomes if not good and row.get("status") == "declined"], "a wrong topic was answered"


def test_statements(index):
    found = answers.statements(index, answers.lines(answers.HERE / "statements.jsonl"))
    judged, rightly, of = (sum(counts[place] for counts in found.values()) for place in range(3))
    assert rightly >= answers.PRECISION * judged and rightly >= answers.RECALL * of


def test_a_yes_is_never_shown_for_a_no(tutor):
    found = yes_no.outcomes(tutor)
    assert found["wrong"] <= yes_no.WRONG_AT_MOST * found.total() and found["right"] >= yes_no.RIGHT_AT_LEAST * found.total(), found


def test_declining(tutor):
    rows = [row for row in answers.lines(answers.HERE / "questions.jsonl")][::5]
    declined = answers.declining(tutor, rows)
    inside, outside = declined.pop("in scope"), [sum(counts[place] for counts in declined.values()) for place in range(2)]
    assert outside[0] >= answers.DECLINED_RIGHTLY * outside[1] and inside[0] <= answers.DECLINED_WRONGLY * inside[1]


def test_the_count_of_key_points_by_hand():
    same, other = np.eye(2, dtype=np.float32)
    assert answers._covered("weights move", same, "The weights move.", same[None])
    assert not answers._covered("weights move", same, "The weights move.", other[None])
