"""How alike are the layers of a frozen and a tuned model?

Three measures that do not depend on the coordinates: debiased CKA, RSA, and Procrustes scored on tokens that it was not
fitted on. Each layer of the base against the same layer of a tuned model, and in a map every layer of one against every
layer of the other. Beside them the plain cosine of paired tokens, shuffled tokens, and two models that differ in the seed.
"""

from collections.abc import Iterator

import numpy as np
from scipy.stats import spearmanr

from demos.lab import plots, reproduce
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.choose import CONTROLS, TWINS, Seed, tuned_models
from demos.lab.encode import sentence_states
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import drift, rounded
from demos.lab.similarity import debiased_cka_grid, held_out_procrustes, rsa
from demos.lab.tasks import other_words
from demos.lab.zoo import Zoo

TOKENS = 2000  # five for each of the 384 dimensions: see lab/similarity.py
SAMPLE = 200  # tokens for RSA, which compares all pairs of them: 19,900
MEASURES = ("CKA", "RSA", "Procrustes", "cosine")


def run(zoo: Zoo, models: list[str] | None = None, seed: Seed = 0) -> Iterator[Progress | Evidence]:
    """1 = alike, 0 = unrelated, for each layer and pair of models, over 2,000 tokens of everyday sentences.

    `seed` puts the sentences in order (Procrustes is fitted on the first half) and draws the tokens for RSA. The map shows
    the first of the chosen models.
    """
    keys = tuned_models([*models, *CONTROLS] if models else None)
    tasks = [key for key in keys if key not in CONTROLS]
    mapped = (tasks or keys)[0]
    scores: dict[tuple[str, str], np.ndarray] = {}  # pair -> (measure, layer)
    grids: dict[tuple[str, str], np.ndarray] = {}  # pair -> CKA (layer, layer)
    yield Progress("reading tokens with the base", 0)
    states = {"base": tokens(zoo, "base", seed)}  # key -> (layer, token, d); only what later pairs need is kept
    layers, count = range(len(states["base"])), states["base"].shape[1]
    for number, key in enumerate(keys):
        name = CHECKPOINTS[key].name
        yield Progress(f"reading {count:,} tokens with the {name} model", number / len(keys), _lines(scores) if scores else None)
        states[key] = tokens(zoo, key, seed)
        if key == TWINS[1] and TWINS[0] not in states:
            states[TWINS[0]] = tokens(zoo, TWINS[0], seed)
        partners = ["base"] + ["sentiment"] * (key in ("qa", "sentiment_seed2") and "sentiment" in states)
        for partner in partners:
            scores[partner, key] = similarities(states[partner], states[key], seed)
        if key in (mapped, "sentiment_seed2"):
            yield Progress(f"comparing all layers of the {name} model", (number + 0.5) / len(keys), _lines(scores))
            pairs = [("base", "base")] * (not grids) + [("base", key), (key, key)]
            grids |= {(a, b): debiased_cka_grid(list(states[a]), list(states[b])) for a, b in pairs}
        if key == mapped:
            order = np.random.default_rng(seed).permutation(count)
            shuffled = similarities(states["base"][-1:], states[key][-1:, order], seed)[:, 0]
        if key != "sentiment":
            del states[key]
    rows = [(a, b, layer, *map(rounded, values[:, layer])) for (a, b), values in scores.items() for layer in layers]
    parameters = {"models": keys if models else None, "seed": seed}
    yield Evidence(
        demo="similarity_of_layers",
        claim=_claim(tasks, count, scores, grids["base", "base"]),
        caveat="The measures say that two layers arrange these tokens alike, not that they do the same work. The tokens come "
               "from everyday sentences, not from the tasks' own texts, and each model was tuned once, for a minute or less. The base "
               "is all-MiniLM-L6-v2, itself already tuned once, for sentence similarity.",
        baseline=_baseline(scores, shuffled, mapped),
        table=Table(("model", "compared with", "layer", *MEASURES), tuple(rows)),
        controls=Table(("model", "layer", "compared with", "its layer", "CKA"), tuple(
            (a, row, b, column, rounded(grid[row, column])) for (a, b), grid in grids.items() for row in layers for column in layers)),
        figure=_figure(scores, mapped, grids["base", mapped]),
        receipts=tuple(zoo.load(key).receipt for key in dict.fromkeys(("base", *keys, *TWINS))),
        findings=(*_depth(tasks, scores), _blocks(mapped, grids)),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("similarity_of_layers", parameters, _snippet(list(scores), seed)),
    )


def tokens(zoo: Zoo, key: str, seed: int) -> np.ndarray:
    """The first 2,000 tokens, [CLS] and [SEP] left out, of everyday sentences in an order drawn by `seed`: (layer, token, d)."""
    texts = [item.text for item in other_words()]
    parts, count = [], 0
    for states in sentence_states(zoo.load(key), [texts[index] for index in np.random.default_rng(seed).permutation(len(texts))]):
        parts.append(states[:, 1:-1])
        count += parts[-1].shape[1]
        if count >= TOKENS:
            break
    return np.concatenate(parts, axis=1)[:, :TOKENS]


def similarities(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """The four measures between the same layers of two models, (layer, token, d) each -> (measure, layer)."""
    drawn = np.random.default_rng(seed).choice(x.shape[1], min(SAMPLE, x.shape[1]), replace=False)
    return np.array([[debiased_cka_grid([a], [b])[0, 0], rsa(a[drawn], b[drawn]), held_out_procrustes(a, b), 1 - drift(a, b).mean()]
                     for a, b in zip(x, y, strict=True)]).T


def _claim(tasks, count, scores, base) -> str:
    if not tasks:
        return f"Only control models were chosen; {count:,} tokens were compared."
    top = len(base) - 1
    cka = {key: scores["base", key][0] for key in tasks}
    order = sorted(tasks, key=lambda key: cka[key][top])
    return (f"Over {count:,} tokens, the same layer of the base and of a tuned model have a CKA (1 = alike up to rotation, 0 = "
            f"unrelated) of {min(cka[key][1] for key in tasks):.3f} or more at layer 1, and at layer {top} of "
            + ", ".join(f"{cka[key][top]:.2f} ({CHECKPOINTS[key].name})" for key in order)
            + f". For scale: in the base itself, layers {top - 1} and {top} have {base[top - 1, top]:.2f}, layers 1 and {top} "
            f"{base[1, top]:.2f}.")


def _baseline(scores, shuffled, mapped) -> str:
    # "+ 0.0" so that a tiny negative number is not shown as -0.00.
    parts = [f"With the tokens of one model shuffled, layer {scores['base', mapped].shape[1] - 1} of the base and the "
             f"{CHECKPOINTS[mapped].name} model have "
             + ", ".join(f"{name} {round(value, 2) + 0.0:.2f}" for name, value in zip(MEASURES, shuffled, strict=True)) + "."]
    for pair, what in ((("sentiment", "sentiment_seed2"), "Two sentiment models that differ only in the seed"),
                       (("sentiment", "qa"), "The sentiment and the question-answering model")):
        if pair in scores:
            parts.append(f"{what} have a CKA of {scores[pair][0, -1]:.2f} with each other there, and a mean cosine of "
                         f"{scores[pair][3, -1]:.2f}.")
    if ("base", "sentiment") in scores:
        parts.append(f"The sentiment model and the base: {scores['base', 'sentiment'][0, -1]:.2f} and "
                     f"{scores['base', 'sentiment'][3, -1]:.2f}.")
    frozen = scores.get(("base", "sentiment_frozen"))
    if frozen is not None:
        parts.append("With a frozen encoder every measure is 1 at every layer." if np.allclose(frozen, 1, rtol=0, atol=1e-6) else
                     f"With a frozen encoder a measure is {frozen.min():.4f}, which should be 1: do not trust this run.")
    return " ".join(parts)


def _depth(tasks, scores) -> tuple[Finding, ...]:
    found = []
    for source, says, row in (("wu2020", "Higher layers are more affected by fine-tuning.", 0),
                              ("merchant2020", "Fine-tuning mostly changes the top layers.", 1)):
        trend = {key: spearmanr(range(scores["base", key].shape[1]), -scores["base", key][row]).statistic for key in tasks}
        if trend:
            low = min(trend, key=lambda key: trend[key])
            found.append(Finding(source, says, bool(trend[low] >= 0.7),
                                 f"Lowest rank correlation of depth with change (1 − {MEASURES[row]}) in {len(tasks)} tuned "
                                 f"model{'s' * (len(tasks) > 1)}: {trend[low]:.2f} ({CHECKPOINTS[low].name})."))
    return tuple(found)


def _blocks(mapped, grids) -> Finding:
    """Are layers more alike within the lower and within the upper half, against across, after tuning than before?"""
    says = "In tuned RoBERTa and ALBERT, layers form two blocks, early and late, alike inside and unlike across."
    half = (len(grids["base", "base"]) - 1) // 2
    if half < 2:
        return Finding("phang2021", says, None, "The encoder has too few layers for two blocks.")
    contrast = {}
    for a, b in grids:
        if a == b:
            grid = grids[a, b][1:, 1:]
            pairs = ~np.eye(len(grid), dtype=bool)
            low = np.arange(len(grid)) < half
            same = low[:, None] == low[None, :]
            contrast[a] = grid[same & pairs].mean() - grid[~same].mean()
    looked = [key for key in dict.fromkeys((mapped, "sentiment_seed2")) if key in contrast]
    grew = {bool(contrast[key] > contrast["base"]) for key in looked}
    return Finding("phang2021", says, grew.pop() if len(grew) == 1 else None,
                   f"CKA within halves minus across: {contrast['base']:.2f} in the base, "
                   + "; ".join(f"{contrast[key]:.2f} ({CHECKPOINTS[key].name})" for key in looked)
                   + ". Greater means clearer halves, not a sharp border.")


def _lines(scores) -> Figure:
    series = {CHECKPOINTS[b].name: values[0].tolist() for (a, b), values in scores.items() if a == "base"}
    if ("sentiment", "sentiment_seed2") in scores:
        series["the two seeds"] = scores["sentiment", "sentiment_seed2"][0].tolist()
    last = len(next(iter(series.values()))) - 1
    alt = (f"Line chart: debiased CKA of each layer of the base with the same layer of a tuned model. At layer {last}: "
           + "; ".join(f"{name} {values[-1]:.2f}" for name, values in series.items()) + ".")
    return plots.lines(series, range(last + 1), "layer (0 = embeddings)", "CKA with the base", alt, dashed=("the two seeds",))


def _figure(scores, mapped, grid) -> Figure:
    name, lines = CHECKPOINTS[mapped].name, _lines(scores)
    alt = (f"Heat map: debiased CKA of every layer of the base with every layer of the {name} model. Same layers, from 0 up: "
           + ", ".join(f"{value:.2f}" for value in np.diag(grid)) + f". First with last: {grid[0, -1]:.2f}.")
    map_ = plots.heat_map(np.clip(grid, 0, 1).tolist(), f"layer of the {name} model", "layer of the base", "CKA, layer by layer", alt)
    return plots.stacked([lines, map_], f"{lines.alt} {alt}")


def _snippet(pairs, seed) -> str:
    return reproduce.VECTORS + f"""
import numpy
from scipy.linalg import orthogonal_procrustes
from scipy.stats import spearmanr

texts = [json.loads(line)["text"] for line in open("demos/data/words.jsonl", encoding="utf-8")]
texts = [texts[i] for i in numpy.random.default_rng({seed}).permutation(len(texts))]

@functools.cache
def tokens(key):  # (layer, token, d), without [CLS] and [SEP]
    return torch.cat([hidden(key, text)[0][:, 1:-1] for text in texts], dim=1)[:, :{TOKENS}].numpy()

def hsic(x, y):  # unbiased (Song et al. 2007, equation 5): linear kernels with empty diagonals
    k, l, n = x @ x.T, y @ y.T, len(x)
    numpy.fill_diagonal(k, 0), numpy.fill_diagonal(l, 0)
    total = numpy.vdot(k, l) + k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 * (k.sum(0) @ l.sum(0)) / (n - 2)
    return total / (n * (n - 3))

def cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return hsic(x, y) / (hsic(x, x) * hsic(y, y)) ** 0.5

def cosines(x):
    x = x / numpy.linalg.norm(x, axis=1, keepdims=True)
    return (x @ x.T)[numpy.triu_indices(len(x), k=1)]

def paired(x, y):
    return ((x * y).sum(1) / numpy.linalg.norm(x, axis=1) / numpy.linalg.norm(y, axis=1)).mean()

def procrustes(x, y):  # fitted on the first half, scored on the second
    half = len(x) // 2
    x, y = x - x[:half].mean(0), y - y[:half].mean(0)
    return paired(x[half:] @ orthogonal_procrustes(x[:half], y[:half])[0], y[half:])

for a, b in {reproduce.literal([list(pair) for pair in pairs])}:
    n = tokens(a).shape[1]
    drawn = numpy.random.default_rng({seed}).choice(n, min({SAMPLE}, n), replace=False)
    for layer, (x, y) in enumerate(zip(tokens(a), tokens(b))):
        values = cka(x, y), spearmanr(cosines(x[drawn]), cosines(y[drawn])).statistic, procrustes(x, y), paired(x, y)
        print(a, b, layer, *(round(float(value), 6) for value in values), sep="\\t")
"""
