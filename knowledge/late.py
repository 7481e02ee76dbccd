"""Late interaction (ColBERT, Khattab and Zaharia 2020): a question is held against a section word by word.

Each of its word pieces looks for the most similar one among all that is written of the section: its heading, its other ways of
asking, its text. One vector for a long message blurs the detail that tells neighbouring sections apart; a word piece keeps it.
A question's pieces count by their length: the projection that was learnt makes those long that tell sections apart.
"""

from collections.abc import Sequence

import numpy as np


class LateInteraction:
    """Fitted on the projected word pieces of texts, (k, t) each, and the number of the group that each text belongs to."""

    def __init__(self, texts: Sequence[np.ndarray], groups: np.ndarray) -> None:
        order = np.argsort(groups, kind="stable")
        sizes = np.zeros(int(groups.max()) + 1, dtype=int)
        np.add.at(sizes, groups, [len(text) for text in texts])
        self._ends = np.cumsum(sizes)
        self._starts = self._ends - sizes
        pieces = np.concatenate([texts[n] for n in order]).astype(np.float32)
        self._pieces = pieces / np.maximum(np.linalg.norm(pieces, axis=1, keepdims=True), 1e-6)

    def __call__(self, question: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """(m,) for a question's pieces (k, t) and the numbers of m groups: weighted means of cosines, 0 where there are no pieces."""
        found = np.zeros(len(groups), dtype=np.float32)
        weight = float(np.linalg.norm(question, axis=1).sum())
        full = np.flatnonzero(self._ends[groups] > self._starts[groups])
        if not weight or not len(full):
            return found
        spans = [slice(start, end) for start, end in zip(self._starts[groups[full]], self._ends[groups[full]], strict=True)]
        cosines = np.concatenate([self._pieces[span] for span in spans]) @ question.T.astype(np.float32)
        starts = np.cumsum([0, *(span.stop - span.start for span in spans[:-1])])
        found[full] = np.maximum.reduceat(cosines, starts, axis=0).sum(axis=1) / weight
        return found
