"""How do learning rate and number of steps change how far vectors move?

Trains the whole encoder now at four rates, and at one of them for half and twice as many steps. Controls: another seed, and
shuffled labels, from which nothing can be learnt, to see how far vectors move all the same.
"""

from collections.abc import Generator
from dataclasses import replace

import numpy as np
from scipy.stats import binomtest

from demos.lab import plots, reproduce
from demos.lab.choose import Seed, Steps, TrainingTask
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import drift, rounded
from demos.lab.reproduce_training import training
from demos.lab.schemes import SCHEMES
from demos.lab.tasks import load_task, shuffled_labels
from demos.lab.trial import Setting, Trial, series, short, unrelated
from demos.lab.zoo import Zoo

STEPS = 14  # nine trainings in a minute
RATES = (1e-5, 5e-5, 1.5e-4, 5e-4)
MIDDLE = 1.5e-4  # the rate of the stored models, of the controls, and of the shorter and the longer training
OTHER_SEED, FASTEST_OTHER_SEED, SHUFFLED = "other seed", "5e-4, other seed", "shuffled"


def run(zoo: Zoo, task: TrainingTask = "sentiment", steps: Steps | None = None,
        seed: Seed = 1) -> Generator[Progress | Evidence, None, None]:
    """`steps` a training, 14 by default; one training has half and one twice as many. `seed` draws the head, the order of
    the examples, dropout, and the shuffled labels.

    Drift: mean 1 - cosine of 60 ordinary words to the base.
    """
    data, recipe, full = load_task(task), short(zoo.recipe, steps, STEPS), SCHEMES["full"]
    base, far = zoo.load("base"), unrelated(zoo)
    plan = _plan(recipe.steps)
    settings = {}
    for name, (rate, count) in plan.items():
        own = replace(recipe, encoder_rate=rate, steps=count)
        settings[name] = Setting(shuffled_labels(data, seed) if name == SHUFFLED else data, full, own, seed + name.endswith(OTHER_SEED))
    trials = yield from series(zoo, settings, _scores)
    layers = range(base.layers + 1)
    rows = [(name, plan[name][0], plan[name][1], rounded(found.score), *(rounded(found.drift[layer]) for layer in layers))
            for name, found in trials.items()]
    scores, drifts = _scores(trials), _drifts(trials)
    parameters = {"task": task, "steps": recipe.steps, "seed": seed}
    yield Evidence(
        demo="learning_rate",
        claim=_claim(trials, recipe.steps, task),
        caveat=f"{recipe.steps} steps are a very short training, on {len(data.train)} short texts, scored on {len(data.test)}, with one "
               "or two seeds a rate. The rates are for the encoder; the head's stays the same. A small encoder bears higher rates than a "
               "large one. The base is all-MiniLM-L6-v2, already tuned once, for sentence similarity.",
        baseline=_baseline(trials, far),
        table=Table(("training", "rate", "steps", "accuracy", *(f"drift at layer {layer}" for layer in layers)), tuple(rows)),
        controls=Table(("training", "training (s)"), tuple((name, round(found.seconds, 1)) for name, found in trials.items())),
        figure=plots.stacked([scores, drifts], f"{scores.alt} {drifts.alt}"),
        receipts=(base.receipt, *(found.receipt for found in trials.values())),
        findings=_findings(trials, plan),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("learning_rate", parameters, training(task, recipe) + _snippet(plan, seed)),
    )


def _plan(steps: int) -> dict[str, tuple[float, int]]:
    """Every training by name: its rate and its steps."""
    others = sorted({max(1, steps // 2), 2 * steps} - {steps})
    return ({_name(rate): (rate, steps) for rate in RATES} | {_count(count): (MIDDLE, count) for count in others}
            | {OTHER_SEED: (MIDDLE, steps), FASTEST_OTHER_SEED: (RATES[-1], steps), SHUFFLED: (MIDDLE, steps)})


def _name(rate: float) -> str:
    mantissa, exponent = f"{rate:e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def _count(steps: int) -> str:
    return f"{steps} step{'s' * (steps > 1)}"


def _claim(trials: dict[str, Trial], steps: int, task: str) -> str:
    found = [trials[_name(rate)] for rate in RATES]
    best = max(RATES, key=lambda rate: trials[_name(rate)].score)
    slow, fast, middle, shuffled = found[0].drift[-1], found[-1].drift[-1], trials[_name(MIDDLE)].drift[-1], trials[SHUFFLED].drift[-1]
    return (f"After {_count(steps)} on {task}, ordinary words moved {slow:.2g} at rate {_name(RATES[0])} and {fast:.2g} at "
            f"{_name(RATES[-1])} (1 − cosine, last layer); accuracy was {found[0].score:.0%} and {found[-1].score:.0%}, and highest at "
            f"{_name(best)} ({trials[_name(best)].score:.0%}). Movement is not learning: with shuffled labels words moved {shuffled:.2g} "
            f"at rate {_name(MIDDLE)}, with the right labels {middle:.2g}.")


def _baseline(trials: dict[str, Trial], far: np.ndarray) -> str:
    middle, other, shuffled = (trials[name] for name in (_name(MIDDLE), OTHER_SEED, SHUFFLED))
    luck = drift(middle.vectors, other.vectors)[:, -1].mean()
    return (f"Guessing scores {middle.receipt.chance:.0%}; after training on shuffled labels accuracy is {shuffled.score:.0%}. With "
            f"another seed, rate {_name(MIDDLE)} scores {other.score:.0%} instead of {middle.score:.0%}, moves words "
            f"{other.drift[-1]:.2g} instead of {middle.drift[-1]:.2g}, and puts them {luck:.2g} away from where the first seed put "
            f"them; rate {_name(RATES[-1])} scores {trials[FASTEST_OTHER_SEED].score:.0%} instead of "
            f"{trials[_name(RATES[-1])].score:.0%}. Different words in different sentences are {far[-1]:.2f} apart at the last layer "
            "of the base.")


def _findings(trials: dict[str, Trial], plan: dict[str, tuple[float, int]]) -> tuple[Finding, ...]:
    at_middle = [name for name, (rate, _) in plan.items() if rate == MIDDLE and name not in (OTHER_SEED, SHUFFLED)]
    longer = sorted(at_middle, key=lambda name: plan[name][1])
    moved = [trials[name].drift[-1] for name in longer]
    luck = abs(trials[_name(MIDDLE)].drift[-1] - trials[OTHER_SEED].drift[-1])  # differences of this size mean nothing
    grows = np.diff(moved)
    fastest = [trials[name] for name in (_name(RATES[-1]), FASTEST_OTHER_SEED)]
    learnt = {binomtest(int(found.right.sum()), len(found.right), found.receipt.chance, alternative="greater").pvalue < 0.05
              for found in fastest}
    return (
        Finding("mehrafarin2022", "The more update steps, the farther a model's vectors move.",
                True if (grows > luck).all() else False if (grows < -luck).any() else None,
                f"At rate {_name(MIDDLE)}, last layer: "
                + ", ".join(f"{value:.2g} after {_count(plan[name][1])}" for name, value in zip(longer, moved, strict=True))
                + f"; two seeds differ by {luck:.2g}."),
        Finding("sun2019", "BERT fails to learn text classification at a rate as high as 4e-4.",
                None if len(learnt) == 2 else learnt == {False},
                f"Here, with a smaller encoder at {_name(RATES[-1])}: accuracy {fastest[0].score:.0%}, and {fastest[1].score:.0%} with "
                f"another seed; guessing scores {fastest[0].receipt.chance:.0%}."),
    )


def _scores(trials: dict[str, Trial]) -> Figure:
    names = [name for name in (*map(_name, RATES), SHUFFLED) if name in trials]
    chance = trials[names[0]].receipt.chance or 0.0
    return plots.bars({"accuracy by rate": [trials[name].score for name in names]}, names, "",
                      "Bar chart of accuracy by rate: " + "; ".join(f"{name} {trials[name].score:.0%}" for name in names)
                      + f"; guessing {chance:.0%}.", line=("guessing", chance))


def _drifts(trials: dict[str, Trial]) -> Figure:
    last = len(trials[SHUFFLED].drift) - 1
    return plots.lines({name: found.drift.tolist() for name, found in trials.items()}, range(last + 1), "layer (0 = embeddings)",
                       "drift (1 − cosine)", f"Line chart of drift by layer, at layer {last}: "
                       + "; ".join(f"{name} {found.drift[last]:.3f}" for name, found in trials.items()) + ".",
                       dashed=(SHUFFLED,))


def _snippet(plan: dict[str, tuple[float, int]], seed: int) -> str:
    return f"""
dealt = random.Random({seed}).sample([row["label"] for row in train_rows], len(train_rows))
shuffled = [{{**row, "label": label}} for row, label in zip(train_rows, dealt)]
for name, (rate, steps) in {reproduce.literal(plan)}.items():
    head, _, _ = train(name, lambda name, layer: True, steps, rate, {seed} + name.endswith("{OTHER_SEED}"),
                       rows=shuffled if name == "{SHUFFLED}" else train_rows)
    show(name, rate, steps, accuracy(models[name], head), *moved(name))
"""
