"""Late interaction: word pieces of a question against those of all that is written of a section."""

import numpy as np
import torch

from knowledge import SentenceEmbedder
from knowledge.late import LateInteraction
from tests.evaluation.encoder import Pairs
from tests.evaluation.late import SIZE, scores, train

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


def test_training_scores_as_the_search_does_and_learns():
    draw, project = np.random.default_rng(0), torch.nn.Linear(8, 4, bias=False)
    sections = [draw.normal(size=(size, 8)).astype(np.float16) for size in (3, 5, 2, 4)]
    messages = [(number, draw.normal(size=(6, 8)).astype(np.float16)) for number in (0, 1, 2, 3)]
    weight = project.weight.detach().numpy()
    searched = LateInteraction([states.astype(np.float32) @ weight.T for states in sections], np.arange(4))
    expected = [searched(states.astype(np.float32) @ weight.T, np.arange(4)) for _, states in messages]
    assert np.allclose(scores(project, [states for _, states in messages], sections).detach(), expected, atol=1e-5)
    pairs = Pairs([""] * 4, [("",)] * 4, [[]] * 4, [[]] * 4, [set() for _ in sections])
    near = np.array([[n for n in range(4) if n != one] for one in range(4)])
    losses = list(train(project, pairs, sections, messages, near, 60))
    assert np.isfinite(losses).all() and np.mean(losses[-10:]) < np.mean(losses[:10])


def test_the_projection_fits_the_encoder():
    embed = SentenceEmbedder()
    [reading], [states] = embed.read(["does freezing save memory"]), embed.states(["does freezing save memory"])
    assert reading.pieces.shape == (len(states), SIZE) and states.shape == (4, len(reading.vector))
    assert np.allclose(reading.vector, embed(["does freezing save memory"])[0], atol=1e-5)
    assert embed.untuned.read(["memory"])[0].pieces.size == 0
