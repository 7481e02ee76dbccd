"""A reader's own examples: what is read, and the one sentence for what is not."""

import pytest

from demos import DemoError
from demos.lab.sense_lines import read_examples

GOOD = ("The bank was muddy.,bank,river", "A bank of reeds.,bank,river", "The bank is open.,bank,money", "My bank called.,bank,money")


def lines(*rows):
    return "\n".join(rows)


def test_csv_with_and_without_header_in_any_order_and_tabs():
    plain = read_examples(lines(*GOOD))
    assert [(use.word, use.sense) for use in plain] == [("bank", "river")] * 2 + [("bank", "money")] * 2
    assert read_examples(lines("Sentence,Word,Sense", *GOOD)) == plain
    assert read_examples(lines(*GOOD).replace(",", "\t")) == plain
    turned = [",".join([row.split(",")[2], row.split(",")[0], row.split(",")[1]]) for row in GOOD]
    assert read_examples("\ufeff" + lines("sense,sentence,word", *turned)) == plain


def test_quoted_cells_empty_lines_and_windows_line_ends():
    text = '"Muddy, steep and cold: the ""left"" bank.",bank,river\r\n\r\n' + "\r\n".join(GOOD[1:]) + "\r\n"
    assert read_examples(text)[0].text == 'Muddy, steep and cold: the "left" bank.'


def test_a_sentence_given_twice_counts_once():
    assert len(read_examples(lines(*GOOD, GOOD[0]))) == 4


@pytest.mark.parametrize(("text", "message"), [
    (lines(*GOOD[:2]), "The examples have 1 sense; at least 2 senses are needed"),
    ("sentence,word,sense", "The examples have 0 senses"),
    (lines(*GOOD[:3]), "The sense “money” has 1 sentence in the examples; at least 2"),
    (lines(*GOOD[:3], GOOD[2]), "The sense “money” has 1 sentence"),
    (lines(*GOOD, GOOD[0].replace("river", "money")), "Line 5 of the examples gives the sense “money” to a sentence that an earlier line"),
    (lines(*GOOD, "The river was cold.,bank,river"), "Line 5 of the examples: The word “bank” is not in the sentence"),
    (lines(*GOOD, "Steep, this bank.,bank,river"), "Line 5 of the examples has 4 cells instead of 3"),
    (lines(*GOOD, "no cells"), "Line 5 of the examples has 1 cell instead of 3"),
    (lines(*GOOD, "A bank.,bank,"), "Line 5 of the examples has no sense"),
    (lines(*GOOD, '"A bank.,bank,river'), "cannot be read as CSV"),
    (lines(*GOOD, "Spring came.,spring,season"), "Line 5 of the examples is about “spring”, the lines before it about “bank”"),
    (lines(*GOOD, f"The bank {'x' * 400}.,bank,river"), "Line 5 of the examples is too long"),
    (lines(*(f"Bank number {number}.,bank,{number % 2}" for number in range(501))), "more than 500 sentences (line 501)"),
    ("PK\x03\x04\x00\x00binary", "The examples are not text"),
])
def test_what_cannot_be_read_gets_one_sentence(text, message):
    with pytest.raises(DemoError) as caught:
        read_examples(text)
    assert message in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 400


def test_five_hundred_lines_are_read():
    assert len(read_examples(lines(*(f"Bank number {number}.,bank,{number % 2}" for number in range(500))))) == 500
