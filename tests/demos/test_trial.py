"""One short training inside an experiment."""

import numpy as np
import pytest
import torch

from demos.lab.evidence import Figure
from demos.lab.recipe import Recipe
from demos.lab.schemes import SCHEMES
from demos.lab.tasks import load_task
from demos.lab.trial import WORDS, Setting, Trial, base_ordinary, series, short, sign_test, trial, unrelated
from demos.lab.tune import Step

RECIPE = Recipe(steps=3, batch=4)


def last(zoo, scheme, seed=1):
    *steps, result = trial(zoo, load_task("sentiment"), SCHEMES[scheme], RECIPE, seed)
    assert all(isinstance(step, Step) for step in steps) and isinstance(result, Trial)
    return result


def test_a_frozen_trial_moves_nothing_and_counts_the_head_alone(tiny_zoo):
    result = last(tiny_zoo, "frozen")
    assert result.drift.tolist() == [0, 0, 0] and result.changed == frozenset()
    assert result.forgetting == pytest.approx(0, abs=1e-12)
    encoder = sum(w.numel() for name, w in tiny_zoo.load("base").model.named_parameters() if "pooler" not in name)
    assert result.share == pytest.approx(66 / (encoder + 66))  # 2 labels x 32 and 2 biases


def test_a_full_trial_learns_everything_and_gives_the_same_numbers_again(tiny_zoo):
    first, again, other = last(tiny_zoo, "full"), last(tiny_zoo, "full"), last(tiny_zoo, "full", seed=2)
    assert first.share == 1 and (first.drift > 0).all() and 0 < first.seconds < 20
    assert np.array_equal(first.drift, again.drift) and first.score == again.score
    assert not np.array_equal(first.drift, other.drift)
    receipt = first.receipt
    assert (receipt.base, receipt.tensors_new, receipt.metric) == ("base", 2, "accuracy") and receipt.chance == 0.5


def test_the_zoos_base_is_left_alone(tiny_zoo):
    before = {name: weight.clone() for name, weight in tiny_zoo.load("base").model.state_dict().items()}
    last(tiny_zoo, "lora")
    assert all(torch.equal(weight, before[name]) for name, weight in tiny_zoo.load("base").model.state_dict().items())


def test_ordinary_words_and_what_unrelated_looks_like(tiny_zoo):
    words, sentences = base_ordinary(tiny_zoo)
    assert words.shape == (WORDS, 3, 32) and sentences.shape == (WORDS, 32)
    assert unrelated(tiny_zoo).shape == (3,) and (unrelated(tiny_zoo) > 0).all()


def test_a_score_is_the_share_that_is_right(tiny_zoo):
    result = last(tiny_zoo, "frozen")
    assert result.score == pytest.approx(result.right.mean()) and result.right.shape == (len(load_task("sentiment").test),)
    assert last(tiny_zoo, "full").forgetting > 0


def test_a_series_counts_its_steps_and_draws_what_is_done(tiny_zoo):
    task = load_task("sentiment")
    settings = {"one": Setting(task, SCHEMES["frozen"], RECIPE, 1), "two": Setting(task, SCHEMES["lp_ft"], RECIPE, 1)}
    drawn = []

    def draw(done):
        drawn.append(list(done))
        return Figure("svg", "alt")

    running, news = series(tiny_zoo, settings, draw), []
    while True:
        try:
            news.append(next(running))
        except StopIteration as end:
            assert list(end.value) == ["one", "two"]
            break
    assert [round(item.done * 9) for item in news] == list(range(1, 10))  # 3 steps, then 3 of the head and 3 of all
    assert drawn == [["one"]] and "loss of “one”" in news[2].figure.alt and news[3].figure.alt == "alt"


def test_few_steps_unless_the_reader_says_otherwise():
    assert [short(Recipe(steps=70), steps).steps for steps in (None, 5, 90)] == [20, 5, 90]
    assert short(Recipe(steps=3), None).steps == 3


def test_a_trial_that_is_closed_stops(tiny_zoo):
    running = trial(tiny_zoo, load_task("sentiment"), SCHEMES["full"], RECIPE, 1)
    assert next(running).step == 1
    running.close()
    assert list(running) == []


def test_sign_test_by_hand():
    first, second = np.array([True] * 5 + [True, False]), np.array([False] * 5 + [True, False])
    assert sign_test(first, second) == pytest.approx(2 / 2**5)  # five differences, all one way
    assert sign_test(first, first) == 1
