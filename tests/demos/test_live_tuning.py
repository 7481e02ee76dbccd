"""Tuning while one looks: progress, the reader's own lines, and a stop that stops."""

import time

import pytest

from demos import DemoError, Evidence, Progress, follow_demo, live_tuning, run_demo
from tests.demos.test_demos import same_numbers

LINES = "\n".join(f"good, a fine day number {number}\nbad, a sad loss number {number}" for number in range(6))


def test_progress_grows_and_the_evidence_comes_last(tiny_zoo):
    *news, last = follow_demo("live_tuning", tiny_zoo, steps=4)
    assert isinstance(last, Evidence) and [round(item.done * 8) for item in news] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(isinstance(item, Progress) and item.figure for item in news)
    assert [row[0] for row in last.table.rows] == [1, 2, 3, 4] and last.table.rows[-1][2] > 0


def test_another_seed_is_the_control(tiny_zoo):
    first, second = (run_demo("live_tuning", tiny_zoo, steps=3, seed=seed) for seed in (1, 2))
    assert [row[2] for row in first.controls.rows] == [row[1] for row in second.controls.rows]
    assert all(row[3] > 0 for row in first.controls.rows) and "by luck alone" in first.baseline


@pytest.mark.parametrize("lines", [None, LINES])
def test_the_script_trains_again(tiny_zoo, lines):
    same_numbers(tiny_zoo, run_demo("live_tuning", tiny_zoo, lines=lines, scheme="bitfit", steps=3), columns=range(4))


def test_steps_that_do_not_fit_into_the_time_are_left_out(tiny_zoo, monkeypatch):
    monkeypatch.setattr(live_tuning._Course, "steps_that_fit", lambda self, began: 4)
    found = run_demo("live_tuning", tiny_zoo, steps=9)
    assert found.parameters["steps"] == 4 and "9 steps would have taken more than a minute, so there were 4." in found.caveat
    assert found.table == run_demo("live_tuning", tiny_zoo, steps=4).table


def test_how_many_steps_fit_by_hand():
    course = live_tuning._Course(None, 0.0, losses=[0.5, 0.4, 0.3])
    now = time.perf_counter()
    assert live_tuning.BUDGET == 45 and course.steps_that_fit(now - 3) in (20, 21)  # 42 s for two trainings at 1 s a step
    assert course.steps_that_fit(now - 60) == live_tuning.TRIED


def test_it_stops_itself_in_time_and_says_so(tiny_zoo, monkeypatch):
    monkeypatch.setattr(live_tuning, "BUDGET", 0.0)
    found = run_demo("live_tuning", tiny_zoo, steps=2)
    assert "stopped itself after 1 of 2 steps, for a minute is the limit" in found.caveat
    assert "not scored" in found.claim and found.receipts[1].score is None
    same_numbers(tiny_zoo, found, columns=range(4))


def test_looking_does_not_change_what_is_learnt(tiny_zoo):
    from demos.lab.schemes import SCHEMES
    from demos.lab.tasks import load_task
    from demos.lab.tune import finetune

    found = run_demo("live_tuning", tiny_zoo, steps=3)
    plain = [round(news.loss, 6) for news in finetune(tiny_zoo.base, load_task("sentiment"), tiny_zoo.recipe,
                                                      scheme=SCHEMES["full"], seed=1) if hasattr(news, "loss")]
    assert [row[1] for row in found.table.rows] == plain


def test_a_frozen_encoder_does_not_move(tiny_zoo):
    found = run_demo("live_tuning", tiny_zoo, scheme="frozen", steps=3)
    assert all(row[2] == row[3] == 0 for row in found.table.rows)


def test_the_readers_own_lines(tiny_zoo):
    found = run_demo("live_tuning", tiny_zoo, lines=LINES, steps=3)
    assert "your lines" in found.claim and found.parameters["lines"] == LINES


@pytest.mark.parametrize(("lines", "says"), [("good, one\nbad, two", "2 labelled lines"), ("good, a b\n" * 9, "1 different label"),
                                             ("\n".join(["good, x"] * 10_000), "10,000 labelled lines")])
def test_lines_that_will_not_do(tiny_zoo, lines, says):
    with pytest.raises(DemoError, match=says):
        run_demo("live_tuning", tiny_zoo, lines=lines)
