"""BM25 of all sections at once, and the words that a text has in common with any of many. The weights are bm25s'; one sparse matrix
holds them, so that a long message costs little more than a short one."""

import re
from collections.abc import Sequence

import bm25s
import numpy as np
import Stemmer
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer

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


class SharedWords:
    """Fitted on texts; calling it gives the largest share of longer words that a text has in common with one of them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = CountVectorizer(analyzer=longer_words, binary=True)
        self._held = self._counts.fit_transform(texts) if any(longer_words(text) for text in texts) else None
        self._sizes = np.array([len(longer_words(text)) for text in texts])

    def __call__(self, text: str) -> float:
        """That share, from 0 to 1."""
        if self._held is None:
            return 0.0
        both = (self._held @ self._counts.transform([text]).T).toarray()[:, 0]
        return float((both / np.maximum(np.maximum(self._sizes, len(longer_words(text))), 1)).max())


def longer_words(text: str) -> set[str]:
    """The words with four letters or more, by their first five."""
    return {word[:5] for word in re.findall(r"[a-z0-9_]{4,}", text.lower())}


def shared_words(one: str, other: str) -> float:
    """Share of the longer words, of whichever text has more of them, that stand in both."""
    first, second = longer_words(one), longer_words(other)
    return len(first & second) / max(1, len(first), len(second))
