"""What tuning costs elsewhere."""

from collections import Counter

import pytest

from demos import follow_demo, forgetting, run_demo
from tests.demos.test_demos import same_numbers


@pytest.fixture(scope="module")
def found(tiny_zoo):
    return run_demo("forgetting", tiny_zoo, models=["cookbook"])


def test_the_frozen_control_forgets_nothing(found):
    rows = [row for row in found.table.rows if row[0] == "sentiment_frozen"]
    assert len(rows) == 5 and all(row[3] == row[4] and row[5] == pytest.approx(1) for row in rows)
    assert "changes by exactly 0" in found.baseline


def test_own_and_other_tasks_are_told_apart(found):
    assert {row[1]: row[2] for row in found.table.rows if row[0] == "cookbook"} == {
        "sentiment": "other task", "cookbook": "own task", "company": "other task", "tweets": "other task", "word senses": "no task"}


def test_every_word_has_as_many_sentences_a_sense():
    counts = Counter((word, sense) for word, pairs in forgetting.sense_uses().items() for sense, _ in pairs)
    assert len(counts) == 24 and set(counts.values()) == {forgetting.USES}


def test_there_is_something_to_see_before_any_classifier(tiny_zoo):
    running = follow_demo("forgetting", tiny_zoo, models=["cookbook"])
    first = next(item for item in running if item.figure)
    running.close()
    assert "similarity order kept: base 1.00" in first.figure.alt and "other tasks" not in first.figure.alt


def test_the_script_prints_the_same_numbers(found, tiny_zoo):
    same_numbers(tiny_zoo, found, columns=range(6))
