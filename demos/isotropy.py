"""What cosine do two unrelated words have, layer by layer?

Two words drawn at random from different sentences have little in common, yet in many models their cosine is well above 0
(anisotropy), so a raw cosine misleads. Here: that cosine at each layer, the cosine of a word with itself in other sentences,
raw and less the random pairs', before and after tuning, and how much of it few dimensions carry.
"""

import re
from collections.abc import Iterator

import numpy as np
from scipy.stats import spearmanr

from demos.lab import plots, reproduce
from demos.lab.anisotropy import mean_cosine, top_share, without_top
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.choose import CONTROLS, NO_TWIN, TWINS, Seed, tuned_models
from demos.lab.encode import word_vectors
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import rounded
from demos.lab.tasks import read_lines
from demos.lab.zoo import Zoo

USES = 10  # sentences a word, as many for each, since a word's mean cosine must not depend on how common it is
TOP = 3
DEFAULT = ("sentiment", "qa")
COLUMNS = ("random pairs", "same word", "same word, adjusted", "top 3 dimensions", "random pairs without them")


def run(zoo: Zoo, models: list[str] | None = None, seed: Seed = 0) -> Iterator[Progress | Evidence]:
    """Mean cosines over pairs at every layer. Random pairs: one word drawn from each everyday sentence. Same word: a word in
    10 sentences. Adjusted: the second minus the first. `seed` draws the words and sentences."""
    keys = ["base", *tuned_models([*(models or DEFAULT), *CONTROLS])]
    drawn, uses = occurrences(seed)
    ambiguous = len({row["word"] for row in read_lines("senses")} & set(uses))
    curves: dict[str, np.ndarray] = {}  # key -> (column, layer)
    for number, key in enumerate(keys):
        yield Progress(f"reading {len(drawn)} sentences with the {CHECKPOINTS[key].name} model", number / len(keys),
                       _figure(curves) if curves else None)
        curves[key] = _measure(zoo, key, drawn, uses)
    parameters = {"models": keys[1:] if models else None, "seed": seed}
    yield Evidence(
        demo="isotropy",
        claim=_claim(curves, keys),
        caveat="One small encoder, all-MiniLM-L6-v2, itself already tuned once, for sentence similarity, with a loss that pushes "
               "unrelated sentences apart: a model without that step may be far less isotropic. "
               f"{len(drawn)} short sentences; of the {len(uses)} words that stand in {USES} of them, {ambiguous} were chosen for "
               "having two senses, and most of the others are function words.",
        baseline=_baseline(curves, keys, len(uses)),
        table=Table(("model", "layer", *COLUMNS), tuple(
            (key, layer, *map(rounded, values)) for key in keys for layer, values in enumerate(curves[key].T))),
        figure=_figure(curves),
        receipts=tuple(zoo.load(key).receipt for key in keys),
        findings=_findings(curves, keys),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("isotropy", parameters, _snippet(keys, seed)),
    )


def occurrences(seed: int) -> tuple[list[tuple[str, str]], dict[str, list[str]]]:
    """(word, sentence) pairs, one random word a sentence; and words with 10 sentences each. Both drawn by `seed`."""
    draw = np.random.default_rng(seed)
    places: dict[str, list[str]] = {}
    drawn = []
    for text in dict.fromkeys(row["text"] for name in ("words", "senses") for row in read_lines(name)):
        # Whole words of at least two letters, not the halves of "don't".
        words = sorted(set(re.findall(r"(?<![\w'’])[a-z]{2,}(?![\w'’])", text.lower())))
        drawn.append((words[draw.integers(len(words))], text))
        for word in words:
            places.setdefault(word, []).append(text)
    often = sorted(word for word, texts in places.items() if len(texts) >= USES)
    return drawn, {word: [places[word][index] for index in draw.permutation(len(places[word]))[:USES]] for word in often}


def _measure(zoo: Zoo, key: str, drawn, uses) -> np.ndarray:
    """The columns of the table at every layer: (column, layer)."""
    pairs = [*drawn, *((word, text) for word, texts in uses.items() for text in texts)]
    vectors = word_vectors(zoo.load(key), *zip(*pairs, strict=True)).swapaxes(0, 1)  # (layer, pair, d)
    out = []
    for layer in vectors:
        single, repeated = layer[:len(drawn)], layer[len(drawn):].reshape(len(uses), USES, -1)
        random, same = mean_cosine(single), float(np.mean([mean_cosine(word) for word in repeated]))
        out.append((random, same, same - random, top_share(single, TOP), mean_cosine(without_top(single, TOP))))
    return np.array(out).T


def _claim(curves, keys) -> str:
    base = curves["base"]
    high, last = int(base[0].argmax()), base.shape[1] - 1
    tasks = [key for key in keys[1:] if key not in CONTROLS]
    text = (f"Two random words have a mean cosine of {base[0, high]:.2f} at layer {high} of the base, its highest, and "
            f"{base[0, last]:.2f} at layer {last}")
    if tasks:
        text += "; there, after tuning, " + ", ".join(f"{curves[key][0, last]:.2f} ({CHECKPOINTS[key].name})" for key in tasks)
    text += f". The same word in other sentences has in the base {base[1, 0]:.2f} at layer 0 and {base[1, last]:.2f} at layer {last}."
    if tasks:
        key = max(tasks, key=lambda key: abs(curves[key][0, last] - base[0, last]))
        after = curves[key]
        text += (f" Why that must be read against random pairs: in the {CHECKPOINTS[key].name} model it is {after[1, last]:.2f} instead of "
                 f"{base[1, last]:.2f}; less the random pairs', {after[2, last]:.2f} instead of {base[2, last]:.2f}.")
    return text


def _baseline(curves, keys, words) -> str:
    base, high, last = curves["base"], int(curves["base"][0].argmax()), curves["base"].shape[1] - 1
    text = (f"Vectors that point in all directions alike would give 0. At layer {high} of the base, {TOP} dimensions carry "
            f"{base[3, high]:.0%} of the random pairs' cosine; without them it is {base[4, high] + 0.0:.2f}. “Same word” is the mean "
            f"over {words} words.")
    if not set(TWINS) <= set(keys):
        text += NO_TWIN
    else:
        text += (f" Random words at layer {last} of two sentiment models that differ only in the seed: "
                 f"{curves['sentiment'][0, last]:.2f} and {curves['sentiment_seed2'][0, last]:.2f}.")
    if (curves["sentiment_frozen"] == base).all():
        return text + " With a frozen encoder every number is the base's."
    return text + " With a frozen encoder a number differs from the base's, which should not be: do not trust this run."


def _findings(curves, keys) -> tuple[Finding, ...]:
    base = curves["base"]
    last = base.shape[1] - 1
    trend = spearmanr(range(last + 1), base[2]).statistic
    tasks = [key for key in keys[1:] if key not in CONTROLS]
    more = {key: bool(curves[key][0, last] > base[0, last]) for key in tasks}
    found = [
        Finding("ethayarajh2019", "Random words have a mean cosine above 0 in every layer above the input.",
                bool((base[0, 1:] > 0).all()), f"Lowest above the input in the base: {base[0, 1:].min():.2f}."),
        Finding("ethayarajh2019", "The input layer is the most isotropic one.", bool(base[0].argmin() == 0),
                f"Random pairs in the base: {base[0, 0]:.2f} at layer 0, least at layer {int(base[0].argmin())} ({base[0].min():.2f})."),
        Finding("ethayarajh2019", "A word is less like itself in other sentences the higher the layer.", bool(trend <= -0.7),
                f"Rank correlation of depth with adjusted same-word cosine in the base: {trend:.2f}."),
        Finding("timkey2021", "Often one to three dimensions dominate the cosine.", bool(base[3].max() > 0.5),
                f"Share of the {TOP} largest in the base: at most {base[3].max():.0%} (layer {int(base[3].argmax())})."),
    ]
    if tasks:
        found.append(Finding(
            "rajaee2021", "Fine-tuning does not necessarily make the space more isotropic.", any(more.values()),
            f"Random pairs at layer {last}: {base[0, last]:.2f} in the base, "
            + ", ".join(f"{curves[key][0, last]:.2f} ({CHECKPOINTS[key].name})" for key in tasks) + "."))
    return tuple(found)


def _figure(curves) -> Figure:
    shown = {key: values for key, values in curves.items() if key not in CONTROLS}
    parts = []
    for row, what in ((0, "random pairs"), (2, "same word, adjusted")):
        series = {CHECKPOINTS[key].name: values[row].tolist() for key, values in shown.items()}
        last = len(series["base"]) - 1
        alt = f"Line chart: mean cosine of {what} by layer. " + "; ".join(
            f"{name}: {values[0]:.2f} at layer 0, {values[-1]:.2f} at layer {last}" for name, values in series.items()) + "."
        parts.append(plots.lines(series, range(last + 1), "layer (0 = embeddings)", f"cosine, {what}", alt))
    return plots.stacked(parts, " ".join(part.alt for part in parts))


def _snippet(keys, seed) -> str:
    return reproduce.VECTORS + f"""
import numpy
draw, places, drawn = numpy.random.default_rng({seed}), {{}}, []  # places: word -> its sentences; drawn: one random word of each
rows = [json.loads(line) for name in ("words", "senses") for line in open(f"demos/data/{{name}}.jsonl", encoding="utf-8")]
for text in dict.fromkeys(row["text"] for row in rows):
    words = sorted(set(re.findall(r"(?<![\\w'\u2019])[a-z]{{2,}}(?![\\w'\u2019])", text.lower())))
    drawn.append((words[draw.integers(len(words))], text))
    for word in words:
        places.setdefault(word, []).append(text)
often = sorted(word for word, texts in places.items() if len(texts) >= {USES})
uses = {{word: [places[word][i] for i in draw.permutation(len(places[word]))[:{USES}]] for word in often}}

def contributions(x):  # of each dimension to the mean cosine over all pairs of different rows
    x = torch.nn.functional.normalize(x, dim=-1)
    return (x.sum(0) ** 2 - (x ** 2).sum(0)) / (len(x) * (len(x) - 1))

def cosine(x):
    return float(contributions(x).sum())

for key in {reproduce.literal(keys)}:
    single = torch.stack([vectors(key, word, text) for word, text in drawn], dim=1)  # (layer, word, d)
    repeated = [torch.stack([vectors(key, word, text) for text in texts], dim=1) for word, texts in uses.items()]
    for layer, x in enumerate(single):
        random, same = cosine(x), sum(cosine(each[layer]) for each in repeated) / len(repeated)
        order = contributions(x).argsort(descending=True)
        top, rest = float(contributions(x)[order[:{TOP}]].sum()) / random, cosine(x[:, order[{TOP}:]])
        print(key, layer, *(round(value, 6) for value in (random, same, same - random, top, rest)), sep="\\t")
    hidden.cache_clear()  # one model's states at a time
"""
