"""The measures of papers.py, by hand; and its table against the experiments."""

import inspect
import re
from importlib import import_module

import numpy as np
import pytest

from tests.evaluation.clusters import USES, centroid_distances, explained_by_first, frequent_words, label_ratio
from tests.evaluation.paper_checks import Row, t0_absent_rows, t0_frozen_is_still, t8_other_labels
from tests.evaluation.papers import SHOWN, table


def test_explained_by_first_by_hand():
    cross = np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]])  # variance 8 along x, 2 along y
    line = np.array([[1.0, 1], [2, 2], [3, 3], [4, 4]])
    assert explained_by_first(np.stack([cross, line, np.ones((4, 2))], axis=1)) == pytest.approx([0.8, 1, 1])


def test_label_clusters_by_hand():
    vectors, labels = np.array([[0.0, 0], [0, 2], [4, 0], [4, 2]]), np.array(["a", "a", "b", "b"])
    assert centroid_distances(vectors, labels) == pytest.approx([4]) and label_ratio(vectors, labels) == pytest.approx(4)
    three = centroid_distances(np.array([[0.0, 0], [3, 0], [0, 4]]), np.array(["a", "b", "c"]))
    assert three == pytest.approx([3, 4, 5])


def test_every_frequent_word_has_as_many_texts():
    words = frequent_words()
    assert len(words) >= 5 and all(len(texts) == USES == len(set(texts)) for texts in words.values())


@pytest.mark.parametrize("one", SHOWN, ids=lambda one: f"{one.target} {one.demo} {one.source}")
def test_the_experiments_still_say_so(one):
    source = inspect.getsource(import_module(f"demos.{one.demo}"))
    joined = re.sub(r'"\s*\n\s*f?"', "", source)  # strings that are continued on the next line
    assert one.source in source and one.words in joined


def test_the_checks_on_tiny_models(tiny_zoo):
    assert t0_frozen_is_still(tiny_zoo).holds and t0_absent_rows(tiny_zoo).holds
    assert "last layer" in t8_other_labels(tiny_zoo).ours


def test_the_table_counts_verdicts():
    text = table([Row("T0", "-", "A.", "b", "c", True), Row("T1", "x", "A.", "b", "c", None)])
    assert "| T1 | x | A. | b | c | cannot tell |" in text and text.endswith("1 agrees, 0 disagrees, 1 cannot tell.")
