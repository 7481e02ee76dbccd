"""Every expected number is worked out by hand."""

import numpy as np
import pytest

from demos.lab import measure


def test_drift_of_equal_opposite_and_orthogonal_vectors():
    before = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    after = np.array([[1.0, 0.0], [-2.0, 0.0], [0.0, 3.0]])
    assert measure.drift(before, after).tolist() == pytest.approx([0, 2, 1])


def test_drift_of_the_same_array_is_exactly_zero():
    vectors = np.random.default_rng(0).normal(size=(50, 7))
    assert (measure.drift(vectors, vectors.copy()) == 0).all()


def test_drift_ignores_length():
    # cos between (3, 4) and (4, 3) is 24 / 25
    assert measure.drift(np.array([3.0, 4.0]), np.array([40.0, 30.0])) == pytest.approx(1 / 25)


def test_separation_of_two_perfect_clusters_is_two():
    vectors = np.array([[1.0, 0], [2.0, 0], [-1.0, 0], [-3.0, 0]])
    assert measure.sense_separation(vectors, np.array(["a", "a", "b", "b"])) == pytest.approx(2)


def test_one_vector_for_all_has_no_separation_and_chance_accuracy():
    vectors, senses = np.ones((6, 3)), np.array(["a", "b"] * 3)
    assert measure.sense_separation(vectors, senses) == pytest.approx(0)
    assert measure.nearest_centroid_accuracy(vectors, senses) == pytest.approx(0.5)


def test_nearest_centroid_leaves_the_tested_vector_out():
    # The odd one lies with the other class: three of four are right.
    vectors = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [1.0, 0.05], [0.1, 1.0]])
    senses = np.array(["a", "a", "b", "b", "b"])
    assert measure.nearest_centroid_accuracy(vectors, senses) == pytest.approx(4 / 5)


def test_nearest_are_in_order_of_cosine():
    pool = np.array([[0.0, 1.0], [1.0, 0.1], [5.0, 0.0], [-1.0, 0.0]])
    assert measure.nearest(np.array([1.0, 0.0]), pool, 3).tolist() == [2, 1, 0]


def test_relative_change_of_a_group_of_weights():
    before = [np.array([3.0]), np.array([4.0])]  # norm 5
    after = [np.array([3.0]), np.array([5.0])]  # differs by norm 1
    assert measure.relative_change(before, after) == pytest.approx(0.2)


def test_share_below():
    assert measure.share_below(0.3, np.array([0.1, 0.2, 0.3, 0.4])) == 0.5
