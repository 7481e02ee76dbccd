"""Freezing from below and rolling back, on tiny models."""

import numpy as np
import pytest
import torch

from demos import Progress, follow_demo, run_demo
from demos.freeze_depth import _groups, _rollback_finding, _rolled_back
from demos.lab.schemes import layer_of
from tests.demos.test_demos import same_numbers


@pytest.fixture(scope="module")
def found(tiny_zoo):
    return run_demo("freeze_depth", tiny_zoo, steps=3)


def test_below_the_frozen_bottom_drift_is_exactly_zero(found):
    rows = {row[0]: row[3:] for row in found.table.rows}
    assert list(rows)[:5] == ["frozen: none", "frozen: emb.", "frozen: 1", "frozen: 2", "frozen: none, other seed"]
    assert all(value > 0 for value in rows["frozen: none"])
    assert rows["frozen: emb."][0] == 0 < rows["frozen: emb."][1]
    assert rows["frozen: 1"][:2] == (0, 0) and rows["frozen: 1"][2] > 0
    assert rows["frozen: 2"] == (0, 0, 0) and "In frozen layers words moved by exactly 0." in found.claim
    shares = [row[2] for row in found.table.rows[:4]]
    assert shares[0] == 1 and shares == sorted(shares, reverse=True)


def test_the_script_trains_and_rolls_back_with_the_same_numbers(found, tiny_zoo):
    same_numbers(tiny_zoo, found, columns=range(len(found.table.columns)))


def test_rolling_back_restores_these_layers_and_no_others(tiny_zoo):
    base, tuned = tiny_zoo.load("base"), tiny_zoo.load("sentiment")
    model = _rolled_back(tuned, base, [2])
    for name, weight in model.state_dict().items():
        owner = base if layer_of(name) == 2 else tuned
        assert torch.equal(weight, owner.model.state_dict()[name]), name
    assert not torch.equal(tuned.model.state_dict()["encoder.layer.1.output.dense.bias"],
                           model.state_dict()["encoder.layer.1.output.dense.bias"])


def test_all_rolled_back_is_the_base(tiny_zoo):
    base = tiny_zoo.load("base")
    model = _rolled_back(tiny_zoo.load("sentiment"), base, _groups(2)["all"])
    assert all(torch.equal(weight, base.model.state_dict()[name]) for name, weight in model.state_dict().items())


def test_groups_by_hand():
    assert _groups(6) == {"nothing": (), "embeddings": (0,), "blocks 1–2": [1, 2], "blocks 3–4": [3, 4], "blocks 5–6": [5, 6],
                          "all": range(7)}
    assert _groups(2) == {"nothing": (), "embeddings": (0,), "block 1": [1], "block 2": [2], "all": range(3)}


@pytest.mark.parametrize(("low", "high", "holds"), [(10, 2, True), (2, 10, False), (10, 9, None)])
def test_the_rollback_finding_follows_the_numbers(low, high, holds):
    right = {"nothing": np.ones(12, bool), "embeddings": np.ones(12, bool), "block 1": np.arange(12) < low,
             "block 2": np.arange(12) < high}
    assert _rollback_finding(right).holds is holds


def test_the_first_news_is_a_rollback(tiny_zoo):
    running = follow_demo("freeze_depth", tiny_zoo, steps=1)
    news = [next(running), next(running)]
    assert all(isinstance(item, Progress) for item in news) and news[0].figure is None and news[1].figure is not None
    running.close()
    assert list(running) == []
