"""Which rows of the embedding table moved: exact where it must be, on tiny models."""

import numpy as np
import pytest

from demos import Progress, follow_demo, run_demo
from demos.input_embeddings import table, training_pieces
from tests.demos.test_demos import same_numbers


@pytest.fixture(scope="module")
def found(tiny_zoo):
    return run_demo("input_embeddings", tiny_zoo)


@pytest.mark.parametrize("key", ["sentiment", "qa", "cookbook"])
def test_rows_of_pieces_that_never_occur_are_equal_to_the_last_bit(tiny_zoo, key):
    base, tuned = tiny_zoo.load("base"), tiny_zoo.load(key)
    seen = np.zeros(len(table(base)), dtype=bool)
    seen[list(training_pieces(base, key))] = True
    assert 500 < seen.sum() < 5000
    assert np.array_equal(table(base)[~seen], table(tuned)[~seen])
    assert not np.array_equal(table(base)[seen], table(tuned)[seen])


def test_the_padding_row_stays_and_the_markers_of_start_and_end_move(tiny_zoo):
    base, tuned = tiny_zoo.load("base"), tiny_zoo.load("sentiment")
    moved = (table(base) != table(tuned)).any(axis=1)
    tokenizer = base.tokenizer
    assert not moved[tokenizer.pad_token_id] and tokenizer.pad_token_id not in training_pieces(base, "sentiment")
    assert moved[tokenizer.cls_token_id] and moved[tokenizer.sep_token_id]


def test_the_table_counts_no_strays_and_a_frozen_encoder_moves_nothing(found):
    rows = {row[0]: row for row in found.table.rows}
    assert all(row[3] == 0 and row[2] <= row[1] for row in rows.values())
    assert rows["sentiment_frozen"][2:8] == (0, 0, 0.0, 0.0, 0.0, 0.0) and rows["sentiment_frozen"][8] == "none"
    assert all(row[2] > 0 and 0 < row[4] <= row[5] for row in rows.values() if row[0] != "sentiment_frozen")
    assert "every other row is equal to the last bit" in found.claim and "do not trust" not in found.claim


def test_positions_and_token_types_that_occur(found):
    rows = {row[0]: row for row in found.controls.rows}
    assert rows["sentiment_frozen"][1] == rows["sentiment_frozen"][3] == 0
    assert rows["sentiment"][3] == 1 and rows["qa"][3] == 2  # a review is one segment, a question and its passage are two
    assert 0 < rows["sentiment"][1] < rows["sentiment"][2] == 512


def test_progress_holds_the_figure_so_far(tiny_zoo):
    first = next(follow_demo("input_embeddings", tiny_zoo))
    assert isinstance(first, Progress) and first.figure is not None and "sentiment" in first.figure.alt


def test_the_script_prints_the_same_numbers(tiny_zoo):
    same_numbers(tiny_zoo, run_demo("input_embeddings", tiny_zoo, models=["qa"]), columns=range(8))
