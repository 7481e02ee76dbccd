"""How far a set of vectors points one way, and which dimensions make it so, in numpy.

If vectors pointed in all directions alike (isotropy), two random ones would have a cosine of about 0. Contextual vectors
often do not, and then a cosine of 0.5 may mean "unrelated".
"""

import numpy as np

from demos.lab.measure import unit


def cosine_by_dimension(vectors: np.ndarray) -> np.ndarray:
    """What each dimension adds to the mean cosine over all pairs of rows: (n, d) -> (d,). n is at least 2.

    The contributions of Timkey and van Schijndel (2021), over all pairs at once instead of a sample of them.
    """
    rows = unit(vectors)
    return (rows.sum(axis=0) ** 2 - (rows**2).sum(axis=0)) / (len(rows) * (len(rows) - 1))


def mean_cosine(vectors: np.ndarray) -> float:
    """Mean cosine over all pairs of different rows of (n, d), from -1 / (n - 1) to 1.

    Over one random word of each sentence it is the anisotropy, over the uses of one word its self-similarity (both as in
    Ethayarajh 2019).
    """
    return float(cosine_by_dimension(vectors).sum())


def top_share(vectors: np.ndarray, k: int) -> float:
    """The share of the mean cosine of (n, d) that its k largest dimensions carry; k / d if all carry alike.

    It can pass 1 where other dimensions count against; 0 where the mean cosine is not above 0 and there is nothing to share.
    """
    parts = np.sort(cosine_by_dimension(vectors))
    return float(parts[-k:].sum() / parts.sum()) if parts.sum() > 0 else 0.0


def without_top(vectors: np.ndarray, k: int) -> np.ndarray:
    """The vectors without the k dimensions that add most to their mean cosine: (n, d) -> (n, d - k)."""
    return np.delete(vectors, np.argsort(cosine_by_dimension(vectors))[-k:], axis=1)
