"""Tells questions of this field from others: a support vector machine on sentence vectors.

It learns from the articles' own ways of asking, against the questions of outside.txt, each time an index is built; so a
new article widens the scope by being there. Its margin is one of the signals of confidence.py, never the only one.
"""

from pathlib import Path

import numpy as np
from sklearn.svm import SVC

OUTSIDE = Path(__file__).parent / "outside.txt"


def outside_questions() -> list[str]:
    """Questions about other things, one a line: near (other machine learning), and far (a guitar is tuned, too)."""
    return [line for line in OUTSIDE.read_text(encoding="utf-8").splitlines() if line.strip()]


class Scope:
    """Fitted on unit vectors (n, d) of questions inside and outside."""

    def __init__(self, inside: np.ndarray, outside: np.ndarray) -> None:
        self.outside = outside
        vectors = np.concatenate([inside, outside])
        labels = np.repeat([1, 0], [len(inside), len(outside)])
        # A radial kernel, since neighbouring topics interleave; a linear boundary leaked half as much again.
        self._model = SVC(C=10.0, gamma=1.0, class_weight="balanced").fit(vectors, labels)

    def margin(self, vector: np.ndarray) -> float:
        """Above 0: more like the questions inside."""
        return float(self._model.decision_function(vector[None])[0])
