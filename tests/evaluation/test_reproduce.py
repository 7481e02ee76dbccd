"""Holding a script's output against a card's table."""

import dataclasses

import pytest

from demos import find_demos, run_demo
from demos.lab.evidence import DemoError, Table
from tests.evaluation.reproduce import Case, cases, compare, line, run_script


@pytest.fixture(scope="module")
def evidence(tiny_zoo):
    found = run_demo("compare_models", tiny_zoo)
    return dataclasses.replace(found, table=Table(("sentence", "layer", "distance"), (("Hello.", 0, 0.25), ("Hello.", 1, 0.5))))


def test_by_hand(evidence):
    assert compare(evidence, [["Hello.", "0", "0.25"], ["Hello.", "1", "0.5002"]]) == (4, pytest.approx(0.0002))


@pytest.mark.parametrize(("printed", "says"), [
    ([["Hello.", "0", "0.25"]], "prints 1 rows; the card has 2"),
    ([["Hello.", "0", "0.25"], ["Bye.", "1", "0.5"]], "prints “Bye.” where the card has “Hello.”"),
    ([["Hello.", "0"], ["Hello.", "1", "0.5"]], "prints 2 cells a row; the card has 3"),
    ([["Hello.", "0", "0.25"], ["Hello.", "1", "-"]], "prints “-” where the card has “0.5”"),
    ([["Hello.", "0", "0.25"], ["Hello.", "1", "nan"]], "prints “nan” where the card has “0.5”"),
])
def test_what_differs_is_said(evidence, printed, says):
    with pytest.raises(DemoError, match=says):
        compare(evidence, printed)


def test_columns_that_a_script_does_not_print(evidence):
    assert compare(evidence, [["Hello.", "0.25"], ["Hello.", "0.5"]], columns=(0, 2)) == (2, 0.0)


def test_a_mismatch_is_a_row_of_the_table(evidence, tiny_zoo, monkeypatch):
    monkeypatch.setattr("tests.evaluation.reproduce.run_demo", lambda *given, **parameters: evidence)
    monkeypatch.setattr("tests.evaluation.reproduce.run_script", lambda code: [["Hello."], ["Hello."]])
    assert line("x", Case("compare_models", {}), tiny_zoo) == (
        "| x | | | no: The script of compare_models prints 1 cells a row; the card has 3. |")


def test_every_experiment_is_a_case_and_a_case_can_be_chosen():
    assert set(cases()) >= set(find_demos())
    assert list(cases(["frozen_or_tuned, task", "live_tuning"])) == ["frozen_or_tuned, task", "live_tuning"]
    with pytest.raises(DemoError, match="There is no case “nope”; there are compare_models"):
        cases(["nope"])


def test_a_script_runs_in_the_projects_folder():
    assert run_script("import os\nprint(os.path.exists('demos'), 1, sep='\\t')") == [["True", "1"]]
    with pytest.raises(DemoError, match="The script failed: ZeroDivisionError"):
        run_script("1 / 0")
