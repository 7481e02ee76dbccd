"""Rates, steps and shuffled labels on tiny models."""

from types import SimpleNamespace

import numpy as np
import pytest

from demos import run_demo
from demos.learning_rate import _findings, _name, _plan
from tests.demos.test_demos import same_numbers


@pytest.fixture(scope="module")
def found(tiny_zoo):
    return run_demo("learning_rate", tiny_zoo, steps=4)


def test_drift_grows_with_the_rate(found):
    rows = {row[0]: row for row in found.table.rows}
    assert list(rows) == ["1e-5", "5e-5", "1.5e-4", "5e-4", "2 steps", "8 steps", "other seed", "5e-4, other seed", "shuffled"]
    by_rate = [rows[name][-1] for name in ("1e-5", "5e-5", "1.5e-4", "5e-4")]
    assert by_rate == sorted(by_rate) and by_rate[-1] > by_rate[-2] > 0
    assert [rows[name][2] for name in ("2 steps", "1.5e-4", "8 steps")] == [2, 4, 8]
    assert rows["shuffled"][-1] > 0 and rows["shuffled"][-1] != rows["1.5e-4"][-1] != rows["other seed"][-1]


@pytest.mark.parametrize(("half", "whole", "twice", "holds"), [
    (0.1, 0.2, 0.4, True), (0.3, 0.2, 0.4, False), (0.19, 0.2, 0.4, None), (0.21, 0.2, 0.4, None),
])
def test_the_finding_on_steps_follows_the_numbers(half, whole, twice, holds):
    """Two seeds differ by 0.05 here: a smaller difference decides nothing."""
    moved = {"2 steps": half, "1.5e-4": whole, "8 steps": twice, "other seed": whole + 0.05}
    trials = {name: SimpleNamespace(drift=np.array([0, moved.get(name, 0.1)]), right=np.ones(9, bool), score=1.0,
                                    receipt=SimpleNamespace(chance=0.5)) for name in _plan(4)}
    steps, rate = _findings(trials, _plan(4))
    assert steps.source_key == "mehrafarin2022" and steps.holds is holds
    assert rate.source_key == "sun2019" and rate.holds is False  # nine of nine right, twice: it learnt


@pytest.mark.parametrize(("right", "right_again", "holds"), [(9, 9, False), (5, 5, True), (9, 5, None)])
def test_the_finding_on_the_highest_rate_needs_both_seeds(right, right_again, holds):
    correct = {"5e-4": right, "5e-4, other seed": right_again}
    trials = {name: SimpleNamespace(drift=np.array([0, 0.1]), right=np.arange(9) < correct.get(name, 9), score=1.0,
                                    receipt=SimpleNamespace(chance=0.5)) for name in _plan(4)}
    assert _findings(trials, _plan(4))[1].holds is holds


def test_the_script_trains_again_and_prints_the_same_numbers(found, tiny_zoo):
    same_numbers(tiny_zoo, found, columns=range(len(found.table.columns)))


def test_the_plan_by_hand():
    assert _plan(16)["8 steps"] == (1.5e-4, 8) and _plan(16)["32 steps"] == (1.5e-4, 32) and _plan(16)["5e-4"] == (5e-4, 16)
    assert [count for _, count in _plan(1).values()] == [1, 1, 1, 1, 2, 1, 1, 1]  # half a step is none
    assert [_name(rate) for rate in (1e-5, 1.5e-4, 2e-10)] == ["1e-5", "1.5e-4", "2e-10"]
