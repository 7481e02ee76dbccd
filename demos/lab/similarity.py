"""How alike two sets of vectors of the same items are, whatever their coordinates: debiased CKA, RSA, Procrustes.

Row i of both arrays is the same item (here: the same token). All three give 1 for a rotated copy, where the cosine of
paired vectors gives about 0. How many rows: plain linear CKA of independent noise is far above 0 unless there are many
more rows than dimensions, hence the debiased estimator; Procrustes needs clearly more than 2 d rows, since the half on
which it is fitted must span the d dimensions. 5 d rows are a good number (1,920 for 384 dimensions).
"""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import orthogonal_procrustes
from scipy.stats import spearmanr

from demos.lab.measure import unit


def debiased_cka(x: np.ndarray, y: np.ndarray) -> float:
    """Linear CKA (Kornblith et al. 2019) with the unbiased HSIC (Song et al. 2007): (n, d) and (n, e) -> float.

    1: the same up to rotation and scale; about 0, and as often below as above it, if unrelated. ValueError: see the grid.
    """
    return float(debiased_cka_grid([x], [y])[0, 0])


def debiased_cka_grid(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> np.ndarray:
    """Debiased CKA of every array on the left with every one on the right, each (n, d) -> (len(left), len(right)).

    Raises ValueError for fewer than 4 rows or rows that are all alike: the estimator is not defined there.
    """
    centred = [[array - array.mean(axis=0) for array in side] for side in (left, right)]
    sizes = [np.array([_unbiased_hsic(array, array) for array in side]) for side in centred]
    if min(size.min() for size in sizes) <= 0:
        raise ValueError("CKA needs rows that differ; here they are all alike.")
    together = np.array([[_unbiased_hsic(x, y) for y in centred[1]] for x in centred[0]])
    return together / np.sqrt(np.outer(*sizes))


def rsa(x: np.ndarray, y: np.ndarray) -> float:
    """Representational similarity analysis: Spearman correlation of the cosines of all pairs, (n, d) and (n, e) -> float.

    Memory and time grow with n squared; a few hundred rows are enough.
    """
    pairs = np.triu_indices(len(x), k=1)
    first, second = ((unit(vectors) @ unit(vectors).T)[pairs] for vectors in (x, y))
    return float(spearmanr(first, second).statistic)


def held_out_procrustes(x: np.ndarray, y: np.ndarray) -> float:
    """Mean cosine of paired rows after the best rotation of x onto y: (n, d) and (n, d) -> float.

    The rotation (and the means, which are taken off) come from the first half of the rows, the cosine from the second:
    scored on the rows that it was fitted on, a rotation makes even independent noise look alike. Keep what belongs
    together, such as the tokens of one sentence, in adjacent rows.
    """
    half = len(x) // 2
    x, y = x - x[:half].mean(axis=0), y - y[:half].mean(axis=0)
    rotation, _ = orthogonal_procrustes(x[:half], y[:half])
    return float(np.mean(np.sum(unit(x[half:] @ rotation) * unit(y[half:]), axis=1)))


def _unbiased_hsic(x: np.ndarray, y: np.ndarray) -> float:
    """Song et al. 2007, equation 5, with linear kernels K = x x', L = y y' whose diagonals are set to 0.

    Written with d x d products instead of the n x n kernels: the same number, in a fraction of the time.
    """
    n = len(x)
    if n < 4:
        raise ValueError(f"The unbiased estimator needs at least 4 rows; there are {n}.")
    self_x, self_y = np.sum(x * x, axis=1), np.sum(y * y, axis=1)  # the diagonals
    rows_x, rows_y = x @ x.sum(axis=0) - self_x, y @ y.sum(axis=0) - self_y  # the kernels' row sums
    trace = np.sum((x.T @ y) ** 2) - self_x @ self_y
    return float((trace + rows_x.sum() * rows_y.sum() / ((n - 1) * (n - 2)) - 2 * (rows_x @ rows_y) / (n - 2)) / (n * (n - 3)))
