"""Poolings and scores worked out by hand; the experiment on a tiny model."""

import numpy as np
import pytest

from demos import Progress, follow_demo
from demos.pooling import CLS, MEAN, POOLINGS, nearest_is, pooled, probe
from tests.demos.test_demos import same_numbers


def test_pooled_by_hand():
    states = np.array([[[1.0, 5], [2, 0], [6, 1]]])  # one layer, three tokens, two dimensions
    assert pooled(states).tolist() == [[[1, 5]], [[3, 2]], [[6, 5]]]


def cell(vectors):
    """As if there were one pooling and one layer."""
    return np.array(vectors, dtype=float)[:, None, None, :]


def test_nearest_is_by_cosine_and_not_by_length():
    pool = cell([[1, 0], [0, 9]])
    assert nearest_is(cell([[3, 1], [1, 2], [5, 0]]), pool, np.array([0, 1, 1]))[0, 0].tolist() == [1, 1, 0]


def test_the_same_vector_for_all_scores_exactly_chance():
    assert nearest_is(cell([[1, 2]] * 3), cell([[2, 4]] * 4), np.array([0, 1, 3]))[0, 0].tolist() == [0.25] * 3


def test_a_probe_learns_what_is_there_and_nothing_else():
    labels = np.array(["a", "b"] * 40)
    told = cell([[1, 0], [0, 1]] * 40)
    silent = cell([[1, 1]] * 80)
    right = probe(np.concatenate([told, silent], axis=1), labels, 60)
    assert right.shape == (2, 1, 20) and right[0].mean() == 1 and right[1].mean() == 0.5


def test_the_experiment(tiny_zoo):
    *progress, found = follow_demo("pooling", tiny_zoo)
    assert all(isinstance(item, Progress) for item in progress)
    done = [item.done for item in progress]
    assert done == sorted(done) and done[0] == 0 and done[-1] < 1 and progress[-1].figure is not None
    assert len(found.table.rows) == 3 * 3 and POOLINGS[CLS] == "[CLS]" and POOLINGS[MEAN] == "mean"
    first = found.table.rows[0]  # the same vector for every text: chance, whatever is asked
    assert first[:2] == ("[CLS]", 0) and first[2:] == (0.5, 0.25, pytest.approx(1 / 110, abs=1e-6))
    assert all(0 <= value <= 1 for row in found.table.rows for value in row[2:])
    same_numbers(tiny_zoo, found)


def test_it_stops_when_closed(tiny_zoo):
    running = follow_demo("pooling", tiny_zoo)
    next(running)
    running.close()
    assert next(running, None) is None
