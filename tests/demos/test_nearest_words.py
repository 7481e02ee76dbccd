"""Neighbours before and after tuning: the measures by hand, the experiment on tiny models, its script on the real encoder."""

import numpy as np
import pytest

from demos import DemoError, Evidence, Progress, follow_demo, run_demo
from demos.lab.measure import neighbour_overlap, neighbours
from demos.nearest_words import pool_words
from tests.demos.test_demos import same_numbers


def test_neighbours_are_in_order_and_never_the_row_itself():
    # Angles 0, 10, 30 and 90 degrees: nearest to the first are the second and the third; to the last, the third and second.
    angles = np.radians([0, 10, 30, 90])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.array([[1], [5], [2], [3]])
    assert neighbours(vectors, np.array([0, 3]), 2).tolist() == [[1, 2], [2, 1]]


def test_overlap_counts_what_two_lists_share_in_any_order():
    before, after = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[3, 2, 9], [7, 8, 9]])
    assert neighbour_overlap(before, after).tolist() == [2, 0]
    assert neighbour_overlap(before[0], before[0][::-1]) == 3


def test_each_pool_word_stands_in_its_sentence_once():
    words = [item.word for item in pool_words()]
    assert len(words) == len(set(words)) > 1000 and {"cash", "teller"} <= set(words)
    assert all(item.word in item.text.lower() for item in pool_words())


def test_a_frozen_encoder_keeps_every_neighbour(tiny_zoo):
    found = run_demo("nearest_words", tiny_zoo, models=["sentiment_frozen"])
    (row,) = found.table.rows
    assert row[:6] == ("sentiment_frozen", 10, 10.0, 0.0, 0.0, 0.0) and row[7:9] == ("none", "none")


def test_kept_lost_and_gained_add_up_and_the_word_is_not_its_own_neighbour(tiny_zoo):
    found = run_demo("nearest_words", tiny_zoo, word="cash", sentences=["The cash was gone.", "Not this cash."], layer=1)
    assert found.parameters["sentences"] == ["The cash was gone."] and found.parameters["layer"] == 1
    assert [row[0] for row in found.table.rows] == ["sentiment", "qa", "sentiment_seed2"]
    for row in found.table.rows:
        kept, lost, gained = (set(cell.split(", ")) - {"none"} for cell in row[6:9])
        assert len(kept) == row[1] and len(lost) == len(gained) == 10 - row[1]
        assert "cash" not in kept | lost | gained


def test_progress_comes_model_by_model_and_stops_when_closed(tiny_zoo):
    following = follow_demo("nearest_words", tiny_zoo, layer=0)
    first = next(following)
    assert isinstance(first, Progress) and 0 < first.done < 0.3
    following.close()
    items = list(follow_demo("nearest_words", tiny_zoo, layer=0))
    done = [item.done for item in items[:-1]]
    assert isinstance(items[-1], Evidence) and done == sorted(done) and done[-1] == 1
    assert any(item.figure for item in items[:-1])


def test_a_layer_that_is_not_there(tiny_zoo):
    with pytest.raises(DemoError, match="There is no layer 3"):
        run_demo("nearest_words", tiny_zoo, layer=3)


def test_the_script_prints_the_same_numbers(tiny_zoo):
    same_numbers(tiny_zoo, run_demo("nearest_words", tiny_zoo, models=["qa"]), columns=range(6))
