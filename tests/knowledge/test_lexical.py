"""BM25 beside bm25s' own scores."""

import bm25s
import numpy as np

from knowledge.lexical import Words, tokens

DOCUMENTS = ["rivers flow to the sea", "money flows", "a sea of money and money again"]


def test_scores_are_those_of_bm25s_as_a_share_of_the_best_possible():
    index = bm25s.BM25()
    index.index(tokens(DOCUMENTS), show_progress=False)
    each = np.stack([index.get_scores([word]) for word in ("money", "sea")])
    scores, known = Words(DOCUMENTS)("money sea money")
    assert known == 1 and np.allclose(scores, each.sum(axis=0) / each.max(axis=1).sum())


def test_unknown_words_count_as_evidence_for_another_topic():
    words = Words(DOCUMENTS)
    scores, known = words("money xyzzy")
    assert known == 0.5 and scores.max() < words("money")[0].max()
    assert words("xyzzy")[1] == 0 and not words("xyzzy")[0].any()
