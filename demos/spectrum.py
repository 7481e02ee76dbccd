"""From frozen to fully tuned: what does each way of tuning change, and what does it gain?

Trains the encoder now, seven ways, on the same examples: the head alone, the last layer, the top half, the biases alone
(BitFit), small matrices beside the weights (LoRA), the head first and then everything (LP-FT), and everything at once. For
each: the score, the share of numbers that learnt, how far ordinary words moved, and how much similarities were reordered.
"""

import warnings
from collections.abc import Generator

import numpy as np

from demos.lab import plots, reproduce
from demos.lab.choose import Seed, Steps, TrainingTask
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import drift, rounded
from demos.lab.recipe import Recipe
from demos.lab.reproduce_training import training
from demos.lab.schemes import LORA, SCHEMES
from demos.lab.tasks import load_task
from demos.lab.trial import Setting, Trial, series, short, sign_test, unrelated
from demos.lab.zoo import Zoo

WAYS = tuple(SCHEMES[key].name for key in ("frozen", "last_layer", "top_half", "bitfit", "lora", "lp_ft", "full"))
FROZEN, BITFIT, LORA_NAME, LP_FT, FULL = WAYS[0], *WAYS[3:]
OTHER_SEED = "full, other seed"  # control: how far luck alone goes
warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)  # peft asks transformers by the name it had


def run(zoo: Zoo, task: TrainingTask = "sentiment", steps: Steps | None = None,
        seed: Seed = 1) -> Generator[Progress | Evidence, None, None]:
    """`steps` a training, 20 by default; `seed` draws the head, the order of the examples and dropout.

    Drift: mean 1 - cosine of 60 ordinary words to the base. Forgetting: 1 - rank correlation of the similarities of all
    pairs of the 60 sentences that hold them with those in the base.
    """
    data, recipe = load_task(task), short(zoo.recipe, steps)
    base, far = zoo.load("base"), unrelated(zoo)
    settings = {scheme.name: Setting(data, scheme, recipe, seed) for scheme in SCHEMES.values() if scheme.name in WAYS}
    settings[OTHER_SEED] = Setting(data, SCHEMES["full"], recipe, seed + 1)
    trials = yield from series(zoo, settings, _scores)
    parameters = {"task": task, "steps": recipe.steps, "seed": seed}
    layers = range(base.layers + 1)
    scores, drifts = _scores(trials), _drifts(trials)
    rows = [(name, rounded(found.score), rounded(found.share), len(found.changed), rounded(found.forgetting),
             *(rounded(found.drift[layer]) for layer in layers)) for name, found in trials.items()]
    yield Evidence(
        demo="spectrum",
        claim=_claim(trials, data.name, recipe),
        caveat=f"{recipe.steps} steps are a very short training, on {len(data.train)} short texts, scored on {len(data.test)}, with one "
               "seed a way and two for full tuning: a longer one gains more and moves farther. BitFit and LoRA learn at ten times the "
               "rate of the others, as few numbers must move farther; LP-FT trains its head for as many steps more. The base is "
               "all-MiniLM-L6-v2, already tuned once, for sentence similarity, which makes its frozen vectors better than a raw model's.",
        baseline=_baseline(trials, far),
        table=Table(("method", "accuracy", "share that learnt", "base tensors changed", "forgetting (1 − rank correlation)",
                     *(f"drift at layer {layer}" for layer in layers)), tuple(rows)),
        controls=Table(("method", "training (s)"), tuple((name, round(found.seconds, 1)) for name, found in trials.items())),
        figure=plots.stacked([scores, drifts], f"{scores.alt} {drifts.alt}"),
        receipts=(base.receipt, *(found.receipt for found in trials.values())),
        findings=_findings(trials),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("spectrum", parameters, training(task, recipe) + _snippet(recipe, seed)),
    )


def _claim(trials: dict[str, Trial], task: str, recipe: Recipe) -> str:
    frozen, full = trials[FROZEN], trials[FULL]
    best = max(WAYS, key=lambda name: trials[name].score)
    p = sign_test(trials[best].right, frozen.right) * (len(WAYS) - 1)  # the best of so many is easily a lucky one
    verdict = ("no way is better than frozen" if best == FROZEN else
               f"{best} is better than frozen" if p < 0.05 else
               f"the best of the seven ({best}) is ahead of frozen by no more than chance could do")
    still = "exactly 0" if not frozen.drift.any() else f"{frozen.drift.max():.1e}, which should be 0,"
    few = {name: f"{trials[name].share:.2%}" for name in (BITFIT, LORA_NAME)}
    return (f"After {recipe.steps} steps on {task}, accuracy is {frozen.score:.0%} with a frozen encoder, {trials[LORA_NAME].score:.0%} "
            f"with LoRA and {full.score:.0%} with full tuning; {verdict}. The frozen encoder's words moved by {still}; at the last "
            f"layer BitFit moved them {trials[BITFIT].drift[-1]:.3f}, LoRA {trials[LORA_NAME].drift[-1]:.3f}, full tuning "
            f"{full.drift[-1]:.3f} (1 − cosine). BitFit trained {few[BITFIT]} and LoRA {few[LORA_NAME]} of the numbers that full "
            "tuning trains.")


def _baseline(trials: dict[str, Trial], far: np.ndarray) -> str:
    full, other = trials[FULL], trials[OTHER_SEED]
    luck = drift(full.vectors, other.vectors)[:, -1].mean()
    chance = full.receipt.chance or 0.0
    return (f"Guessing scores {chance:.0%}. Full tuning with another seed scores {other.score:.0%} and puts the same words {luck:.3f} "
            f"away from where the first seed put them. Different words in different sentences are {far[-1]:.2f} apart at the last "
            f"layer of the base. Forgetting (1 − rank correlation of sentence similarities with the base's; unrelated orders give "
            f"about 1) is {trials[FROZEN].forgetting:.3f} frozen, {trials[LORA_NAME].forgetting:.3f} with LoRA, "
            f"{full.forgetting:.3f} with full tuning and {other.forgetting:.3f} with the other seed.")


def _findings(trials: dict[str, Trial]) -> tuple[Finding, ...]:
    full, bitfit, lora, lp_ft = (trials[name] for name in (FULL, BITFIT, LORA_NAME, LP_FT))
    p = sign_test(bitfit.right, full.right)
    # Two seeds of full tuning give the size of a difference that means nothing.
    luck = abs(full.drift[-1] - trials[OTHER_SEED].drift[-1])
    apart = full.drift[-1] - lp_ft.drift[-1]
    return (
        Finding("kumar2022", "When the head was trained first (LP-FT), tuning moved an image model's features less than when it "
                "started from a random head.", None if abs(apart) <= luck else bool(apart > 0),
                f"Drift at the last layer: LP-FT {lp_ft.drift[-1]:.3f}, full {full.drift[-1]:.3f}; two seeds of full tuning differ "
                f"by {luck:.3f}."),
        Finding("benzaken2022", "On small to medium data, training the biases alone is competitive with training everything.",
                None if p >= 0.05 else bool(bitfit.score > full.score),
                f"Accuracy: BitFit {bitfit.score:.1%}, full {full.score:.1%} (sign test: p = {p:.2g})."),
        Finding("hu2021", "LoRA leaves the pretrained weights as they are and learns small matrices beside them.",
                bool(not lora.changed and lora.drift[-1] > 0),
                f"{len(lora.changed)} of the base's tensors changed; words moved {lora.drift[-1]:.3f} at the last layer all the same."),
    )


def _scores(trials: dict[str, Trial]) -> Figure:
    chance = next(iter(trials.values())).receipt.chance or 0.0
    ways = [name for name in WAYS if name in trials]
    scores = "; ".join(f"{name} {trials[name].score:.0%}" for name in ways)
    return plots.bars({"accuracy (held-out)": [trials[name].score for name in ways]}, [name.replace(" ", "\n") for name in ways], "",
                      f"Bar chart of accuracy: {scores}; guessing {chance:.0%}.", line=("guessing", chance))


def _drifts(trials: dict[str, Trial]) -> Figure:
    last = len(trials[FULL].drift) - 1
    moved = "; ".join(f"{name} {found.drift[last]:.3f}" for name, found in trials.items())
    return plots.lines({name: found.drift.tolist() for name, found in trials.items()}, range(last + 1), "layer (0 = embeddings)",
                       "drift (1 − cosine)", f"Line chart of drift by layer, at layer {last}: {moved}.", dashed=(OTHER_SEED,))


def _snippet(recipe: Recipe, seed: int) -> str:
    rate, high = recipe.encoder_rate, recipe.encoder_rate * SCHEMES["lora"].rate
    return f"""
layers = models["base"].config.num_hidden_layers
nothing, everything = lambda name, layer: False, lambda name, layer: True
ways = {{  # which weights learn, at which rate
    "{FROZEN}": dict(learns=nothing, rate={rate}),
    "last layer": dict(learns=lambda name, layer: layer == layers, rate={rate}),
    "top half": dict(learns=lambda name, layer: layer > layers / 2, rate={rate}),
    "{BITFIT}": dict(learns=lambda name, layer: name.endswith(".bias"), rate={high}),
    "{LORA_NAME}": dict(learns=nothing, rate={high}, lora={reproduce.literal(LORA)}),
    "{LP_FT}": dict(learns=everything, rate={rate}, probe_first=True),
    "{FULL}": dict(learns=everything, rate={rate}),
    "{OTHER_SEED}": dict(learns=everything, rate={rate}, seed={seed + 1}),
}}
for name, way in ways.items():
    head, learnt, changed = train(name, **{{"steps": {recipe.steps}, "seed": {seed}, **way}})
    encoder = sum(weight.numel() for key, weight in original.items() if layer_of(key) is not None)
    share = learnt / (encoder + sum(weight.numel() for weight in head.parameters()))
    show(name, accuracy(models[name], head), share, changed, forgotten(name), *moved(name))
"""
