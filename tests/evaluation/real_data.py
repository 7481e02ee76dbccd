"""Frozen or tuned on real data: the Stanford Sentiment Treebank (two classes) and TREC's question types (six).

    python -m tests.evaluation.real_data --data DIR [--sizes 16 --sizes 64] [--seeds 3] [--limit 500] [--write]

The data are not part of this project: DIR holds `sst2/{train,test}.txt` and `trec/{train,test}.txt`, a line each: label, space,
text. At each size of the training set, drawn with every label in its share: the frozen encoder with a head of as many steps as the
tuned one has, the frozen encoder with logistic regression until it converges, and full tuning. Accuracy, mean over the seeds and
lowest to highest. `--write` adds the tables, dated, to RESULTS.md.
"""

import datetime
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from demos.lab import heads
from demos.lab.encode import Encoder
from demos.lab.evidence import DemoError
from demos.lab.probe import guesses, logistic_guesses, text_features, trained_head
from demos.lab.real_data import SETS, read_labelled
from demos.lab.recipe import Recipe
from demos.lab.schemes import SCHEMES
from demos.lab.tasks import Example, Task, subset
from demos.lab.tune import Step, Tuned, finetune
from demos.lab.zoo import default_zoo

HERE = Path(__file__).parent
SIZES = [16, 64, 256, 1000]
WAYS = ("frozen, same steps", "frozen, logistic regression", "tuned")
BATCH = 64
# Reimers & Gurevych 2019, Table 5: logistic regression on frozen BERT means, all training data.
PAPER = ("For orientation: with all training data, logistic regression on frozen BERT means scored 84.4 % on SST and 92.8 % on TREC in "
         "Reimers and Gurevych (2019), who also had other splits and another encoder.")


def read_task(data: Path, name: str, limit: int) -> Task:
    """A data set, its test split cut to `limit` texts drawn with seed 0. Raises DemoError if it is not there or not as described."""
    train, test = (tuple(read_labelled(data / name / f"{split}.txt")) for split in ("train", "test"))
    seen = {example.text for example in train}
    test = tuple(example for example in test if example.text not in seen)
    drawn = sorted(np.random.default_rng(0).permutation(len(test))[:limit].tolist())
    return Task(name, train, tuple(test[index] for index in drawn), tuple(sorted({example.label for example in train})))


def encode(encoder: Encoder, examples: tuple[Example, ...], task: Task) -> torch.Tensor:
    """Frozen features, (examples, d)."""
    return torch.cat([text_features(encoder, examples[first:first + BATCH], task) for first in range(0, len(examples), BATCH)])


def measure(task: Task, size: int, recipe: Recipe, seeds: int) -> dict[str, list[float]]:
    """Accuracy of every way at one size, one number a seed."""
    zoo = default_zoo()
    encoder = zoo.load("base")
    test = encode(encoder, task.test, task)
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for seed in range(1, seeds + 1):
        part = subset(task, size, seed)
        features = encode(encoder, part.train, part)
        predicted = {WAYS[0]: guesses(trained_head(features, part, recipe, seed), test, task),
                     WAYS[1]: logistic_guesses(features.numpy(), [example.label for example in part.train], test.numpy())}
        for result in finetune(zoo.path("base"), part, recipe, scheme=SCHEMES["full"], seed=seed):
            if isinstance(result, Step) and result.step % 10 == 0:
                print(f"{task.name}, {size} examples, seed {seed}: step {result.step} of {result.steps}", file=sys.stderr, flush=True)
        assert isinstance(result, Tuned)  # what training yields last
        predicted[WAYS[2]] = heads.predict(result.model, result.tokenizer, result.head, task.test, task)
        for way, guessed in predicted.items():
            found[way].append(heads.score(guessed, task.test, task)[1])
    return found


def table(found: dict[int, dict[str, list[float]]]) -> str:
    """A row a size: mean, and lowest to highest where there are several seeds."""
    lines = ["| examples | " + " | ".join(WAYS) + " |", "|---" * (len(WAYS) + 1) + "|"]
    for size, scores in found.items():
        cells = [f"{np.mean(scores[way]):.1%}" + (f" ({min(scores[way]):.1%} to {max(scores[way]):.1%})" if len(scores[way]) > 1 else "")
                 for way in WAYS]
        lines.append(f"| {size} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(
    data: Annotated[Path, typer.Option(help="The folder that holds sst2 and trec.")],
    sizes: Annotated[list[int], typer.Option(help="Training examples; may be repeated.")] = SIZES,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings at each size.")] = 3,
    steps: Annotated[int, typer.Option(min=1, help="Updates of each training.")] = Recipe().steps,
    limit: Annotated[int, typer.Option(min=1, help="Test texts, at most, drawn with seed 0.")] = 500,
    write: bool = False,
) -> None:
    """Print the tables."""
    recipe, parts = replace(Recipe(), steps=steps), []
    for name in SETS:
        task = read_task(data, name, limit)
        found = {size: measure(task, size, recipe, seeds) for size in sizes}
        parts.append(f"{name}, {len(task.test)} test texts, guessing {heads.chance(task):.1%}:\n\n{table(found)}")
    parts.append(f"{steps} steps a training, {seeds} seed{'s' * (seeds > 1)}; the base was already tuned once, for sentence similarity. "
                 f"{PAPER}")
    text = "\n\n".join(parts)
    print(text)
    if write:
        options = "".join(f" --sizes {size}" for size in sizes)
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(f"\n## {datetime.date.today().isoformat()}: frozen or tuned on SST-2 and TREC\n\n`python -m "
                          f"tests.evaluation.real_data --data DIR{options} --seeds {seeds} --steps {steps} --limit {limit} --write`\n\n"
                          f"{text}\n")


if __name__ == "__main__":
    try:
        typer.run(main)
    except DemoError as error:
        sys.exit(f"real_data: {error}")
