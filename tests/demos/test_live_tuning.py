"""Tuning while one looks: progress, the reader's own lines, and a stop that stops."""

import pytest

from demos import DemoError, Evidence, Progress, follow_demo, run_demo

LINES = "\n".join(f"good, a fine day number {number}\nbad, a sad loss number {number}" for number in range(6))


def test_progress_grows_and_the_evidence_comes_last(tiny_zoo):
    *news, last = follow_demo("live_tuning", tiny_zoo, steps=4)
    assert isinstance(last, Evidence) and [round(item.done * 4) for item in news] == [1, 2, 3, 4]
    assert all(isinstance(item, Progress) and item.figure for item in news)
    assert [row[0] for row in last.table.rows] == [1, 2, 3, 4] and last.table.rows[-1][2] > 0


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
