"""Learning curves, frozen and tuned, on tiny models."""

import numpy as np
import pytest
import torch

from demos import DemoError, Progress, follow_demo, run_demo
from demos.lab.curve_evidence import _winner
from demos.lab.curves import CONVERGED, FROZEN, TUNED, Point, better, recipe_for, sizes
from demos.lab.probe import guesses, logistic_guesses, text_features, trained_head
from demos.lab.recipe import Recipe
from demos.lab.schemes import SCHEMES
from demos.lab.tasks import load_task, subset
from demos.lab.tune import finetune
from tests.demos.test_demos import same_numbers

LINES = "\n".join(f"{label}, The {thing} was {word} and so was the {other}." for thing in ("soup", "train", "film", "bed")
                  for other in ("view", "host") for label, word in (("good", "lovely"), ("bad", "dreadful")))


@pytest.fixture(scope="module")
def own(tiny_zoo):
    return run_demo("frozen_or_tuned", tiny_zoo, lines=LINES)


def test_every_way_at_every_size(tiny_zoo):
    found = run_demo("frozen_or_tuned", tiny_zoo, task="sentiment")
    rows = found.table.rows
    assert [row[0] for row in rows] == [f"{way}, {size} examples" for size in (4, 16, 64, 496) for way in (FROZEN, CONVERGED, TUNED)]
    assert all(row[2] <= row[1] <= row[3] for row in rows)
    assert {row[6] for row in rows if row[0].startswith("frozen")} == {66} and rows[2][6] > 66  # 2 labels x 32 and 2 biases


def test_the_script_trains_again_with_the_readers_lines(own, tiny_zoo):
    assert own.claim.startswith("On your lines with 12 training examples") and {row[4] for row in own.table.rows} == {4, 12}
    same_numbers(tiny_zoo, own, columns=range(len(own.table.columns)))


def test_four_texts_can_not_tell_which_is_better(own):
    assert "cannot tell which is better" in own.claim and all(finding.holds is None for finding in own.findings)


def test_bad_lines_are_said(tiny_zoo):
    with pytest.raises(DemoError, match="2 labelled lines were given"):
        run_demo("frozen_or_tuned", tiny_zoo, lines="good, one\nbad, two")


def test_progress_begins_with_the_frozen_ones(tiny_zoo):
    running = follow_demo("frozen_or_tuned", tiny_zoo, task="cookbook")
    news = []
    for item in running:
        news.append(item)
        if item.doing.startswith("tuned"):
            break
    running.close()
    assert all(isinstance(item, Progress) for item in news) and list(running) == []
    assert [item.done for item in news] == sorted(item.done for item in news)
    assert "frozen to the end" in next(item for item in news if item.figure).figure.alt
    assert "tuned" not in news[-2].figure.alt


def test_a_head_on_kept_features_is_the_head_of_frozen_tuning(tiny_zoo):
    task, recipe = subset(load_task("sentiment"), 16, 3), Recipe(steps=5, batch=4)
    *_, tuned = finetune(tiny_zoo.base, task, recipe, scheme=SCHEMES["frozen"], seed=3)
    features = text_features(tiny_zoo.load("base"), task.train, task)
    head = trained_head(features, task, recipe, 3)
    for mine, its in zip(head.parameters(), tuned.head.parameters(), strict=True):
        assert torch.allclose(mine, its, atol=1e-5)
    assert set(guesses(head, features, task)) <= set(task.labels)


def test_logistic_regression_by_hand():
    points = np.array([[-2.0, 0], [-1, 0], [1, 0], [2, 0]])
    assert logistic_guesses(points, ["left", "left", "right", "right"], np.array([[-3.0, 1], [3, 1]])) == ["left", "right"]


def point(way, *rights):
    return Point(way, 4, 1, np.array(rights, dtype=bool), 1, 0.0)


def test_better_needs_both_the_seeds_and_the_texts():
    always, never = np.ones(10), np.zeros(10)
    mixed = np.arange(10) < 5
    assert better(point(TUNED, always, always), point(FROZEN, never, never))[0]
    assert better(point(TUNED, always, always), point(FROZEN, never, never))[1] == pytest.approx(2 / 2**10)
    assert not better(point(TUNED, always, never), point(FROZEN, mixed, mixed))[0]  # the spreads overlap
    few = np.ones(2), np.zeros(2)
    assert not better(point(TUNED, few[0], few[0]), point(FROZEN, few[1], few[1]))[0]  # two texts prove nothing


@pytest.mark.parametrize(("tuned", "frozen", "converged", "winner"), [
    (10, 2, 2, TUNED), (0, 8, 8, FROZEN), (5, 0, 10, None), (5, 5, 5, None), (10, 2, 10, None)])
def test_the_winner_beats_both_frozen_ways(tuned, frozen, converged, winner):
    points = {(way, 4): point(way, *[np.arange(10) < count] * 3)
              for way, count in ((TUNED, tuned), (FROZEN, frozen), (CONVERGED, converged))}
    assert _winner(points, 4)[0] == winner


def test_sizes_and_steps_by_hand():
    task = load_task("sentiment")
    assert sizes(task) == [4, 16, 64, 496] and sizes(subset(task, 20, 0)) == [4, 16, 20] and sizes(subset(task, 4, 0)) == [4]
    assert [recipe_for(Recipe(), size).steps for size in (4, 12, 64, 496)] == [5, 6, 10, 20]
    assert recipe_for(Recipe(steps=3), 496).steps == 3
