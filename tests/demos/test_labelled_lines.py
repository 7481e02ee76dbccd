"""A reader's own lines: what is read, and one sentence for what is not."""

import pytest

from demos import DemoError
from demos.lab.labelled_lines import task_from_lines
from demos.lab.tasks import Example

LINES = [f"{'good' if n % 2 else 'bad'}, This is text number {n}." for n in range(8)]


def own(*changed):
    """The eight lines with (number, line) replaced; numbers count from 1."""
    lines = list(LINES)
    for number, line in changed:
        lines[number - 1] = line
    return "\n".join(lines)


def test_lines_become_a_task():
    task = task_from_lines(own())
    assert task.labels == ("bad", "good") and len(task.train) == 6 and len(task.test) == 2
    assert {example.label for example in task.test} == {"bad", "good"} == {example.label for example in task.train}
    assert not {example.text for example in task.train} & {example.text for example in task.test}
    assert task == task_from_lines(own())


@pytest.mark.parametrize(("line", "example"), [
    ("good,Well made, and cheap.", Example("Well made, and cheap.", "good")),
    ("good\tTabs, too.", Example("Tabs, too.", "good")),
    ('good, "Quoted, with a ""word"" inside."', Example('Quoted, with a "word" inside.', "good")),
    ('"good","Both quoted"', Example("Both quoted", "good")),
    ('good, She said "never", and left.', Example('She said "never", and left.', "good")),
    ('good, "Never" is what "they" said.', Example('"Never" is what "they" said.', "good")),
    ("good, =cmd|' /C calc'!A0 👩‍🍳", Example("=cmd|' /C calc'!A0 👩‍🍳", "good")),
])
def test_forms_of_a_line(line, example):
    task = task_from_lines(own((2, line)))
    assert example in (*task.train, *task.test)


def test_headers_blank_lines_and_a_byte_order_mark_are_no_examples():
    assert task_from_lines("\ufefflabel, text\n\n" + own() + "\n\n") == task_from_lines(own())


def test_a_text_given_twice_counts_once():
    task = task_from_lines(own() + "\n" + LINES[0])
    assert len(task.train) + len(task.test) == 8


def test_the_test_split_is_a_quarter_of_each_label():
    task = task_from_lines("\n".join(f"{'rare' if n < 2 else 'often'}, text {n}" for n in range(42)))
    assert [example.label for example in task.test].count("often") == 10
    assert [example.label for example in task.test].count("rare") == 1


@pytest.mark.parametrize(("text", "message"), [
    ("", "0 labelled lines were given; give between 8 and 2,000, and write one example a line, as label, text."),
    ("\n".join(LINES[:7]), "7 labelled lines were given"),
    ("\n".join(LINES * 1250), "10,000 labelled lines were given; give between 8 and 2,000"),
    (own((3, "no separator here")), "Line 3 has no comma or tab between a label and a text"),
    (own((3, ", text without a label")), "Line 3 has no label"),
    (own((4, "good,   ")), "Line 4 has no text"),
    (own((4, 'good, ""')), "Line 4 has no text"),
    (own((5, "good, " + "x" * 1000)), "Line 5 has 1,006 characters; shorten it to at most 1,000"),
    (own((6, "l" * 41 + ", text")), "The label on line 6 is longer than 40 characters"),
    (own((7, "good, \x00\x01")), "Line 7 holds characters that are not text"),
    (own((7, "good, caf\ufffd")), "Line 7 holds characters that are not text"),
    (own((8, "bad, This is text number 1.")), "Line 8 gives the label “bad” to a text that an earlier line calls “good”"),
    ("\n".join(f"good, text {n}" for n in range(9)), "The lines hold 1 different label; give between 2 and 12"),
    ("\n".join(f"l{n % 13}, text {n}" for n in range(39)), "The lines hold 13 different labels"),
    (own((1, "once, A text.")), "The label “once” stands on one line only"),
])
def test_what_can_not_be_read_gets_one_sentence(text, message):
    with pytest.raises(DemoError) as caught:
        task_from_lines(text)
    assert message in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 250
