"""The bundled data sets (CC0, described in demos/data/README.md): loading and splits."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
