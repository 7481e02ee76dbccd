"""The bundled data keep what demos/data/README.md promises."""

import re
from collections import Counter

import pytest

from demos.lab.encode import locate
from demos.lab.tasks import load_task, other_words, read_lines, senses

NAMES = ("sentiment", "tweets", "cookbook", "company", "qa")


def words(text):
    return frozenset(re.findall(r"\w+", text.lower()))


@pytest.mark.parametrize("name", NAMES)
def test_size_balance_and_split(name):
    task = load_task(name)
    assert len(task.train) + len(task.test) >= (400 if name == "sentiment" else 300)
    assert 0.15 < len(task.test) / (len(task.train) + len(task.test)) < 0.35
    assert not {example.text for example in task.train} & {example.text for example in task.test}
    if task.labels:
        counts = Counter(example.label for example in (*task.train, *task.test))
        assert min(counts.values()) / max(counts.values()) > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_no_near_duplicates_between_train_and_test(name):
    task = load_task(name)
    train = {words(example.text) for example in task.train}
    worst = max((len(a & b) / len(a | b), sorted(a & b)) for a in train for b in {words(e.text) for e in task.test})
    assert worst[0] < 0.6, worst


@pytest.mark.parametrize("name", [name for name in NAMES if name != "qa"])
def test_no_template_is_stamped_out(name):
    """No three opening words begin more than 3 % of the texts."""
    task = load_task(name)
    texts = [example.text for example in (*task.train, *task.test)]
    opening, count = Counter(" ".join(text.lower().split()[:3]) for text in texts).most_common(1)[0]
    assert count <= 0.03 * len(texts), opening


def test_answers_stand_where_they_are_said_to():
    for row in read_lines("qa"):
        assert row["context"][row["start"]:].startswith(row["answer"])
        assert row["context"].count(row["answer"]) == 1


def test_ambiguous_words_stand_once_in_their_sentence():
    by_word = Counter((row["word"], row["sense"]) for row in read_lines("senses"))
    assert len(by_word) == 24 and set(by_word.values()) == {12}
    for row in read_lines("senses"):
        locate(row["word"], row["text"])
    assert {use.sense for use in senses("bank")} == {"river", "money"}


def test_other_words_are_different_and_stand_in_their_sentence():
    assert len({item.word for item in other_words()}) == len(other_words()) >= 150
    for item in other_words():
        locate(item.word, item.text)


def test_apple_is_in_the_kitchen_and_in_the_company_reviews():
    assert sum("apple" in example.text for example in load_task("cookbook").train) >= 20
    assert sum("Apple" in example.text for example in load_task("company").train) >= 20
