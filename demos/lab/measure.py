"""Measures between vectors, in numpy, each small enough to check by hand."""

import numpy as np


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scale vectors (..., d) to length 1; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors, dtype=np.float64), where=length > 0)


def drift(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """1 - cosine of paired vectors (..., d) -> (...). Equal arrays give exactly 0, not rounding noise.

    Cosines are comparable here because a tuned model starts from the base's coordinates; for two models trained
    apart, align first.
    """
    distance = 1.0 - np.sum(unit(before) * unit(after), axis=-1)
    return np.where(np.all(before == after, axis=-1), 0.0, distance)


def sense_separation(vectors: np.ndarray, senses: np.ndarray) -> float:
    """Mean cosine within a sense minus mean cosine between senses, over pairs of (n, d) vectors. 0: no separation."""
    within, between = within_and_between(vectors, senses)
    return within - between


def nearest_centroid_accuracy(vectors: np.ndarray, senses: np.ndarray) -> float:
    """Leave-one-out accuracy of the nearest class mean by cosine, over (n, d) vectors.

    A tie counts as 1 / (number of tied classes), so identical vectors score exactly chance.
    """
    vectors, rows = unit(vectors), np.arange(len(vectors))
    classes, own = np.unique(senses, return_inverse=True)
    sums = np.stack([vectors[own == number].sum(axis=0) for number in range(len(classes))])
    similarity = vectors @ unit(sums).T  # a sum points where its mean points
    similarity[rows, own] = np.sum(vectors * unit(sums[own] - vectors), axis=-1)
    best = np.isclose(similarity, similarity.max(axis=1, keepdims=True), rtol=0, atol=1e-9)
    return float(np.mean(best[rows, own] / best.sum(axis=1)))


def nearest(query: np.ndarray, pool: np.ndarray, k: int) -> np.ndarray:
    """Indices of the k rows of pool (n, d) with the highest cosine to query (d,), nearest first."""
    return np.argsort(-(unit(pool) @ unit(query)), kind="stable")[:k]


def neighbours(vectors: np.ndarray, chosen: np.ndarray, k: int) -> np.ndarray:
    """For each chosen row of vectors (n, d): indices of the k other rows with the highest cosine, nearest first: (chosen, k)."""
    scaled = unit(vectors)
    cosine = scaled[chosen] @ scaled.T
    cosine[np.arange(len(chosen)), chosen] = -np.inf  # a row is not its own neighbour
    return np.argsort(-cosine, axis=1, kind="stable")[:, :k]


def neighbour_overlap(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How many neighbours two lists of k share, whatever their order: (..., k), (..., k) -> (...), from 0 to k."""
    return (before[..., :, None] == after[..., None, :]).any(axis=-1).sum(axis=-1)


def within_and_between(vectors: np.ndarray, senses: np.ndarray) -> tuple[float, float]:
    """Mean cosine of pairs of one sense, and of pairs of two senses, over (n, d) vectors; a vector is not its own pair."""
    cosine = unit(vectors) @ unit(vectors).T
    same = senses[:, None] == senses[None, :]
    pairs = ~np.eye(len(senses), dtype=bool)
    return float(cosine[same & pairs].mean()), float(cosine[~same].mean())


def relative_change(before: list[np.ndarray], after: list[np.ndarray]) -> float:
    """Frobenius norm of the difference of a group of weights, divided by that of the weights before. 0.01 = 1 %."""
    moved = sum(float(np.sum((b - a) ** 2, dtype=np.float64)) for b, a in zip(before, after, strict=True))
    size = sum(float(np.sum(b**2, dtype=np.float64)) for b in before)
    return float(np.sqrt(moved / size))


def share_below(value: float, others: np.ndarray) -> float:
    """The share of the other values that are smaller than this one, in [0, 1]."""
    return float(np.mean(np.asarray(others) < value))


def rounded(value: float | np.floating | np.ndarray) -> float:
    """Six decimals as a Python float: more than is meaningful, enough to compare runs to 1e-4."""
    return round(float(value), 6)
