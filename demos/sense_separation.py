"""How far apart are a word's senses, and does tuning keep them apart?

For each layer and model: how alike the word's vectors are within one sense and between two, less what two random words
have in common there; and whether a sentence can be given its sense by the nearer mean (leave one out). Then how much of
the word's movement is context (two sentences, one model) and how much is task (one sentence, before and after tuning).
Paste your own sentences as lines of sentence, word, sense to see it for your word.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from scipy.stats import binomtest, spearmanr

from demos.lab import plots, reproduce
from demos.lab.baseline import OTHER_WORDS, unrelated_distance
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.choose import CONTROLS, TWINS, Seed, Word, layer_or_last, tuned_models
from demos.lab.encode import word_vectors
from demos.lab.evidence import DemoError, Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import drift, nearest_centroid_accuracy, rounded, sense_separation, within_and_between
from demos.lab.sense_lines import Examples, read_examples
from demos.lab.tasks import WordInContext, read_lines, senses
from demos.lab.zoo import Zoo

SHUFFLES = 20
PART = 100  # sentences encoded between two reports of progress


def run(
    zoo: Zoo,
    word: Word = "bank",
    examples: Examples | None = None,
    models: list[str] | None = None,
    layer: int | None = None,
    seed: Seed = 0,
) -> Iterator[Progress | Evidence]:
    """Mean cosine of pairs of sentences minus that of random pairs of words; drift = 1 - cosine.

    `examples` are your own sentences, a line each: sentence, word, sense; without them, bundled sentences with `word`.
    `layer` is the one that the claim speaks of (the last by default); `seed` draws the random words and the shuffles.
    """
    uses = read_examples(examples) if examples else _bundled(word)
    word, gold = uses[0].word.lower(), np.array([use.sense for use in uses])
    keys = ["base", *tuned_models([*models, *CONTROLS] if models else None)]
    layer = layer_or_last(layer, zoo.load("base").layers)
    for key in keys:
        zoo.load(key)  # a model that is still missing is reported before any work is done
    vectors: dict[str, np.ndarray] = {}  # (sentence, layer, d)
    figure: Figure | None = None
    random: dict[str, np.ndarray] = {}  # (layer,): mean cosine of random pairs of words
    for number, key in enumerate(keys):
        parts = []
        for first, last in pairwise([*range(0, len(uses), PART), len(uses)]):
            parts.append(word_vectors(zoo.load(key), [word] * (last - first), [use.text for use in uses[first:last]]))
            yield Progress(f"Model “{CHECKPOINTS[key].name}”: {last} of {len(uses)} sentences read",
                           (number + last / len(uses) / 2) / len(keys), figure)
        vectors[key], random[key] = np.concatenate(parts), 1 - unrelated_distance(zoo, key, seed)
        figure = _figure(word, vectors, gold)
    twins = [vectors[key] if key in vectors else word_vectors(zoo.load(key), [word] * len(uses), [use.text for use in uses])
             for key in TWINS]
    yield _evidence(zoo, word, uses, gold, keys, layer, seed, vectors, random, figure, twins,
                    {"word": word, "examples": examples, "models": keys[1:] if models else None, "layer": layer, "seed": seed})


def _bundled(word: str) -> tuple[WordInContext, ...]:
    uses = senses(word.lower())
    if not uses:
        known = ", ".join(dict.fromkeys(row["word"] for row in read_lines("senses")))
        raise DemoError(f"There are no bundled sentences with marked senses for “{word}”; choose one of: {known}, or give "
                        "examples of your own.")
    return uses


def _evidence(zoo, word, uses, gold, keys, layer, seed, vectors, random, figure, twins, parameters) -> Evidence:
    apart = {key: _context(vectors[key]) for key in keys}  # (layer,)
    moved = {key: drift(vectors["base"], vectors[key]).mean(axis=0) for key in keys}  # (layer,)
    rows = []
    for key in keys:
        for at, same in enumerate(random[key]):
            within, between = within_and_between(vectors[key][:, at], gold)
            rows.append((key, at, rounded(within - same), rounded(between - same), rounded(same),
                         rounded(nearest_centroid_accuracy(vectors[key][:, at], gold)), rounded(apart[key][at]), rounded(moved[key][at])))
    chance = max(np.unique(gold, return_counts=True)[1]) / len(gold)
    shuffle = np.random.default_rng(seed)
    shuffled = np.mean([nearest_centroid_accuracy(vectors["base"][:, layer], shuffle.permutation(gold)) for _ in range(SHUFFLES)])
    origin = "as you gave them" if parameters["examples"] else "written for this project, with plain contexts: real text is harder"
    return Evidence(
        demo="sense_separation",
        claim=_claim(word, gold, rows, keys, layer),
        caveat=f"{len(uses)} sentences, {origin}. Other senses of “{word}” are not in them. The base is all-MiniLM-L6-v2, "
               "itself already tuned once, for sentence similarity; the tuned models saw some hundred short texts, in one "
               "training each, and no sense labels.",
        baseline=f"Always guessing the most frequent sense scores {chance:.0%}; with the senses shuffled ({SHUFFLES} times) the base's "
                 f"layer {layer} scores {shuffled:.0%}. Random pairs among {OTHER_WORDS} other words have cosine "
                 f"{random['base'][layer]:.2f} there, which is taken off." + _controls(twins, moved, layer),
        table=Table(("model", "layer", "within a sense (less random)", "between senses (less random)", "random pairs", "accuracy",
                     "apart by context", "moved by tuning"), tuple(rows)),
        figure=figure,
        receipts=tuple(zoo.load(key).receipt for key in dict.fromkeys((*keys, *TWINS))),
        findings=_findings(rows, keys, layer, chance, len(uses)),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("sense_separation", {**parameters, "examples": parameters["examples"] and "@examples.csv"},
                                   _snippet(word, uses, keys, seed)),
    )


def _context(vectors: np.ndarray) -> np.ndarray:
    """How far apart the sentences put the word: mean 1 - cosine over all pairs of (n, layer, d) -> (layer,)."""
    first, second = np.triu_indices(len(vectors), k=1)
    return np.stack([drift(vectors[first, at], vectors[second, at]).mean() for at in range(vectors.shape[1])])


def _claim(word, gold, rows, keys, layer) -> str:
    at = {row[0]: row[2:] for row in rows if row[1] == layer}
    within, between, _, accuracy, context, _ = at["base"]
    tasks = sorted([key for key in keys[1:] if key not in CONTROLS] or keys[1:], key=lambda key: at[key][5])
    text = (f"At layer {layer} of the base, sentences with “{word}” in one sense are {within:.2f} alike, in different senses {between:.2f} "
            f"(cosine, less that of random words), and {accuracy:.0%} of {len(gold)} lie nearest to the mean of their own sense. That gap "
            f"of {within - between:.2f} becomes "
            + ", ".join(f"{at[key][0] - at[key][1]:.2f} in the {CHECKPOINTS[key].name} model ({at[key][3]:.0%} right)" for key in tasks)
            + f". Context or task? In the base, two sentences put “{word}” {context:.2f} apart on average (1 − cosine); tuning moved it, "
              f"in one and the same sentence, by {at[tasks[0]][5]:.2f} ({CHECKPOINTS[tasks[0]].name})")
    return text + (f" to {at[tasks[-1]][5]:.2f} ({CHECKPOINTS[tasks[-1]].name})." if len(tasks) > 1 else ".")


def _controls(twins, moved, layer) -> str:
    luck = drift(*twins)[:, layer].mean()
    text = f" Two sentiment models that differ only in the random seed put the word {luck:.2f} apart in the same sentence."
    if "sentiment_frozen" in moved:
        text += (" With a frozen encoder tuning moved it exactly 0 at every layer." if moved["sentiment_frozen"].max() == 0 else
                 " With a frozen encoder it moved, which should not be: do not trust this run.")
    return text


def _findings(rows, keys, layer, chance, count) -> tuple[Finding, ...]:
    def told_apart(accuracy: float) -> bool | None:
        """Better than guessing, by more than chance would do in one of twenty sets of this size."""
        return True if binomtest(round(accuracy * count), count, chance, "greater").pvalue < 0.05 else None if accuracy > chance else False

    accuracy = {row[0]: row[5] for row in rows if row[1] == layer}
    tasks = [key for key in keys[1:] if key not in CONTROLS] or keys[1:]
    worst = min(tasks, key=lambda key: accuracy[key])
    alike = [1 - row[6] - row[4] for row in rows if row[0] == "base"]
    trend = spearmanr(range(len(alike)), alike).statistic
    return (
        Finding("coenen2019", "Frozen BERT vectors separate the senses of a word.", told_apart(accuracy["base"]),
                f"Nearest sense mean at layer {layer} of the base: {accuracy['base']:.0%}, guessing {chance:.0%}."),
        Finding("merchant2020", "Fine-tuning does not lead to catastrophic forgetting of linguistic phenomena.",
                told_apart(accuracy[worst]),
                f"Lowest accuracy of a tuned model at layer {layer}: {accuracy[worst]:.0%} ({CHECKPOINTS[worst].name}); the base had "
                f"{accuracy['base']:.0%}, guessing {chance:.0%}."),
        Finding("ethayarajh2019", "A word's vectors in different sentences grow less alike from layer to layer, random pairs taken off.",
                bool(trend <= -0.7), f"Base, from layer 0 to {len(alike) - 1}: {', '.join(f'{value:.2f}' for value in alike)}."),
    )


def _figure(word: str, vectors: dict[str, np.ndarray], gold: np.ndarray) -> Figure:
    """Separation by layer, of the models that are done."""
    series = {CHECKPOINTS[key].name: [sense_separation(found[:, at], gold) for at in range(found.shape[1])]
              for key, found in vectors.items()}
    last = len(next(iter(series.values()))) - 1
    alt = (f"Line chart: similarity of “{word}” within a sense minus between senses, by layer, 0 to {last}; 0 would be no separation. "
           f"At layer {last}: " + "; ".join(f"{name} {values[-1]:.2f}" for name, values in series.items()) + ".")
    return plots.lines(series, range(last + 1), "layer (0 = embeddings)", "separation (cosine)", alt)


def _snippet(word, uses, keys, seed) -> str:
    return reproduce.VECTORS + f"""
import numpy

word, uses = {reproduce.literal(word)}, {reproduce.literal([[use.sense, use.text] for use in uses])}
gold, n = [sense for sense, _ in uses], len(uses)
pairs = [(i, j) for i in range(n) for j in range(i)]
rows = [json.loads(line) for line in open("demos/data/words.jsonl", encoding="utf-8")]
chosen = [rows[i] for i in numpy.random.default_rng({seed}).permutation(len(rows))[:100]]

def every(key):
    return torch.stack([vectors(key, word, text) for _, text in uses])  # (sentence, layer, d)

base = every("base")
for key in {reproduce.literal(keys)}:
    found, other = every(key), torch.stack([vectors(key, row["word"], row["text"]) for row in chosen])
    random = 1 - drift(other, other.roll(1, 0)).mean(0)
    for layer in range(found.shape[1]):
        unit = torch.nn.functional.normalize(found[:, layer], dim=-1)
        cosine = unit @ unit.T
        within = torch.stack([cosine[i, j] for i, j in pairs if gold[i] == gold[j]]).mean() - random[layer]
        between = torch.stack([cosine[i, j] for i, j in pairs if gold[i] != gold[j]]).mean() - random[layer]
        right = 0
        for i in range(n):  # leave one out
            means = {{s: unit[[j for j in range(n) if j != i and gold[j] == s]].mean(0) for s in set(gold)}}
            right += max(means, key=lambda s: torch.cosine_similarity(means[s], unit[i], dim=0)) == gold[i]
        context = 1 - torch.stack([cosine[i, j] for i, j in pairs]).mean()
        moved = drift(base[:, layer], found[:, layer]).mean()
        print(key, layer, *(round(float(value), 6) for value in (within, between, random[layer], right / n, context, moved)), sep="\\t")
"""
