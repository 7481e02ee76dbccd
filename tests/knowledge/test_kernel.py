"""Votes on vectors that can be worked out in the head."""

import numpy as np

from knowledge import kernel
from knowledge.kernel import KernelRidge

VECTORS = np.eye(3, dtype=np.float32)
GROUPS = np.array([0, 1, 1])


def test_a_vector_scores_highest_for_its_own_group():
    learned = KernelRidge(VECTORS, GROUPS, ridge=0.01)
    assert [learned(vector).argmax() for vector in VECTORS] == [0, 1, 1]
    np.testing.assert_allclose(learned(VECTORS[0]), [1, 0], atol=0.05)


def test_fewer_landmarks_than_vectors(monkeypatch):
    monkeypatch.setattr(kernel, "LANDMARKS", 2)
    learned = KernelRidge(np.repeat(VECTORS, 4, axis=0), np.repeat(GROUPS, 4), ridge=0.01)
    assert learned(VECTORS[0]).shape == (2,)
