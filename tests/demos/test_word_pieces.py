"""Pieces and pooling, on tiny models with the real tokenizer."""

import numpy as np
import pytest

from demos import DemoError, Progress, follow_demo, run_demo
from demos.lab.encode import locate, piece_vectors, word_pieces, word_vectors
from demos.word_pieces import MOULD
from tests.demos.test_demos import same_numbers


def test_the_mean_of_the_pieces_is_the_words_vector(tiny_zoo):
    encoder = tiny_zoo.load("base")
    words, texts = ["mould", "bread"], ["Green mould grew on it.", "The bread is warm."]
    pieces = piece_vectors(encoder, words, texts)
    assert [array.shape for array in pieces] == [(3, 2, 32), (3, 1, 32)]
    assert np.allclose(word_vectors(encoder, words, texts), [array.mean(axis=1) for array in pieces])


def test_the_default_word_has_two_pieces_and_its_senses_the_same_places(tiny_zoo):
    assert word_pieces(tiny_zoo.load("base"), "mould") == ["mo", "##uld"]
    places = {sense: sorted(len(use.text[:locate("mould", use.text)[0]].split()) for use in MOULD if use.sense == sense)
              for sense in ("fungus", "form")}
    assert places["fungus"] == places["form"]


def test_choices_differ_for_split_words_only(tiny_zoo):
    found = run_demo("word_pieces", tiny_zoo, models=["qa"])
    rows = {row[:3]: row[3:] for row in found.table.rows}
    assert len({rows["qa", "bank", choice] for choice in ("first", "last", "mean")}) == 1 and rows["qa", "bank", "mean"][0] == 1
    assert len({rows["qa", "mould", choice][1] for choice in ("first", "last", "mean")}) == 3 and rows["qa", "mould", "mean"][0] == 2
    assert rows["qa", "other split words", "mean"][0] >= 2 and rows["qa", "other whole words", "mean"][0] == 1
    assert all(cells[1] == 0 for (key, *_), cells in rows.items() if key in ("base", "sentiment_frozen"))


def test_a_readers_word_has_no_marked_senses(tiny_zoo):
    found = run_demo("word_pieces", tiny_zoo, word="aubergine", sentences=["The aubergine is soft."], models=["qa"])
    assert "au + ##berg + ##ine" in found.claim and "senses" not in found.claim
    assert found.findings[0].holds is None
    assert {row[5] for row in found.table.rows if row[1] == "aubergine"} == {"-"}


def test_a_word_of_one_piece_is_said_to_be_one(tiny_zoo):
    found = run_demo("word_pieces", tiny_zoo, word="bank", models=["qa"])
    assert "“bank” is one piece" in found.claim and found.findings[0].holds is None


def test_a_word_that_is_not_in_its_sentence(tiny_zoo):
    with pytest.raises(DemoError, match="The word “mould” is not in the sentence"):
        run_demo("word_pieces", tiny_zoo, sentences=["The bread is green."])


def test_progress_and_closing(tiny_zoo):
    following = follow_demo("word_pieces", tiny_zoo)
    assert isinstance(next(following), Progress) and next(following).figure is not None
    following.close()


def test_the_script_prints_the_same_numbers(tiny_zoo):
    same_numbers(tiny_zoo, run_demo("word_pieces", tiny_zoo, models=["qa"]), columns=range(6))
