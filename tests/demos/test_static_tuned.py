"""word2vec frozen and tuned in a classifier."""

from demos import run_demo
from tests.demos.test_demos import same_numbers


def test_what_must_hold(tiny_zoo):
    found = run_demo("static_tuned", tiny_zoo)
    assert "moved by exactly 0" in found.claim
    rows = {row[1]: row for row in found.table.rows}
    assert rows["good / bad"][3] < rows["good / bad"][2]
    assert 0.5 < rows["word2vec, trained"][2] <= 1


def test_another_seed_draws_another_table(tiny_zoo):
    first, second = (run_demo("static_tuned", tiny_zoo, seed=seed).table for seed in (0, 1))
    assert first != second


def test_the_script_prints_the_same_numbers(tiny_zoo, monkeypatch):
    import demos.lab.zoo

    monkeypatch.setattr(demos.lab.zoo, "default_zoo", lambda: tiny_zoo)
    same_numbers(tiny_zoo, run_demo("static_tuned", tiny_zoo), columns=range(4))
