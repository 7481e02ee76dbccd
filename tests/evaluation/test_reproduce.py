"""Holding a script's output against a card's table."""

import dataclasses

import pytest

from demos import run_demo
from demos.lab.evidence import DemoError, Table
from tests.evaluation.reproduce import compare, run_script


@pytest.fixture(scope="module")
def evidence(tiny_zoo):
    found = run_demo("compare_models", tiny_zoo)
    return dataclasses.replace(found, table=Table(("sentence", "layer", "distance"), (("Hello.", 0, 0.25), ("Hello.", 1, 0.5))))


def test_by_hand(evidence):
    assert compare(evidence, [["Hello.", "0", "0.25"], ["Hello.", "1", "0.5002"]]) == (4, pytest.approx(0.0002))


@pytest.mark.parametrize(("printed", "says"), [
    ([["Hello.", "0", "0.25"]], "prints 1 rows; the card has 2"),
    ([["Hello.", "0", "0.25"], ["Bye.", "1", "0.5"]], "prints “Bye.” where the card has “Hello.”"),
])
def test_what_differs_is_said(evidence, printed, says):
    with pytest.raises(DemoError, match=says):
        compare(evidence, printed)


def test_a_script_runs_in_the_projects_folder():
    assert run_script("import os\nprint(os.path.exists('demos'), 1, sep='\\t')") == [["True", "1"]]
    with pytest.raises(DemoError, match="The script failed: ZeroDivisionError"):
        run_script("1 / 0")
