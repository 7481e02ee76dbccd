"""The measures on vectors whose cosines can be read off; the experiment on tiny models."""

import numpy as np
import pytest

from demos import Progress, follow_demo, run_demo
from demos.isotropy import USES, occurrences
from demos.lab import anisotropy
from tests.demos.test_demos import same_numbers


def test_mean_cosine_by_hand():
    # Pairs: (1, 0) with (0, 1) is 0, with (3, 4) / 5 is 0.6; (0, 1) with (3, 4) / 5 is 0.8.
    vectors = np.array([[2.0, 0], [0, 1], [3, 4]])
    assert anisotropy.mean_cosine(vectors) == pytest.approx((0 + 0.6 + 0.8) / 3)
    # The first dimension makes the 0.6, the second the 0.8.
    assert anisotropy.cosine_by_dimension(vectors).tolist() == pytest.approx([0.2, 0.8 / 3])
    assert anisotropy.top_share(vectors, 1) == pytest.approx(0.8 / 1.4) and anisotropy.top_share(vectors, 2) == pytest.approx(1)
    assert anisotropy.without_top(vectors, 1).tolist() == [[2], [0], [3]]


def test_equal_vectors_have_one_and_opposite_ones_minus_one():
    assert anisotropy.mean_cosine(np.ones((5, 3))) == pytest.approx(1)
    assert anisotropy.mean_cosine(np.array([[1.0, 2], [-1, -2]])) == pytest.approx(-1)


def test_one_large_dimension_makes_unrelated_vectors_look_alike():
    """Noise of 300 dimensions plus 30 in one of them: 900 / (900 + 300) of the cosine, all of it from that dimension."""
    vectors = np.random.default_rng(0).normal(size=(400, 300))
    assert abs(anisotropy.mean_cosine(vectors)) < 0.01
    vectors[:, 7] += 30
    assert anisotropy.mean_cosine(vectors) == pytest.approx(0.75, abs=0.02)
    assert anisotropy.top_share(vectors, 1) > 0.99
    assert abs(anisotropy.mean_cosine(anisotropy.without_top(vectors, 1))) < 0.01


def test_no_share_of_nothing():
    assert anisotropy.top_share(np.array([[1.0, 0], [-1, 0]]), 1) == 0


def test_one_word_of_each_sentence_and_as_many_sentences_for_each_word():
    drawn, uses = occurrences(0)
    assert len({text for _, text in drawn}) == len(drawn) == 448
    assert {len(texts) for texts in uses.values()} == {USES} and {"bank", "the", "with"} <= set(uses)
    assert all(len(set(texts)) == USES for texts in uses.values())
    assert drawn != occurrences(1)[0] and drawn == occurrences(0)[0]


def test_the_experiment_with_one_model(tiny_zoo):
    *progress, found = follow_demo("isotropy", tiny_zoo, models=["qa"])
    assert all(isinstance(item, Progress) for item in progress) and progress[1].figure is not None
    by_model = {}
    for model, layer, random, same, adjusted, top, rest in found.table.rows:
        by_model.setdefault(model, []).append((layer, random, same, adjusted, top, rest))
        assert adjusted == pytest.approx(same - random, abs=2e-6) and same > random and rest < random and top > 0
    assert by_model["sentiment_frozen"] == by_model["base"] != by_model["qa"]
    assert "every number is the base's" in found.baseline
    same_numbers(tiny_zoo, found, columns=range(7))


def test_controls_alone_still_say_something(tiny_zoo):
    found = run_demo("isotropy", tiny_zoo, models=["sentiment_frozen"])
    assert "after tuning" not in found.claim and len(found.findings) == 4
