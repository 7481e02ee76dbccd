"""What a reader may choose, within limits, and defaults for what was left out."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from demos.lab.checkpoints import CHECKPOINTS, row_of
from demos.lab.encode import locate
from demos.lab.evidence import DemoError
from demos.lab.labelled_lines import MAX_LINE, MAX_LINES, task_from_lines
from demos.lab.tasks import Task, load_task, other_words, read_lines

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Sentences = Annotated[
    list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]], Field(max_length=8)]
Seed = Annotated[int, Field(ge=0, le=2**31)]
TrainingTask = Literal["sentiment", "tweets", "cookbook", "company"]  # bundled, with labels
Steps = Annotated[int, Field(ge=1, le=100)]
Lines = Annotated[str, Field(max_length=MAX_LINE * MAX_LINES, description="One example a line: label, text. At least eight lines.")]

MOST_TEST = 200  # of a reader's held-out lines: every model reads them all
TWINS = ("sentiment", "sentiment_seed2")  # one task, two seeds: what luck alone does
NO_TWIN = " What another seed alone does is measured where the sentiment model is among those chosen."
CONTROLS = ("sentiment_seed2", "sentiment_frozen")  # the same task with other luck; and one that must not move

FAMOUS = {
    "bank": ("She sat on the bank of the river and watched the boats go by.",
             "He went to the bank to deposit his money before it closed."),
    "apple": ("Peel the apple, slice it thinly and toss it with lemon juice.",
              "Apple opened a new store in the city and hired forty people."),
}


def sentences_with(word: str, given: Sequence[str] | None) -> list[str]:
    """The reader's sentences, checked; or up to two bundled ones that hold the word.

    Raises DemoError if a given sentence lacks the word, or no bundled one holds it.
    """
    if given:
        for sentence in given:
            locate(word, sentence)
        return list(given)
    if word.lower() in FAMOUS:
        return list(FAMOUS[word.lower()])
    by_sense = {row["sense"]: row["text"] for row in reversed(read_lines("senses")) if row["word"] == word.lower()}
    if by_sense:
        return list(by_sense.values())
    texts = [item.text for item in other_words()]
    texts += [example.text for name in ("sentiment", "company", "cookbook", "tweets") for example in load_task(name).test]
    found = [text for text in texts if _holds(word, text)][:2]
    if not found:
        raise DemoError(f"No bundled sentence holds “{word}”; give one or more sentences of your own that do.")
    return found


def task_or_lines(task: str, lines: str | None) -> Task:
    """The reader's own labelled lines as a task, or the bundled one of that name. Raises DemoError for lines that do not do."""
    if lines is None:
        return load_task(task)
    own = task_from_lines(lines)
    return own if len(own.test) <= MOST_TEST else replace(own, test=tuple(random.Random(0).sample(own.test, MOST_TEST)))


def tuned_models(given: Sequence[str] | None, default: Sequence[str] | None = None,
                 rows: Mapping[str, Any] = CHECKPOINTS) -> list[str]:
    """Keys of tuned models, checked, in the order of the table `rows`. Raises DemoError for an unknown key or for `base` alone."""
    # A family without the controls does without.
    chosen = {row_of(key, rows).key for key in given if key in rows or key not in CONTROLS} if given else set(default or rows)
    keys = [key for key, row in rows.items() if key in chosen and row.base]
    if not keys:
        raise DemoError("Choose at least one tuned model to compare with the base.")
    return keys


def layer_or_last(layer: int | None, layers: int) -> int:
    """A layer from 0 to `layers`, the last by default. Raises DemoError if there is no such layer."""
    if layer is None:
        return layers
    if not 0 <= layer <= layers:
        raise DemoError(f"There is no layer {layer}; this encoder has layers 0 (embeddings) to {layers}.")
    return layer


def _holds(word: str, text: str) -> bool:
    try:
        locate(word, text)
    except DemoError:
        return False
    return True
