"""How deep can you freeze before it costs something?

Trains the encoder now with its bottom frozen, one layer more each time. Then the other way round, with no training: layers
of a tuned model are put back to the base's weights, to see which of its changes it needs.
"""

import copy
from collections.abc import Collection, Generator

import numpy as np

from demos.lab import heads, plots, reproduce
from demos.lab.choose import Seed, Steps, TrainingTask
from demos.lab.encode import Encoder
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import rounded
from demos.lab.recipe import Recipe
from demos.lab.reproduce_training import training
from demos.lab.schemes import SCHEMES, freeze_bottom, layer_of
from demos.lab.tasks import load_task
from demos.lab.trial import Setting, Trial, series, short, sign_test, unrelated
from demos.lab.zoo import Zoo

STEPS = 16  # nine trainings in a minute
NONE, EMBEDDINGS, OTHER_SEED = "none", "emb.", "none, other seed"  # what is frozen; a number k: the embeddings and k blocks
NOTHING, ALL = "nothing", "all"  # rolled back


def run(zoo: Zoo, task: TrainingTask = "sentiment", steps: Steps | None = None,
        seed: Seed = 1) -> Generator[Progress | Evidence, None, None]:
    """`steps` a training, 16 by default; `seed` draws the head, the order of the examples and dropout.

    Rolled back is the task's own model, which was tuned before and for longer. Drift: mean 1 - cosine of 60 ordinary words
    to the base.
    """
    data, recipe = load_task(task), short(zoo.recipe, steps, STEPS)
    base, tuned, far = zoo.load("base"), zoo.load(task), unrelated(zoo)
    rolled: dict[str, np.ndarray] = {}
    for name, group in _groups(base.layers).items():
        yield Progress(f"rolling back {name} of the {task} model", 0.0, _losses(rolled) if rolled else None)
        model = _rolled_back(tuned, base, group)
        predicted = heads.predict(model, tuned.tokenizer, zoo.load_head(task), data.test, data)
        rolled[name] = np.array([guess == example.label for guess, example in zip(predicted, data.test, strict=True)])
    depths = {NONE: SCHEMES["full"], EMBEDDINGS: SCHEMES["no_embeddings"],
              **{str(blocks): freeze_bottom(blocks) for blocks in range(1, base.layers + 1)}, OTHER_SEED: SCHEMES["full"]}
    settings = {name: Setting(data, scheme, recipe, seed + (name == OTHER_SEED)) for name, scheme in depths.items()}
    trials = yield from series(zoo, settings, _scores)
    layers = range(base.layers + 1)
    rows = [(f"frozen: {name}", rounded(found.score), rounded(found.share), *(rounded(found.drift[layer]) for layer in layers))
            for name, found in trials.items()]
    rows += [(f"rolled back: {name}", rounded(right.mean()), *["-"] * (base.layers + 2)) for name, right in rolled.items()]
    scores, losses = _scores(trials), _losses(rolled)
    parameters = {"task": task, "steps": recipe.steps, "seed": seed}
    yield Evidence(
        demo="freeze_depth",
        claim=_claim(trials, rolled, recipe, task),
        caveat=f"{recipe.steps} steps are a very short training on {len(data.train)} short texts, with one seed a depth and two with "
               f"nothing frozen; the model that is rolled back had {zoo.recipe.steps}. {len(data.test)} held-out texts tell apart only "
               "large differences. The base is all-MiniLM-L6-v2, already tuned once, for sentence similarity, which makes freezing "
               "cheaper than with a raw pretrained model.",
        baseline=_baseline(trials, far),
        table=Table(("layers", "accuracy", "share that learnt", *(f"drift at layer {layer}" for layer in layers)), tuple(rows)),
        controls=Table(("frozen", "training (s)"), tuple((name, round(found.seconds, 1)) for name, found in trials.items())),
        figure=plots.stacked([scores, losses], f"{scores.alt} {losses.alt}"),
        receipts=(base.receipt, tuned.receipt, *(found.receipt for found in trials.values())),
        findings=(_elsa_finding(trials, base.layers), _rollback_finding(rolled)),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("freeze_depth", parameters, training(task, recipe) + _snippet(recipe, task, seed, base.layers)),
    )


def _groups(layers: int) -> dict[str, Collection[int]]:
    """What is rolled back: nothing, the embeddings, the blocks in three groups (fewer if there are fewer), and all of it.

    With all of it rolled back, the tuned head reads the base's vectors.
    """
    groups: dict[str, Collection[int]] = {NOTHING: (), "embeddings": (0,)}
    for part in np.array_split(np.arange(1, layers + 1), 3):
        if len(part):
            groups[f"blocks {part[0]}–{part[-1]}" if len(part) > 1 else f"block {part[0]}"] = part.tolist()
    return groups | {ALL: range(layers + 1)}


def _rolled_back(tuned: Encoder, base: Encoder, layers: Collection[int]):
    """A copy of the tuned model with the base's weights in these layers (0: the embeddings)."""
    model = copy.deepcopy(tuned.model)
    weights = {name: weight for name, weight in base.model.state_dict().items() if layer_of(name) in layers}
    model.load_state_dict(weights, strict=False)
    return model


def _depths(trials: dict[str, Trial]) -> list[str]:
    """The depths of freezing, without the control and without "none"."""
    return [name for name in trials if name not in (NONE, OTHER_SEED)]


def _in_words(depth: str) -> str:
    if depth == EMBEDDINGS:
        return "the embeddings frozen"
    return f"the embeddings and the lowest {depth} blocks frozen" if depth != "1" else "the embeddings and the lowest block frozen"


def _claim(trials: dict[str, Trial], rolled: dict[str, np.ndarray], recipe: Recipe, task: str) -> str:
    none, depths = trials[NONE], _depths(trials)
    middle, last = depths[len(depths) // 2], depths[-1]
    costs = next((name for name in depths if trials[name].score < none.score
                  and sign_test(trials[name].right, none.right) * len(depths) < 0.05), None)
    verdict = (f"Freezing stops being free with {_in_words(costs)}." if costs else
               "At no depth is the loss more than chance could do on so few texts.")
    still = max(trials[str(blocks)].drift[:blocks + 1].max() for blocks in range(1, len(depths)))
    return (f"After {recipe.steps} steps on {task}, accuracy is {none.score:.0%} with nothing frozen, {trials[middle].score:.0%} with "
            f"{_in_words(middle)}, {trials[last].score:.0%} with all frozen but the head. {verdict} In frozen layers words moved by "
            f"{'exactly 0' if still == 0 else format(still, '.1e') + ', which should be 0'}. {_rollback(rolled, task)} Freezing in code: "
            f"model.embeddings.requires_grad_(False); model.encoder.layer[:{middle}].requires_grad_(False).")


def _rollback(rolled: dict[str, np.ndarray], task: str) -> str:
    before, after = rolled[NOTHING], rolled[ALL]
    parts = [name for name in rolled if name not in (NOTHING, ALL)]
    worst = min(parts, key=lambda name: rolled[name].mean())
    clear = rolled[worst].mean() < before.mean() and sign_test(rolled[worst], before) * len(parts) < 0.05
    loss = f"most for its {worst}" if clear else "no more than chance could do"
    return (f"In the {task} model that was tuned for longer, putting one part back to the base's weights costs {loss} ({before.mean():.0%} "
            f"to {rolled[worst].mean():.0%} at worst); with every part put back it scores {after.mean():.0%}.")


def _baseline(trials: dict[str, Trial], far: np.ndarray) -> str:
    none, other = trials[NONE], trials[OTHER_SEED]
    return (f"Guessing scores {none.receipt.chance:.0%}. With nothing frozen and another seed accuracy is {other.score:.0%} instead of "
            f"{none.score:.0%}, and words moved {other.drift[-1]:.3f} instead of {none.drift[-1]:.3f} at the last layer (1 − cosine); "
            f"different words in different sentences are {far[-1]:.2f} apart there. A loss counts when the sign test's p, times the "
            "number of depths, is below 0.05.")


def _elsa_finding(trials: dict[str, Trial], layers: int) -> Finding:
    quarter = -(-layers // 4)
    top, none, head = trials[str(layers - quarter)], trials[NONE], trials[str(layers)]
    kept, head_keeps = top.score / none.score, head.score / none.score
    return Finding(
        "leeelsa2019", "Tuning only the top quarter of the layers keeps about 90 % of the quality of tuning all of them.",
        None if head_keeps >= 0.9 else bool(kept >= 0.9),
        f"Here the top {quarter} of {layers} blocks keep {kept:.0%} of the accuracy, and the head alone keeps {head_keeps:.0%}"
        f"{', so that 90 % says nothing about layers' if head_keeps >= 0.9 else ''}.")


def _rollback_finding(rolled: dict[str, np.ndarray]) -> Finding:
    names = [name for name in rolled if name.startswith("block")]
    low, high = rolled[names[0]], rolled[names[-1]]
    p = sign_test(low, high)
    return Finding(
        "hao2019", "Putting a tuned model's low layers back to their pretrained values barely hurts; putting its high layers back does.",
        None if p >= 0.05 else bool(low.mean() > high.mean()),
        f"Accuracy with nothing put back {rolled[NOTHING].mean():.1%}, with {names[0]} {low.mean():.1%}, with {names[-1]} "
        f"{high.mean():.1%} (sign test of the last two: p = {p:.2g}).")


def _scores(trials: dict[str, Trial]) -> Figure:
    names = [name for name in trials if name != OTHER_SEED]
    chance = trials[names[0]].receipt.chance or 0.0
    return plots.bars({"accuracy by what is frozen": [trials[name].score for name in names]}, names, "",
                      "Bar chart of accuracy by frozen layers (a number: the embeddings and as many blocks): "
                      + "; ".join(f"{name} {trials[name].score:.0%}" for name in names) + f"; guessing {chance:.0%}.",
                      line=("guessing", chance))


def _losses(rolled: dict[str, np.ndarray]) -> Figure:
    labels = [name.replace("embeddings", EMBEDDINGS).replace(" ", "\n") for name in rolled]
    return plots.bars({"accuracy by what is rolled back": [float(right.mean()) for right in rolled.values()]}, labels, "",
                      "Bar chart of accuracy by the layers of the tuned model that are put back to the base: "
                      + "; ".join(f"{name} {right.mean():.0%}" for name, right in rolled.items()) + ".")


def _snippet(recipe: Recipe, task: str, seed: int, layers: int) -> str:
    numbers = f"steps={recipe.steps}, rate={recipe.encoder_rate}"
    return f"""
# Freezing the embeddings and the lowest k blocks takes two lines:
#     model.embeddings.requires_grad_(False)
#     model.encoder.layer[:k].requires_grad_(False)
frozen = {{"{NONE}": -1, "{EMBEDDINGS}": 0, **{{str(k): k for k in range(1, {layers} + 1)}}, "{OTHER_SEED}": -1}}
for name, k in frozen.items():
    head, learnt, _ = train(name, lambda _, layer: layer > k, seed={seed} + (name == "{OTHER_SEED}"), {numbers})
    encoder = sum(weight.numel() for key, weight in original.items() if layer_of(key) is not None)
    share = learnt / (encoder + sum(weight.numel() for weight in head.parameters()))
    show("frozen: " + name, accuracy(models[name], head), share, *moved(name))

from safetensors.torch import load_file
tensors = load_file(paths["{task}"] + "/head.safetensors")
head = nn.Linear(tensors["weight"].shape[1], len(labels))
head.load_state_dict(tensors)
for name, group in {reproduce.literal({name: list(group) for name, group in _groups(layers).items()})}.items():
    model = AutoModel.from_pretrained(paths["{task}"]).eval()
    weights = {{key: weight for key, weight in models["base"].state_dict().items() if layer_of(key) in group}}
    model.load_state_dict(weights, strict=False)
    show("rolled back: " + name, accuracy(model, head), *["-"] * {layers + 2})
"""
