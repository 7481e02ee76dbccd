"""Late interaction: word pieces of a question against those of all that is written of a section."""

import numpy as np

from knowledge.late import LateInteraction

EAST, NORTH, UP = np.eye(3, dtype=np.float16)


def test_each_piece_takes_its_best_match_from_anything_of_the_group():
    late = LateInteraction([np.stack([EAST]), np.stack([NORTH, UP]), np.stack([UP])], np.array([0, 0, 1]))
    assert np.allclose(late(np.stack([EAST, NORTH]), np.array([0, 1])), [1, 0])
    assert np.allclose(late(np.stack([EAST, UP]), np.array([1, 0])), [0.5, 1])


def test_a_longer_piece_weighs_more_and_the_length_of_a_text_does_not_matter():
    late = LateInteraction([np.stack([5 * EAST]), np.stack([NORTH])], np.array([0, 1]))
    assert np.allclose(late(np.stack([3 * EAST, NORTH]), np.array([0, 1])), [0.75, 0.25])


def test_without_pieces_nothing_speaks_for_any_group():
    none = np.zeros((0, 0), np.float16)
    assert np.array_equal(LateInteraction([none, none], np.array([0, 1]))(none, np.array([1, 0])), [0, 0])
    late = LateInteraction([np.stack([EAST]), np.zeros((0, 3), np.float16)], np.array([0, 2]))
    assert np.allclose(late(np.stack([EAST]), np.array([0, 1, 2])), [1, 0, 0])
