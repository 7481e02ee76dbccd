"""Smaller and shuffled copies of a task."""

from collections import Counter

import pytest

from demos import DemoError
from demos.lab.tasks import Example, Task, load_task, shuffled_labels, subset

TOY = Task("toy", tuple(Example(f"text {n}", "a" if n < 6 else "b") for n in range(9)), (Example("held out", "a"),), ("a", "b"))


def test_a_subset_keeps_each_labels_share():
    assert Counter(example.label for example in subset(TOY, 6, seed=1).train) == {"a": 4, "b": 2}
    assert Counter(example.label for example in subset(TOY, 2, seed=1).train) == {"a": 1, "b": 1}
    assert subset(TOY, 9, seed=1) == TOY and subset(TOY, 6, seed=1).test == TOY.test


def test_subsets_of_one_seed_are_nested_and_other_seeds_draw_others():
    small, large = set(subset(TOY, 3, seed=4).train), set(subset(TOY, 6, seed=4).train)
    assert small < large
    assert len({subset(TOY, 3, seed).train for seed in range(8)}) > 1


def test_a_subset_of_question_answering():
    assert len(subset(load_task("qa"), 20, seed=0).train) == 20


@pytest.mark.parametrize("n", [0, 1, 10])
def test_a_size_that_does_not_fit_gets_one_sentence(n):
    with pytest.raises(DemoError, match=f"choose between 2 and 9 examples, not {n}"):
        subset(TOY, n, seed=0)


def test_shuffled_labels_keep_texts_counts_and_the_test_split():
    task = load_task("sentiment")
    dealt = shuffled_labels(task, seed=1)
    assert [example.text for example in dealt.train] == [example.text for example in task.train] and dealt.test == task.test
    assert Counter(e.label for e in dealt.train) == Counter(e.label for e in task.train)
    same = sum(a.label == b.label for a, b in zip(task.train, dealt.train, strict=True)) / len(task.train)
    assert 0.4 < same < 0.6  # two labels: half agree by luck
    assert shuffled_labels(task, seed=1) == dealt != shuffled_labels(task, seed=2)
    with pytest.raises(DemoError, match="no labels to shuffle"):
        shuffled_labels(load_task("qa"), seed=1)
