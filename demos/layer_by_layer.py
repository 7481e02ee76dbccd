"""Which layers does tuning change?

For each tuned model: how much every block's weights changed, and how far word vectors moved at every layer. The two need
not agree: a vector at layer 6 has passed through all the changes below it.
"""

import re

import numpy as np
from scipy.stats import spearmanr

from demos.lab import plots, reproduce
from demos.lab.baseline import OTHER_WORDS, others_drift, unrelated_distance
from demos.lab.choose import CONTROLS, Seed, tuned_models
from demos.lab.encode import Encoder
from demos.lab.evidence import Evidence, Finding, Table
from demos.lab.families import Family, of_family
from demos.lab.measure import relative_change, rounded
from demos.lab.zoo import Zoo


def run(zoo: Zoo, models: list[str] | None = None, seed: Seed = 0, family: Family = None) -> Evidence:
    """Weight change = norm of the difference / norm before, per block (layer 0: the embeddings). Vector drift = mean
    1 - cosine of 100 ordinary words, drawn by `seed`."""
    zoo = of_family(zoo, family)
    keys, names = tuned_models([*models, *CONTROLS] if models else None, rows=zoo.rows), {key: row.name for key, row in zoo.rows.items()}
    base = zoo.load("base")
    before = weights_by_layer(base)
    weights = {key: [relative_change(b, a) for b, a in zip(before, weights_by_layer(zoo.load(key)), strict=True)] for key in keys}
    vectors = {key: others_drift(zoo, key, seed).mean(axis=0) for key in keys}
    unrelated = unrelated_distance(zoo, "base", seed)
    rows = [(key, layer, rounded(weights[key][layer]), rounded(vectors[key][layer]), rounded(unrelated[layer]))
            for key in keys for layer in range(base.layers + 1)]
    tasks = [key for key in keys if key not in CONTROLS]
    parameters = {"models": keys if models else None, "seed": seed, "family": family}
    return Evidence(
        demo="layer_by_layer",
        claim=_claim(tasks, weights, vectors),
        caveat=f"The base is {zoo.about_base}. {zoo.about_models} Other rates and more steps change the sizes. "
               f"Vector drift is over {OTHER_WORDS} everyday words, not over the tasks' own texts.",
        baseline=_baseline(keys, vectors, unrelated, weights),
        table=Table(("model", "layer", "weight change", "vector drift", "unrelated words"), tuple(rows)),
        figure=_figure(names, keys, vectors, unrelated),
        receipts=tuple(zoo.load(key).receipt for key in ["base", *keys]),
        findings=_findings(names, tasks, vectors),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("layer_by_layer", parameters, _snippet(keys, seed)),
    )


def weights_by_layer(encoder: Encoder) -> list[list[np.ndarray]]:
    """The weights of the embeddings, then of each block; the pooler, which no head here reads, is left out."""
    groups: list[list[np.ndarray]] = [[] for _ in range(encoder.layers + 1)]
    for name, weight in encoder.model.state_dict().items():
        block = re.match(r"encoder\.layer\.(\d+)\.", name)
        if block:
            groups[int(block[1]) + 1].append(weight.numpy())
        elif name.startswith("embeddings."):
            groups[0].append(weight.numpy())
    return groups


def _claim(tasks, weights, vectors) -> str:
    if not tasks:
        return "Only control models were chosen."
    drift = np.mean([vectors[key] for key in tasks], axis=0)
    change = np.mean([weights[key] for key in tasks], axis=0)
    top = len(drift) - 1
    return (f"On average over {len(tasks)} tuned model{'s' * (len(tasks) > 1)}, word vectors moved {drift[0]:.3f} at layer 0 and "
            f"{drift[top]:.2f} at layer {top} (1 − cosine); most at layer {int(drift.argmax())}. The weights changed by "
            f"{change[0]:.2%} in the embeddings and by {change[1:].min():.2%} to {change[1:].max():.2%} in the blocks, most in "
            f"block {int(change[1:].argmax()) + 1}.")


def _baseline(keys, vectors, unrelated, weights) -> str:
    top = len(unrelated) - 1
    text = f"Different words in different sentences are {unrelated[top]:.2f} apart at layer {top} in the base."
    if "sentiment_seed2" in keys:
        text += f" A second sentiment model with another seed moved {vectors['sentiment_seed2'][top]:.2f} there."
    if "sentiment_frozen" in keys:
        still = max(weights["sentiment_frozen"]) == 0 and vectors["sentiment_frozen"].max() == 0
        text += (" With a frozen encoder both changes are exactly 0 everywhere." if still else
                 " With a frozen encoder something changed, which should not be: do not trust this run.")
    return text


def _findings(names, tasks, vectors) -> tuple[Finding, ...]:
    if not tasks:
        return ()
    trend = min(spearmanr(range(len(vectors[key])), vectors[key]).statistic for key in tasks)
    deepest = {key: vectors[key][1] / vectors[key][-1] for key in tasks}
    low, high = min(deepest, key=lambda k: deepest[k]), max(deepest, key=lambda k: deepest[k])
    return (
        Finding("merchant2020", "Fine-tuning changes mainly the upper layers.", bool(trend >= 0.7),
                f"Lowest rank correlation of vector drift with depth in any model: {trend:.2f}."),
        Finding("merchant2020", "How deep the change reaches depends on the task.",
                bool(deepest[high] > 1.5 * deepest[low]) if len(tasks) > 1 else None,
                f"Drift at layer 1 as a share of the last layer's: {deepest[low]:.0%} ({names[low]}) to "
                f"{deepest[high]:.0%} ({names[high]})."),
    )


def _figure(names, keys, vectors, unrelated):
    series = {names[key]: vectors[key].tolist() for key in keys} | {"unrelated words": unrelated.tolist()}
    last = len(unrelated) - 1
    alt = ("Line chart: mean drift of ordinary words by layer. "
           + "; ".join(f"{name}: {values[0]:.2f} at layer 0, {values[-1]:.2f} at layer {last}" for name, values in series.items()) + ".")
    return plots.lines(series, range(last + 1), "layer (0 = embeddings)", "vector drift (1 − cosine)", alt, dashed=("unrelated words",))


def _snippet(keys, seed) -> str:
    return reproduce.OTHERS + f"""
def groups(key):  # layer 0: the embeddings; k: block k
    out = {{}}
    for name, weight in AutoModel.from_pretrained(paths[key]).state_dict().items():
        block = re.match(r"encoder\\.layer\\.(\\d+)\\.", name)
        if block or name.startswith("embeddings."):
            out.setdefault(int(block[1]) + 1 if block else 0, []).append(weight.double().flatten())
    return {{layer: torch.cat(parts) for layer, parts in sorted(out.items())}}

base = groups("base")
for key in {reproduce.literal(keys)}:
    for layer, after in groups(key).items():
        change = (after - base[layer]).norm() / base[layer].norm()
        print(key, layer, round(float(change), 6), round(float(others(key, {seed})[layer]), 6), sep="\\t")
"""
