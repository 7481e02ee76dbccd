"""BM25 of all sections at once. The weights are bm25s'; one sparse matrix holds them, so that a long message costs little more
than a short one."""

from collections.abc import Sequence

import bm25s
import numpy as np
import Stemmer
from scipy.sparse import csr_array

STEM = Stemmer.Stemmer("english")


class Words:
    """Fitted on documents; calling it scores them for a query."""

    def __init__(self, documents: Sequence[str]) -> None:
        index = bm25s.BM25()
        index.index(tokens(documents), show_progress=False)
        saved = index.scores
        self._place = index.vocab_dict
        self._weights = csr_array((saved["data"], saved["indices"], saved["indptr"]), shape=(len(saved["indptr"]) - 1, len(documents)))
        self._best = self._weights.max(axis=1).toarray()  # of each word, the highest weight in any document

    def __call__(self, query: str) -> tuple[np.ndarray, float]:
        """For each document its score as a share of the highest one possible, and the share of the query's words that are known."""
        words = list(dict.fromkeys(tokens([query])[0]))
        known = [self._place[word] for word in words if word in self._place]
        if not known:
            return np.zeros(self._weights.shape[1]), 0.0
        # A word that no document knows weighs as much as the rarest known one: it is evidence that this is another topic.
        best = self._best[known]
        possible = best.sum() + best.max() * (len(words) - len(known))
        return self._weights[known].sum(axis=0) / possible, len(known) / len(words)


def tokens(texts: Sequence[str]) -> list[list[str]]:
    """The stems of each text, without the commonest words."""
    return bm25s.tokenize(list(texts), stopwords="en", stemmer=STEM, return_ids=False, show_progress=False)
