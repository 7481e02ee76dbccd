"""BM25 beside bm25s' own scores."""

import bm25s
import numpy as np

from knowledge.lexical import SharedWords, Words, shared_words, tokens

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


def test_shared_words_are_those_of_the_text_that_has_more():
    assert shared_words("Rivers flow to the sea", "river flow") == 1  # "sea" and "the" are short, and five letters count
    assert shared_words("rivers flow slowly", "rivers stand") == 1 / 3
    assert shared_words("a sea", "a sea") == 0


def test_the_nearest_of_many_texts():
    shared = SharedWords(DOCUMENTS)
    for text in ("rivers flow slowly", "money and money again", "xyzzy", ""):
        assert shared(text) == max(shared_words(text, document) for document in DOCUMENTS)
    assert SharedWords([])("money flows") == 0
