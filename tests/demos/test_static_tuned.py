"""word2vec frozen and tuned in a classifier."""

import numpy as np
import pytest

from demos import Progress, follow_demo, run_demo
from demos.static_tuned import WAYS, _order
from tests.demos.test_demos import same_numbers


def test_what_must_hold(tiny_zoo):
    found = run_demo("static_tuned", tiny_zoo)
    assert "moved by exactly 0" in found.claim
    rows = {row[1]: row for row in found.table.rows}
    assert rows["good / bad"][4] < rows["good / bad"][5]  # after, with every seed, and before
    assert 0.5 < rows["word2vec, trained"][3] <= 1
    assert all(lowest <= mean <= highest for _, _, mean, lowest, highest, _ in found.table.rows)
    assert any(lowest < highest for _, _, _, lowest, highest, _ in found.table.rows[:3])
    assert "mean of 3 seeds, lowest to highest" in found.claim and all("mean of 3 seeds" in each.because for each in found.findings)


@pytest.mark.parametrize(("random", "frozen", "trained", "holds"), [
    (4, 14, 15, True), (4, 14, 14, True), (14, 4, 15, False), (4, 15, 5, False), (13, 14, 15, None), (4, 14, 13, None)])
def test_the_order_of_the_three_by_hand(random, frozen, trained, holds):
    """So many of 16 texts right, with each of three seeds."""
    right = {way: np.tile(np.arange(16) < count, (3, 1)) for way, count in zip(WAYS, (random, frozen, trained), strict=True)}
    assert _order(right) is holds


def test_progress_comes_soon_and_shows_the_scores_so_far(tiny_zoo):
    first = next(follow_demo("static_tuned", tiny_zoo))
    assert isinstance(first, Progress) and 0 < first.done < 0.2 and first.figure and "random, trained" in first.figure.alt


def test_another_seed_draws_another_table(tiny_zoo):
    first, second = (run_demo("static_tuned", tiny_zoo, seed=seed).table for seed in (0, 1))
    assert first != second


def test_the_script_prints_the_same_numbers(tiny_zoo, monkeypatch):
    import demos.lab.zoo

    monkeypatch.setattr(demos.lab.zoo, "default_zoo", lambda: tiny_zoo)
    same_numbers(tiny_zoo, run_demo("static_tuned", tiny_zoo), columns=range(6))
