"""Short trainings, run now inside an experiment, and what each did to the encoder."""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

from demos.lab import heads, plots
from demos.lab.encode import Encoder, sentence_vectors, word_vectors
from demos.lab.evidence import Figure, Progress, Receipt
from demos.lab.measure import drift
from demos.lab.recipe import Recipe
from demos.lab.schemes import Scheme
from demos.lab.similarity import rsa
from demos.lab.tasks import Task, other_words
from demos.lab.tune import Step, Tuned, finetune
from demos.lab.zoo import Zoo

STEPS = 20  # enough to learn something, few enough for eight trainings a minute
WORDS = 60  # ordinary words, each in its own sentence, over which drift is averaged


class Setting(NamedTuple):
    """What determines a training."""

    task: Task
    scheme: Scheme
    recipe: Recipe
    seed: int


@dataclass(frozen=True, eq=False)
class Trial:
    """What one training gave: numbers only, the trained model is not kept.

    `score` is on the task's test split, in the unit that `receipt.metric` names, and `right` says which of its examples
    were predicted exactly: (examples,). `share` of the numbers of encoder (without its pooler) and head learnt; `seconds`
    is the time of the steps alone. `vectors` are those of ordinary words: (words, layers + 1, d); `drift` is 1 - cosine to
    the base's, mean over the words: (layers + 1,). `forgetting` is 1 - the rank correlation of all similarities between
    ordinary sentences with the base's: 0 if they are ordered as before. `changed` names the base's tensors that training
    changed (none for LoRA, whose matrices stand beside them).
    """

    scheme: Scheme
    receipt: Receipt
    score: float
    right: np.ndarray
    share: float
    seconds: float
    vectors: np.ndarray
    drift: np.ndarray
    forgetting: float
    changed: frozenset[str]


def trial(zoo: Zoo, task: Task, scheme: Scheme, recipe: Recipe, seed: int) -> Iterator[Step | Trial]:
    """Train the zoo's base on a task now: a Step after every update and, last, the Trial. Nothing is written to disk.

    On one core a step of 16 short texts takes about 0.3 s when everything learns, a third of that for the head alone.
    """
    for result in finetune(zoo.base, task, recipe, scheme=scheme, seed=seed):
        if isinstance(result, Step):
            yield result
    assert isinstance(result, Tuned)  # what training yields last
    predicted = heads.predict(result.model, result.tokenizer, result.head, task.test, task)
    metric, score = heads.score(predicted, task.test, task)
    receipt = Receipt(scheme.key, "base", f"{task.name}, {scheme.name}, {recipe.steps} steps, trained just now",
                      result.tensors_loaded, len(result.head.state_dict()), metric, round(score, 4), round(heads.chance(task), 4))
    counted = [weight for name, weight in result.model.named_parameters() if not name.startswith("pooler.")]
    size = sum(weight.numel() for weight in (*counted, *result.head.parameters()))
    words, sentences = ordinary(Encoder(scheme.key, result.model, result.tokenizer, receipt))
    words_before, sentences_before = base_ordinary(zoo)
    yield Trial(
        scheme, receipt, score, np.array([guess == example.label for guess, example in zip(predicted, task.test, strict=True)]),
        result.trainable / size, result.seconds, words, drift(words_before, words).mean(axis=0),
        max(0.0, 1 - rsa(sentences_before, sentences)), result.changed)


def series(zoo: Zoo, settings: Mapping[str, Setting],
           draw: Callable[[dict[str, Trial]], Figure]) -> Generator[Progress, None, dict[str, Trial]]:
    """Run several trainings; returns them by name. Progress after every step, with the figure of those that are done; until one
    is, with the loss of the first.

    After the last one none is drawn: the evidence brings its own.
    """
    total = sum(_steps(setting) for setting in settings.values())
    done, figure = 0, None
    finished: dict[str, Trial] = {}
    losses: list[float] = []
    for name, setting in settings.items():
        for news in trial(zoo, *setting):
            if isinstance(news, Step):
                done += 1
                losses.append(news.loss)
                if not finished and (done == 2 or done % 5 == 0):
                    figure = _loss(name, losses)
                yield Progress(f"training “{name}”: step {news.step} of {news.steps}, loss {news.loss:.2f}", done / total, figure)
            else:
                finished[name] = news
                figure = draw(finished) if len(finished) < len(settings) else None
    return finished


def _loss(name: str, losses: list[float]) -> Figure:
    return plots.lines({f"“{name}”": losses}, range(1, len(losses) + 1), "step", "loss (training batch)",
                       f"Line chart: loss of “{name}” from {losses[0]:.2f} to {losses[-1]:.2f} over {len(losses)} steps.")


def short(recipe: Recipe, steps: int | None, usual: int = STEPS) -> Recipe:
    """The recipe with as many steps as a reader chose, or few enough to wait for."""
    return replace(recipe, steps=steps or min(usual, recipe.steps))


def ordinary(encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the same 60 ordinary words, (word, layer, d), and of the sentences that they stand in: (sentence, d)."""
    chosen = other_words()[:WORDS]
    sentences = [item.text for item in chosen]
    return word_vectors(encoder, [item.word for item in chosen], sentences), sentence_vectors(encoder, sentences)


def base_ordinary(zoo: Zoo) -> tuple[np.ndarray, np.ndarray]:
    """The same in the base, computed once."""
    if ("ordinary",) not in zoo.remembered:
        zoo.remembered["ordinary",] = ordinary(zoo.load("base"))
    return zoo.remembered["ordinary",]


def unrelated(zoo: Zoo) -> np.ndarray:
    """Mean 1 - cosine between different ordinary words in the base, by layer: (layers + 1,). What "unrelated" looks like."""
    words, _ = base_ordinary(zoo)
    return drift(words, np.roll(words, 1, axis=0)).mean(axis=0)


def sign_test(first: np.ndarray, second: np.ndarray) -> float:
    """p of the two-sided sign test between two rows of right and wrong answers, (examples,) bool, to the same questions."""
    wins, losses = int((first & ~second).sum()), int((second & ~first).sum())
    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def beats(first: np.ndarray, second: np.ndarray) -> tuple[bool, float]:
    """Whether `first` is better beyond doubt, and p of the sign test; both say which examples each seed has right: (seeds, examples).

    Beyond doubt: its worst seed beats the other's best, and p < 0.05. The spread of seeds alone would not do: it knows
    nothing of how few the test examples are.
    """
    ours, theirs = first.sum(axis=0), second.sum(axis=0)
    p = sign_test(ours > theirs, theirs > ours)
    return bool(first.mean(axis=1).min() > second.mean(axis=1).max() and p < 0.05), p


def _steps(setting: Setting) -> int:
    return setting.recipe.steps * (2 if setting.scheme.probe_first else 1)
