"""The bundled data sets (CC0, described in demos/data/README.md): loading, splits, and smaller or shuffled copies of them."""

import hashlib
import json
import random
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from demos.lab.evidence import DemoError

DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True)
class Example:
    """One labelled text. For question answering, `text` is the passage and `label` the answer's words."""

    text: str
    label: str
    question: str | None = None
    start: int | None = None  # character offset of the answer in the passage


@dataclass(frozen=True)
class Task:
    """A data set with its train and test split, and the labels of a classification task (empty for spans)."""

    name: str
    train: tuple[Example, ...]
    test: tuple[Example, ...]
    labels: tuple[str, ...]


def read_lines(name: str) -> list[dict]:
    """The records of demos/data/NAME.jsonl."""
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


@cache
def load_task(name: str) -> Task:
    """Read one data set: "sentiment", "tweets", "cookbook", "company" or "qa"."""
    splits: dict[str, list[Example]] = {"train": [], "test": []}
    for row in read_lines(name):
        if name == "qa":
            example = Example(row["context"], row["answer"], row["question"], row["start"])
        else:
            example = Example(row["text"], row["label"])
        splits[row["split"]].append(example)
    labels = () if name == "qa" else tuple(sorted({example.label for example in splits["train"]}))
    return Task(name, tuple(splits["train"]), tuple(splits["test"]), labels)


def subset(task: Task, n: int, seed: int) -> Task:
    """The task with `n` of its training examples, drawn by `seed`, every label in its share; the test split is whole.

    With the same seed a smaller subset lies within a larger one. Raises DemoError if there are fewer examples than `n`,
    or more labels.
    """
    if not max(1, len(task.labels)) <= n <= len(task.train):
        raise DemoError(f"The data set {task.name} has {len(task.train)} training examples and {len(task.labels)} labels; "
                        f"choose between {max(1, len(task.labels))} and {len(task.train)} examples, not {n}.")
    queues: dict[str | None, list[int]] = {}
    for index in random.Random(seed).sample(range(len(task.train)), len(task.train)):
        queues.setdefault(task.train[index].label if task.labels else None, []).append(index)
    # Each example's place in its own label's queue, as a share of it: the first n by that keep every label's share.
    places = sorted((place / len(queue), index) for queue in queues.values() for place, index in enumerate(queue))
    return replace(task, train=tuple(task.train[index] for index in sorted(index for _, index in places[:n])))


def shuffled_labels(task: Task, seed: int) -> Task:
    """The task with its training labels dealt out anew: a control with the same texts and nothing to learn.

    The test split keeps its labels. Raises DemoError for question answering, which has none.
    """
    if not task.labels:
        raise DemoError(f"The data set {task.name} has no labels to shuffle; choose a classification task.")
    labels = random.Random(seed).sample([example.label for example in task.train], len(task.train))
    return replace(task, train=tuple(replace(example, label=label) for example, label in zip(task.train, labels, strict=True)))


@dataclass(frozen=True)
class WordInContext:
    """A word, the sentence that it stands in, and its sense where the data set gives one."""

    word: str
    text: str
    sense: str | None = None


@cache
def other_words() -> tuple[WordInContext, ...]:
    """Ordinary words, one per sentence: the baseline for "how far does any word move"."""
    return tuple(WordInContext(row["word"], row["text"]) for row in read_lines("words"))


@cache
def senses(word: str) -> tuple[WordInContext, ...]:
    """Sentences that use an ambiguous word in one of two senses; empty if the word is not among the bundled ones."""
    return tuple(WordInContext(**row) for row in read_lines("senses") if row["word"] == word)


def data_digest(name: str) -> str:
    """A short hash of a data file, so that a model trained on other data is told apart."""
    return hashlib.sha256((DATA / f"{name}.jsonl").read_bytes()).hexdigest()[:16]
