"""Real data beside the bundled, from a folder that is not part of this project: SST-2, TREC and CoarseWSD-20.

They are read for the command line alone (`python -m demos run NAME --data DIR`): no path from a page, a link or the API comes here.
What an experiment gets is what any reader could give it: labelled lines, or sentences with senses.
"""

import csv
import io
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from demos.lab.encode import locate
from demos.lab.evidence import DemoError
from demos.lab.labelled_lines import MAX_LINE
from demos.lab.sense_lines import CHARACTERS
from demos.lab.tasks import Example

SETS = ("sst2", "trec")
LINES, SENTENCES = 800, 30  # labelled lines, of which a quarter is held out; sentences a sense
FORMS = {"frozen_or_tuned": "{sst2,trec}/train.txt", "sense_separation": "coarsewsd20/WORD/train.{data,gold}.txt"}


@dataclass(frozen=True)
class Use:
    """A tokenised sentence, the place of the word in it (counted in tokens), and its sense."""

    tokens: tuple[str, ...]
    place: int
    sense: str

    @property
    def text(self) -> str:
        """The sentence."""
        return " ".join(self.tokens)

    @property
    def marked(self) -> str:
        """The sentence with the word in quotation marks, so that a sentence classifier knows which word is meant."""
        return " ".join([*self.tokens[:self.place], f'" {self.tokens[self.place]} "', *self.tokens[self.place + 1:]])


def read_uses(folder: Path, split: str) -> list[Use]:
    """The sentences of one split. Raises FileNotFoundError if the folder does not hold them."""
    data, gold = ((folder / f"{split}.{part}.txt").read_text(encoding="utf-8").splitlines() for part in ("data", "gold"))
    uses = []
    for line, sense in zip(data, gold, strict=True):
        place, _, text = line.partition("\t")
        uses.append(Use(tuple(text.split(" ")), int(place), sense.strip()))
    return uses


def read_labelled(path: Path) -> list[Example]:
    """Lines of a label, a space and a text, each once. Raises DemoError if the file is not there or not as described."""
    try:
        lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()  # TREC has some bytes of Latin-1
    except OSError as error:
        raise DemoError(f"{path} cannot be read; --data takes the folder that holds {' and '.join(SETS)}.") from error
    pairs = [line.partition(" ") for line in lines if line.strip()]
    if not all(label and text for label, _, text in pairs):
        raise DemoError(f"{path} has a line without a label, a space and a text.")
    return list(dict.fromkeys(Example(text, label) for label, _, text in pairs))


class DataRun(NamedTuple):
    """A run on real data: the parameters, and how the command line names what they hold instead."""

    parameters: dict[str, Any]
    named: dict[str, Any]


def parameters_from(data: Path, demo: str, given: Mapping[str, Any]) -> Iterator[DataRun]:
    """Each run of `demo` on the data of that folder: a data set, or a word, each.

    `task` (sst2 or trec) and `word` choose one; without them all are taken. Raises DemoError if the folder does not hold them, or
    the experiment takes no such data.
    """
    if demo not in FORMS:
        raise DemoError(f"The experiment {demo} takes no --data; those that do are {' and '.join(FORMS)}.")
    rest = {name: value for name, value in given.items() if name not in ("task", "word")}
    if demo == "frozen_or_tuned":
        for name in [given["task"]] if "task" in given else SETS:
            if name not in SETS:
                raise DemoError(f"With --data, task is {' or '.join(SETS)}, not “{name[:40]}”.")
            lines = labelled_lines(read_labelled(data / name / "train.txt"))
            yield DataRun({**rest, "lines": lines}, {"lines": None, "task": name, "data": data})
        return
    folder = data / "coarsewsd20"
    known = sorted(path.parent.name for path in folder.glob("*/train.data.txt"))
    if not known or given.get("word", known[0]) not in known:
        raise DemoError(f"{folder} holds no sentences with senses for “{given.get('word', 'any word')[:40]}” ({FORMS[demo]}); "
                        + (f"its words are {', '.join(known)}." if known else "--data takes the folder that holds coarsewsd20."))
    for word in [given["word"]] if "word" in given else known:
        examples = sense_lines(word, read_uses(folder / word, "train"))
        yield DataRun({**rest, "examples": examples}, {"examples": None, "word": word, "data": data})


def labelled_lines(examples: list[Example]) -> str:
    """Some of them, drawn with seed 0, as a reader would give them."""
    texts = {" ".join(example.text.split()): example.label for example in examples if "\ufffd" not in example.text}
    short = [(text, label) for text, label in texts.items() if len(label) + len(text) + 1 <= MAX_LINE]
    return "\n".join(f"{label}\t{text}" for text, label in random.Random(0).sample(short, min(LINES, len(short))))


def sense_lines(word: str, uses: list[Use]) -> str:
    """A few sentences of every sense, drawn with seed 0, as a reader would give them.

    Left out are those that are too long, and those in which an earlier place of the word is not the one that is meant.
    """
    out, taken = io.StringIO(), dict.fromkeys((use.sense for use in uses), 0)
    lines = csv.writer(out, lineterminator="\n")
    for use in random.Random(0).sample(uses, len(uses)):
        first = len(" ".join(["", *use.tokens[:use.place]]))
        if taken[use.sense] < SENTENCES and len(use.text) <= CHARACTERS and locate(word, use.text)[0] == first:
            taken[use.sense] += 1
            lines.writerow((use.text, word, use.sense))
    return out.getvalue()
