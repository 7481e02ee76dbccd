"""Which words are nearest to a word before and after tuning, and which words moved most?

The ten words whose vectors are nearest to the word's, among some 1,600 words in their bundled sentences: which stay,
which go and which come when the model is tuned. Then the words of that pool that moved farthest in each tuned model, and
whether the same model trained with another seed moves the same words.
"""

import re
from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy.stats import spearmanr

from demos.lab import plots, reproduce
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.choose import NO_TWIN, TWINS, Seed, Sentences, Word, layer_or_last, sentences_with, tuned_models
from demos.lab.encode import word_vectors
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import drift, nearest, neighbour_overlap, neighbours, rounded, share_below
from demos.lab.tasks import WordInContext, other_words, read_lines
from demos.lab.zoo import Zoo

NEIGHBOURS = 10
OTHER_WORDS = 100
SHOWN = 10  # words that moved most, a model
PART = 300  # words encoded between two reports of progress
MODELS = ("sentiment", "qa", "sentiment_seed2")


def run(
    zoo: Zoo,
    word: Word = "bank",
    sentences: Sentences | None = None,
    models: list[str] | None = None,
    layer: int | None = None,
    seed: Seed = 0,
) -> Iterator[Progress | Evidence]:
    """Neighbours by cosine at `layer` (the last by default) of the word in the first of `sentences`.

    The pool leaves the word itself out. `seed` draws the 100 pool words whose neighbours are the baseline.
    """
    sentence = sentences_with(word, sentences)[0]
    keys = tuned_models([*models, *(["sentiment_seed2"] if "sentiment" in models else [])] if models else None, MODELS)
    layer = layer_or_last(layer, zoo.load("base").layers)
    for key in keys:
        zoo.load(key)  # a model that is still missing is reported before any work is done
    pool = [item for item in pool_words() if item.word != word.lower()]
    chosen = np.random.default_rng(seed).permutation(len(pool))[:OTHER_WORDS]
    vectors: dict[str, np.ndarray] = {}
    lists: dict[str, np.ndarray] = {}  # (1 + other words, 10): the word's neighbours, then those of the other words
    figure = None
    for number, key in enumerate(["base", *keys]):
        parts: list[np.ndarray] = []
        own = word_vectors(zoo.load(key), [word], [sentence])[:, layer]
        for part in _pool_vectors(zoo, key, layer):
            parts.append(part)
            if key == "base":  # something to look at: the nearest of those read so far
                figure = _first_figure(word, own[0], np.concatenate(parts))
            share = sum(map(len, parts)) / len(pool_words())
            yield Progress(f"Model “{CHECKPOINTS[key].name}”: {share:.0%} of the pool's words read",
                           (number + share) / (len(keys) + 1), figure)
        keep = [index for index, item in enumerate(pool_words()) if item.word != word.lower()]
        vectors[key] = np.concatenate([own, np.concatenate(parts)[keep]])
        # The word is a row of its own space: it is not among its own neighbours, nor among the other words'.
        others = neighbours(vectors[key][1:], chosen, NEIGHBOURS)
        lists[key] = np.concatenate([neighbours(vectors[key], np.array([0]), NEIGHBOURS) - 1, others])
        figure = _figure(word, keys, lists) if len(lists) > 1 else figure
    assert figure is not None  # there is at least one tuned model
    yield _evidence(zoo, word, sentence, models, keys, layer, seed, pool, vectors, lists, figure)


@cache
def pool_words() -> tuple[WordInContext, ...]:
    """Every word of four letters or more in the everyday and the sense sentences, once, in the first sentence that holds it."""
    texts = [item.text for item in other_words()] + [row["text"] for row in read_lines("senses")]
    found: dict[str, str] = {}
    for text in texts:
        for word in re.findall(r"(?<!\w)[a-z]{4,}(?!\w)", text.lower()):
            found.setdefault(word, text)
    return tuple(WordInContext(word, text) for word, text in found.items())


def _pool_vectors(zoo: Zoo, key: str, layer: int) -> Iterator[np.ndarray]:
    """The pool's vectors at one layer, (words, d), in parts; kept per model and layer."""
    if ("nearest_words", key, layer) not in zoo.remembered:
        parts = []
        for first in range(0, len(pool_words()), PART):
            some = pool_words()[first:first + PART]
            parts.append(word_vectors(zoo.load(key), [item.word for item in some], [item.text for item in some])[:, layer])
            yield parts[-1]
        zoo.remembered["nearest_words", key, layer] = np.concatenate(parts)
    else:
        yield zoo.remembered["nearest_words", key, layer]


def _evidence(zoo, word, sentence, models, keys, layer, seed, pool, vectors, lists, figure) -> Evidence:
    kept = {key: neighbour_overlap(lists["base"], lists[key]) for key in keys}  # the word's, then the other words'
    moved = {key: drift(vectors["base"], vectors[key]) for key in keys}
    named = {key: [pool[index].word for index in found[0]] for key, found in lists.items()}
    rows = []
    for key in keys:
        most = np.argsort(-moved[key][1:], kind="stable")[:SHOWN]
        rows.append((
            key, int(kept[key][0]), rounded(kept[key][1:].mean()), rounded(moved[key][0]), rounded(moved[key][1:].mean()),
            rounded(moved[key][1:].std()),
            ", ".join(name for name in named["base"] if name in named[key]) or "none",
            ", ".join(name for name in named["base"] if name not in named[key]) or "none",
            ", ".join(name for name in named[key] if name not in named["base"]) or "none",
            ", ".join(f"{pool[index].word} {moved[key][1:][index]:.2f}" for index in most)))
    controls = tuple(
        (CHECKPOINTS[a].name, CHECKPOINTS[b].name, int(neighbour_overlap(lists[a][0], lists[b][0])),
         rounded(neighbour_overlap(lists[a], lists[b])[1:].mean()), _agreement(moved[a][1:], moved[b][1:]))
        for number, a in enumerate(keys) for b in keys[number + 1:])
    parameters = {"word": word, "sentences": [sentence], "models": keys if models else None, "layer": layer, "seed": seed}
    return Evidence(
        demo="nearest_words",
        claim=_claim(word, sentence, layer, keys, kept, moved, named, pool),
        caveat=f"The pool is {len(pool)} words, each in the one sentence where it was first met: another sentence would give "
               "another vector, and another drift. Neighbours may change because they moved, not the word. The models are small, "
               "tuned once each, on some hundred short texts; their base, all-MiniLM-L6-v2, was itself already tuned once.",
        baseline=_baseline(word, keys, kept, moved, lists, len(pool)),
        table=Table(("model", "kept of 10", "other words keep", "drift", "pool's mean drift", "pool's standard deviation",
                     "kept", "lost", "gained", "moved most (drift)"), tuple(rows)),
        controls=Table(("model", "other model", "shared of 10", "other words share", "rank correlation of drifts"),
                       controls) if controls else None,
        figure=figure,
        receipts=tuple(zoo.load(key).receipt for key in ["base", *keys]),
        findings=_findings(word, keys, lists, kept),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("nearest_words", parameters, _snippet(word, sentence, keys, layer, seed)),
    )


def _agreement(one: np.ndarray, other: np.ndarray) -> float | str:
    """Rank correlation of two models' drifts over the pool; "-" where a model moved nothing."""
    return rounded(spearmanr(one, other).statistic) if one.any() and other.any() else "-"


def _claim(word, sentence, layer, keys, kept, moved, named, pool) -> str:
    text = f"At layer {layer}, the words nearest to “{word}” in “{sentence}” are, in the base: {', '.join(named['base'])}."
    for key in [key for key in keys if key != "sentiment_seed2"] or keys:
        lost = [name for name in named["base"] if name not in named[key]]
        gained = [name for name in named[key] if name not in named["base"]]
        text += f" The {CHECKPOINTS[key].name} model keeps {kept[key][0]} of these {NEIGHBOURS}"
        text += f"; it loses {', '.join(lost)} and gains {', '.join(gained)}." if lost else "."
        most = np.argsort(-moved[key][1:], kind="stable")[:5]
        if moved[key].any():
            text += (" In it these words of the pool moved most (1 − cosine): "
                     + ", ".join(f"{pool[index].word} {moved[key][1:][index]:.2f}" for index in most) + ".")
    return text


def _baseline(word, keys, kept, moved, lists, size) -> str:
    shown = [key for key in keys if key != "sentiment_seed2"] or keys
    text = f"{OTHER_WORDS} other words of the pool keep, of their {NEIGHBOURS} neighbours, on average " + " and ".join(
        f"{kept[key][1:].mean():.1f} in the {CHECKPOINTS[key].name} model" for key in shown)
    text += f"; two random lists would share {NEIGHBOURS * NEIGHBOURS / size:.2f}. "
    text += " ".join(f"In the {CHECKPOINTS[key].name} model the pool moved {moved[key][1:].mean():.2f} on average (standard deviation "
                     f"{moved[key][1:].std():.2f}); “{word}” moved {moved[key][0]:.2f}, farther than "
                     f"{share_below(moved[key][0], moved[key][1:]):.0%} of it." for key in shown)
    if not set(TWINS) <= set(keys):
        text += NO_TWIN
    else:
        shared = neighbour_overlap(lists["sentiment"], lists["sentiment_seed2"])
        first, second = moved["sentiment"][1:], moved["sentiment_seed2"][1:]
        top = neighbour_overlap(np.argsort(-first, kind="stable")[:SHOWN], np.argsort(-second, kind="stable")[:SHOWN])
        text += (f" Two sentiment models that differ only in the random seed share {shared[0]} of the neighbours of “{word}”, "
                 f"{shared[1:].mean():.1f} of the other words', and {top} of the {SHOWN} words that moved most.")
    return text.strip()


def _findings(word, keys, lists, kept) -> tuple[Finding, ...]:
    if not {"sentiment", "sentiment_seed2"} <= set(keys):
        return ()
    shared = neighbour_overlap(lists["sentiment"], lists["sentiment_seed2"])
    return (Finding(
        "pierrejean2018", "Training word vectors again with the same settings already changes their nearest words.",
        bool(shared.mean() < NEIGHBOURS),
        f"Two sentiment models with different seeds share {shared[1:].mean():.1f} of {NEIGHBOURS} neighbours on average over "
        f"{OTHER_WORDS} words (“{word}”: {shared[0]}); the first keeps {kept['sentiment'][1:].mean():.1f} of the base's."),)


def _figure(word: str, keys: list[str], lists: dict[str, np.ndarray]) -> Figure:
    """Neighbours kept, of the models that are done."""
    done = [key for key in keys if key in lists]
    kept = {key: neighbour_overlap(lists["base"], lists[key]) for key in done}
    groups = {"this word": [float(kept[key][0]) for key in done],
              "other words (mean)": [float(kept[key][1:].mean()) for key in done]}
    alt = f"Bar chart: how many of its {NEIGHBOURS} nearest words a word keeps when the model is tuned. " + "; ".join(
        f"{CHECKPOINTS[key].name}: “{word}” {kept[key][0]}, other words {kept[key][1:].mean():.1f}" for key in done) + "."
    return plots.lying_bars(groups, [CHECKPOINTS[key].name for key in done], f"neighbours kept of {NEIGHBOURS}", alt)


def _first_figure(word: str, own: np.ndarray, pool: np.ndarray) -> Figure:
    """Before any tuned model has been read: the neighbours in the base, among the first words of the pool, (words, d)."""
    near = [index for index in nearest(own, pool, NEIGHBOURS + 1) if pool_words()[index].word != word.lower()][:NEIGHBOURS]
    cosines = {pool_words()[index].word: 1 - float(drift(own, pool[index])) for index in near}
    alt = f"Bar chart: the words nearest to “{word}” in the base, of {len(pool)} read so far, by cosine: " + ", ".join(
        f"{name} {cosine:.2f}" for name, cosine in cosines.items()) + "."
    return plots.lying_bars({f"cosine with “{word}” in the base": list(cosines.values())}, list(cosines), "cosine", alt)


def _snippet(word, sentence, keys, layer, seed) -> str:
    return reproduce.VECTORS + f"""
import numpy

word, sentence, layer = {reproduce.literal(word)}, {reproduce.literal(sentence)}, {layer}
texts = [json.loads(line)["text"] for name in ("words", "senses") for line in open(f"demos/data/{{name}}.jsonl", encoding="utf-8")]
pool = {{}}  # each word of four letters or more, in the first sentence that holds it
for text in texts:
    for found in re.findall(r"(?<!\\w)[a-z]{{4,}}(?!\\w)", text.lower()):
        pool.setdefault(found, text)
pool.pop(word.lower(), None)
chosen = numpy.random.default_rng({seed}).permutation(len(pool))[:100]

@functools.cache
def space(key):  # the pool's vectors and, last, the word's
    return torch.stack([vectors(key, *item)[layer] for item in [*pool.items(), (word, sentence)]])

def nearest(key, i):  # the ten pool words nearest to row i
    cosine = torch.cosine_similarity(space(key)[:-1], space(key)[i], dim=-1)
    if i >= 0:
        cosine[i] = -2
    return {{list(pool)[j] for j in cosine.argsort(descending=True, stable=True)[:10]}}

for key in {reproduce.literal(keys)}:
    moved = drift(space("base"), space(key))
    kept = [len(nearest("base", int(i)) & nearest(key, int(i))) for i in [-1, *chosen]]
    print(key, kept[0], sum(kept[1:]) / len(chosen), float(moved[-1]), float(moved[:-1].mean()),
          float(moved[:-1].std(correction=0)), sep="\\t")
"""
