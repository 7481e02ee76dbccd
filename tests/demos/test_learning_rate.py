"""Rates, steps and shuffled labels on tiny models."""

import numpy as np
import pytest

from demos import run_demo
from demos.learning_rate import _name, _plan
from tests.demos.test_demos import same_numbers


@pytest.fixture(scope="module")
def found(tiny_zoo):
    return run_demo("learning_rate", tiny_zoo, steps=4)


def test_drift_grows_with_the_rate(found):
    rows = {row[0]: row for row in found.table.rows}
    assert list(rows) == ["1e-5", "5e-5", "1.5e-4", "5e-4", "1 step", "2 steps", "other seed", "shuffled"]
    by_rate = [rows[name][-1] for name in ("1e-5", "5e-5", "1.5e-4", "5e-4")]
    assert by_rate == sorted(by_rate) and by_rate[-1] > by_rate[-2] > 0
    assert [rows[name][2] for name in ("1 step", "2 steps", "1.5e-4")] == [1, 2, 4]
    assert rows["shuffled"][-1] > 0 and rows["shuffled"][-1] != rows["1.5e-4"][-1] != rows["other seed"][-1]


def test_the_finding_is_the_tables(found):
    rows = {row[0]: row for row in found.table.rows}
    moved = [rows[name][-1] for name in ("1 step", "2 steps", "1.5e-4")]
    assert found.findings[0].source_key == "mehrafarin2022"
    assert found.findings[0].holds is bool(np.all(np.diff(moved) > 0))


def test_the_script_trains_again_and_prints_the_same_numbers(found, tiny_zoo):
    same_numbers(tiny_zoo, found, columns=range(len(found.table.columns)))


def test_one_step_has_no_shorter_trainings(tiny_zoo):
    assert run_demo("learning_rate", tiny_zoo, steps=1).findings[0].holds is None


def test_the_plan_by_hand():
    assert _plan(16)["4 steps"] == (1.5e-4, 4) and _plan(16)["8 steps"] == (1.5e-4, 8) and _plan(16)["5e-4"] == (5e-4, 16)
    assert [_name(rate) for rate in (1e-5, 1.5e-4, 2e-10)] == ["1e-5", "1.5e-4", "2e-10"]
