"""What happens while a model is tuned? Watch the loss, the score and one word, step by step.

Trains now, on a bundled task or on your own labelled lines, and measures every few steps how far one word has moved from the
base. Beside it, at the same steps, how far ordinary words have moved.
"""

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from time import perf_counter
from typing import Literal

import numpy as np

from demos.lab import heads, plots, reproduce
from demos.lab.choose import Lines, Seed, Sentences, Steps, TrainingTask, Word, sentences_with, task_or_lines
from demos.lab.encode import Encoder, word_vectors
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Receipt, Table
from demos.lab.measure import drift, rounded
from demos.lab.recipe import Recipe
from demos.lab.reproduce_training import training
from demos.lab.schemes import SCHEMES, scheme_of
from demos.lab.tasks import Task, other_words
from demos.lab.trial import unrelated
from demos.lab.tune import Step, Tuned, finetune, measuring
from demos.lab.zoo import Zoo

STEPS, LOOKS, WORDS = 40, 8, 20  # of training; of looking at the words; ordinary words
BUDGET = 45.0  # seconds for both trainings; with loading and scoring, everything ends within a minute
TRIED = 3  # steps after which it is known how long all will take
Way = Literal["full", "last_layer", "top_half", "bitfit", "frozen"]
LEARNS = {"full": "True", "frozen": "False", "last_layer": "layer == layers", "top_half": "layer > layers / 2",
          "bitfit": 'name.endswith(".bias")'}  # the schemes, for the script


def run(zoo: Zoo, task: TrainingTask = "sentiment", lines: Lines | None = None, word: Word = "bank", sentences: Sentences | None = None,
        scheme: Way = "full", steps: Steps | None = None, seed: Seed = 1) -> Generator[Progress | Evidence, None, None]:
    """`lines` are your own labelled texts, a line each: label, text; they go before `task`. `scheme` says which weights learn.

    `steps` are 40 if not given, and fewer where they would take more than a minute. Drift: 1 - cosine at the last layer between
    the base and the model as it is at that step; mean over the sentences. The same with the next seed is the control.
    """
    began = perf_counter()
    data, texts = task_or_lines(task, lines), sentences_with(word, sentences)
    wanted = steps or min(STEPS, zoo.recipe.steps)
    recipe = replace(zoo.recipe, steps=wanted, batch=min(zoo.recipe.batch, len(data.train)))
    look = _Look(zoo.load("base"), word, texts)
    course, other = _Course(look, began + 2 * BUDGET / 3), _Course(look, began + BUDGET)
    for news in course.train(zoo, data, recipe, scheme, seed):
        if news.step == TRIED and (fits := course.steps_that_fit(began)) < recipe.steps:
            recipe = replace(recipe, steps=fits)
            break  # a training that is cut off is no shorter training: its rate would not have come down
        yield _progress(news, "", 0.0, _figure(word, course, None) if news.step in (1, course.seen[-1][0]) else None)
    if course.planned != recipe.steps:
        course = _Course(look, began + 2 * BUDGET / 3)
        for news in course.train(zoo, data, recipe, scheme, seed):
            yield _progress(news, f"{recipe.steps} steps fit into a minute; ", 0.0,
                            _figure(word, course, None) if news.step in (1, course.seen[-1][0]) else None)
    for news in other.train(zoo, data, recipe, scheme, seed + 1):
        yield _progress(news, "the same with another seed: ", 0.5, _figure(word, course, other) if news.step == other.seen[-1][0] else None)
    yield _evidence(zoo, data, recipe, look, course, other, wanted, {
        "task": task, "lines": lines, "word": word, "sentences": texts, "scheme": scheme, "steps": recipe.steps, "seed": seed})


def _progress(news: Step, before: str, done: float, figure: Figure | None) -> Progress:
    return Progress(f"{before}step {news.step} of {news.steps}, loss {news.loss:.2f}", done + news.step / news.steps / 2, figure)


class _Look:
    """Measures one word and some ordinary ones, before and after."""

    def __init__(self, base: Encoder, word: str, texts: list[str]) -> None:
        chosen = other_words()[:WORDS]
        self.base, self.own = base, len(texts)
        self.words = [word] * len(texts) + [item.word for item in chosen]
        self.sentences = texts + [item.text for item in chosen]
        self.before = self.vectors(base.model)

    def vectors(self, model) -> np.ndarray:
        """(sentence, layer, d): the word's in its sentences, then the ordinary ones'."""
        return word_vectors(replace(self.base, model=model), self.words, self.sentences)

    def apart(self, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean distance by layer, (layers + 1,): of the word, and of the ordinary words."""
        moved = drift(first, second)
        return moved[: self.own].mean(axis=0), moved[self.own:].mean(axis=0)


@dataclass(eq=False)
class _Course:
    """One training as it was seen. It stops itself at `deadline`, and then has no score: `tuned` is None."""

    look: _Look
    deadline: float
    losses: list[float] = field(default_factory=list)
    seen: list[tuple[int, np.ndarray, np.ndarray]] = field(default_factory=list)  # step, drift of the word, of ordinary words
    vectors: dict[int, np.ndarray] = field(default_factory=dict)  # by step, of those looks
    tuned: Tuned | None = None
    planned: int = 0
    score: float | None = None

    def train(self, zoo: Zoo, data: Task, recipe: Recipe, scheme: str, seed: int) -> Generator[Step, None, None]:
        """Train, looking at the words now and then; yields every step."""
        self.planned, every, late = recipe.steps, max(1, recipe.steps // LOOKS), False
        self._see(0, zoo.load("base").model)
        for news in finetune(zoo.base, data, recipe, scheme=scheme_of(scheme), seed=seed):
            if isinstance(news, Tuned):
                self.tuned = news
                guessed = heads.predict(news.model, news.tokenizer, news.head, data.test, data)
                self.score = heads.score(guessed, data.test, data)[1]
                return
            self.losses.append(news.loss)
            late = perf_counter() > self.deadline and news.step < news.steps
            if news.step % every == 0 or news.step == news.steps or late:
                self._see(news.step, news.model)
            yield news
            if late:
                return

    def steps_that_fit(self, began: float) -> int:
        """How many steps two trainings may have, as long as those so far took."""
        each = (perf_counter() - began) / len(self.losses)
        return max(TRIED, int((BUDGET - (perf_counter() - began)) / (2 * each)))

    def _see(self, step: int, model) -> None:
        with measuring(model):
            self.vectors[step] = self.look.vectors(model)
        self.seen.append((step, *self.look.apart(self.look.before, self.vectors[step])))


def _evidence(zoo: Zoo, data: Task, recipe: Recipe, look: _Look, course: _Course, other: _Course, wanted: int, given: dict) -> Evidence:
    base, word, chance = look.base, given["word"], heads.chance(data)
    done, shared = len(course.losses), max(step for step in course.vectors if step in other.vectors)
    luck = look.apart(course.vectors[shared], other.vectors[shared])
    name = scheme_of(given["scheme"]).name
    receipt = Receipt("live", "base", f"{data.name}, {name}, {done} steps, trained just now", base.receipt.tensors_loaded, 2,
                      "accuracy", course.score and round(course.score, 4), round(chance, 4))
    twins = {step: own for step, own, _ in other.seen}
    return Evidence(
        demo="live_tuning",
        claim=_claim(data, word, course, chance),
        caveat=f"{_count(done)} on {len(data.train)} texts, scored on {len(data.test)} others, with two seeds. "
               f"{_stopped(course, other, wanted)}A falling loss on texts that are seen again and again says little; the held-out "
               "score counts. The base is all-MiniLM-L6-v2, already tuned once, for sentence similarity.",
        baseline=_baseline(zoo, data, word, course, other, shared, luck, chance),
        table=Table(("step", "loss", f"drift of “{word}”", "drift of ordinary words"),
                    tuple((step, rounded(course.losses[step - 1]), rounded(own[-1]), rounded(others[-1]))
                          for step, own, others in course.seen if step)),
        controls=Table(("layer", f"drift of “{word}”", f"with the other seed, step {shared}", f"“{word}” in the two models",
                        "drift of ordinary words", "unrelated words"),
                       tuple((layer, *(rounded(values[layer]) for values in (
                           course.seen[-1][1], twins[shared], luck[0], course.seen[-1][2], unrelated(zoo))))
                             for layer in range(base.layers + 1))),
        figure=_figure(word, course, other),
        receipts=(base.receipt, receipt),
        findings=(_finding(course),),
        parameters=given,
        seed=given["seed"],
        reproduce=reproduce.script("live_tuning", {**given, "lines": given["lines"] and "@lines.csv"},
                                   _snippet(given, data, look, recipe, done)),
    )


def _count(steps: int) -> str:
    return f"{steps} step{'s' * (steps != 1)}"


def _stopped(course: _Course, other: _Course, wanted: int) -> str:
    text = ""
    if course.planned < wanted:
        text += f"{_count(wanted)} would have taken more than a minute, so there were {course.planned}. "
    if course.tuned is None:
        text += f"The training stopped itself after {len(course.losses)} of {course.planned} steps, for a minute is the limit. "
    if len(other.losses) < len(course.losses):
        text += f"The one with the other seed stopped itself after {_count(len(other.losses))}, for the same reason. "
    return text


def _claim(data: Task, word: str, course: _Course, chance: float) -> str:
    near = max(1, len(course.losses) // 5)
    first, last = np.mean(course.losses[:near]), np.mean(course.losses[-near:])
    score = (f"On {len(data.test)} texts that it never saw, the model gets {course.score:.0%} right; always guessing the most frequent "
             f"label gets {chance:.0%}." if course.score is not None else
             "It was stopped before its end, and not scored on texts that it never saw.")
    return (f"In {_count(len(course.losses))} on {data.name} the loss went from {first:.2f} to {last:.2f} (mean of the first and last "
            f"{near}), and “{word}” moved {course.seen[-1][1][-1]:.3f} from the base at the last layer (1 − cosine). {score}")


def _baseline(zoo: Zoo, data: Task, word: str, course: _Course, other: _Course, shared: int, luck, chance: float) -> str:
    moved = next(own for step, own, _ in other.seen if step == shared)
    score = f" and gets {other.score:.0%} right" if other.score is not None else ""
    return (f"{WORDS} ordinary words moved {course.seen[-1][2][-1]:.3f} on average in the same steps; before the first step all had "
            f"moved {course.seen[0][1].max():.0f}. Another seed moves “{word}” {moved[-1]:.3f} in {_count(shared)}{score}; the two models "
            f"then put it {luck[0][-1]:.3f} apart, by luck alone. Different words in different sentences are {unrelated(zoo)[-1]:.2f} "
            f"apart in the base. Guessing gets {chance:.0%} of the {len(data.test)} held-out texts.")


def _finding(course: _Course) -> Finding:
    path = [others[-1] for _, _, others in course.seen]
    rises = sum(after > before for before, after in pairwise(path))
    enough = len(path) >= 4
    return Finding("mehrafarin2022", "How far fine-tuning changes a model grows with the number of updates.",
                   bool(path[-1] > path[0] and rises >= 0.8 * (len(path) - 1)) if enough else None,
                   f"Ordinary words were farther from the base than at the look before in {rises} of {len(path) - 1} looks.")


def _figure(word: str, course: _Course, other: _Course | None) -> Figure:
    losses, seen = course.losses, course.seen
    loss = plots.lines({"loss": losses}, range(1, len(losses) + 1), "step", "loss (training batch)",
                       f"Line chart: loss from {losses[0]:.2f} to {losses[-1]:.2f} over {len(losses)} steps.")
    paths = {f"“{word}”": {step: own[-1] for step, own, _ in seen}, "ordinary words": {step: others[-1] for step, _, others in seen}}
    if other:
        paths[f"“{word}”, other seed"] = {step: own[-1] for step, own, _ in other.seen}
    steps = [step for step, _, _ in seen]
    said = "; ".join(f"{name} {list(path.values())[-1]:.3f} at step {list(path)[-1]}" for name, path in paths.items())
    moved = plots.lines({name: [float(path.get(step, np.nan)) for step in steps] for name, path in paths.items()}, steps, "step",
                        "drift (1 − cosine)", f"Line chart: drift at the last layer, 0 at the start: {said}.",
                        dashed=("ordinary words",))
    return plots.stacked([loss, moved], f"{loss.alt} {moved.alt}")


def _snippet(given: dict, data: Task, look: _Look, recipe: Recipe, done: int) -> str:
    """Trains again and looks at the same words at the same steps."""
    return training(given["task"], recipe) + (reproduce.own_rows(data) if given["lines"] else "") + f"""
word, texts, done = {reproduce.literal(given["word"])}, {reproduce.literal(given["sentences"])}, {done}
layers, steps, ordinary = models["base"].config.num_hidden_layers, {recipe.steps}, [(row["word"], row["text"]) for row in words[:{WORDS}]]

def far(step, pairs):  # mean drift at the last layer
    return torch.stack([drift(vectors("base", *pair), vectors(step, *pair))[-1] for pair in pairs]).mean().item()

def each(step, loss, model):  # whether to stop
    if step % max(1, steps // {LOOKS}) == 0 or step in (steps, done):
        models[step] = copy.deepcopy(model).eval()
        show(step, loss, far(step, [(word, text) for text in texts]), far(step, ordinary))
    return step == done

train("live", lambda name, layer: {LEARNS[given["scheme"]]}, steps, {recipe.encoder_rate * SCHEMES[given["scheme"]].rate}, {given["seed"]},
      rows=train_rows, each=each)
"""
