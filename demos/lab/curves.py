"""Learning curves: the same task with more and more of its examples, the encoder frozen and tuned, several seeds each."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import torch

from demos.lab import heads
from demos.lab.evidence import Figure, Progress
from demos.lab.probe import guesses, logistic_guesses, text_features, trained_head
from demos.lab.recipe import Recipe
from demos.lab.schemes import SCHEMES
from demos.lab.tasks import Example, Task, subset
from demos.lab.trial import beats, short
from demos.lab.tune import Step, Tuned, finetune
from demos.lab.zoo import Zoo

FROZEN, CONVERGED, TUNED = "frozen", "frozen to the end", "tuned"
SEEDS = 3
STEPS = {4: 5, 16: 6, 64: 10}  # by number of examples: with more steps, so few would only be seen more often
MOST_STEPS = 20  # with more examples; all twelve trainings in less than a minute
BATCH = 32


@dataclass(frozen=True, eq=False)
class Point:
    """One way of training at one size, over the seeds: right[i, j] says whether seed i has test example j right."""

    way: str
    size: int
    steps: int | None  # None: until it converged
    right: np.ndarray
    trainable: int
    seconds: float  # of training, mean over the seeds; for frozen ones without the encoding of the texts

    @property
    def summary(self) -> tuple[float, float, float]:
        """Mean, lowest and highest accuracy of the seeds."""
        scores = self.right.mean(axis=1)
        return float(scores.mean()), float(scores.min()), float(scores.max())


Points = dict[tuple[str, int], Point]


def sizes(task: Task) -> list[int]:
    """How many training examples: 4, 16, 64 and all, as far as there are that many and one for each label."""
    return [size for size in STEPS if len(task.labels) <= size < len(task.train)] + [len(task.train)]


def recipe_for(recipe: Recipe, size: int) -> Recipe:
    """The recipe with few steps, fewer for small sizes."""
    return short(recipe, None, next((steps for most, steps in STEPS.items() if size <= most), MOST_STEPS))


def better(first: Point, second: Point) -> tuple[bool, float]:
    """Whether `first` scores better beyond doubt, and p of the sign test over the test examples."""
    return beats(first.right, second.right)


def learning_curves(zoo: Zoo, task: Task, seed: int, draw: Callable[[Points], Figure]) -> Generator[Progress, None, Points]:
    """Every way at every size. The seed draws the examples, the head, their order and dropout; seed, seed + 1, seed + 2.

    First the frozen ones, for which every text is encoded once, then the tuned ones; Progress with the figure so far.
    """
    plan = {size: [subset(task, size, seed + number) for number in range(SEEDS)] for size in sizes(task)}
    points: Points = {}
    yield from _frozen(zoo, plan, seed, points, draw)
    total, done = sum(recipe_for(zoo.recipe, size).steps * SEEDS for size in plan), 0
    for size, parts in plan.items():
        recipe, right, seconds, trainable = recipe_for(zoo.recipe, size), [], 0.0, 0
        for number, part in enumerate(parts):
            for result in finetune(zoo.base, part, recipe, scheme=SCHEMES["full"], seed=seed + number):
                if isinstance(result, Step):
                    done += 1
                    yield Progress(f"tuned, {size} examples, seed {number + 1} of {SEEDS}: step {result.step} of {result.steps}",
                                   0.1 + 0.9 * done / total, draw(points) if result.step == 1 and number == 0 else None)
            assert isinstance(result, Tuned)  # what training yields last
            right.append(_right(heads.predict(result.model, result.tokenizer, result.head, task.test, task), task))
            seconds, trainable = seconds + result.seconds / SEEDS, result.trainable
        points[TUNED, size] = Point(TUNED, size, recipe.steps, np.stack(right), trainable, seconds)
    return points


def _frozen(zoo: Zoo, plan: dict[int, list[Task]], seed: int, points: Points,
            draw: Callable[[Points], Figure]) -> Generator[Progress, None, None]:
    """The frozen ways at every size, into `points`. Texts are encoded as they are needed: the small sizes are there soon."""
    encoder, task = zoo.load("base"), next(iter(plan.values()))[0]
    known: dict[Example, torch.Tensor] = {}
    texts = len({*task.test, *plan[max(plan)][0].train})
    for size, parts in plan.items():
        needed = dict.fromkeys([*task.test, *(example for part in parts for example in part.train)])
        missing = [example for example in needed if example not in known]
        for first in range(0, len(missing), BATCH):
            batch = missing[first:first + BATCH]
            known.update(zip(batch, text_features(encoder, batch, task), strict=True))
            yield Progress(f"frozen: {len(known)} of {texts} texts encoded, once for all", 0.1 * len(known) / texts,
                           draw(points) if points and first == 0 else None)
        recipe, test = recipe_for(zoo.recipe, size), torch.stack([known[example] for example in task.test])
        right: dict[str, list[np.ndarray]] = {FROZEN: [], CONVERGED: []}
        seconds = dict.fromkeys(right, 0.0)
        for number, part in enumerate(parts):
            features = torch.stack([known[example] for example in part.train])
            began = time.perf_counter()
            head = trained_head(features, part, recipe, seed + number)
            between = time.perf_counter()
            logistic = logistic_guesses(features.double().numpy(), [example.label for example in part.train], test.double().numpy())
            seconds[CONVERGED] += (time.perf_counter() - between) / SEEDS
            seconds[FROZEN] += (between - began) / SEEDS
            right[FROZEN].append(_right(guesses(head, test, task), task))
            right[CONVERGED].append(_right(logistic, task))
        numbers = sum(weight.numel() for weight in head.parameters())
        for way, steps in ((FROZEN, recipe.steps), (CONVERGED, None)):
            points[way, size] = Point(way, size, steps, np.stack(right[way]), numbers, seconds[way])
    yield Progress("frozen curves are done", 0.1, draw(points))


def _right(predicted: list[str], task: Task) -> np.ndarray:
    return np.array([guess == example.label for guess, example in zip(predicted, task.test, strict=True)])

