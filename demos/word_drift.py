"""How far does a word's vector move when the model is tuned?

One word in one or more sentences, every tuned model against the base, at every layer. Beside it two references: how far
other words move in the same model (baseline), and what the random seed alone does (a second sentiment model).
"""

import numpy as np
from scipy.stats import spearmanr

from demos.lab import plots, reproduce
from demos.lab.baseline import OTHER_WORDS, others_drift, unrelated_distance
from demos.lab.choose import CONTROLS, TWINS, Seed, Sentences, Word, layer_or_last, sentences_with, tuned_models
from demos.lab.encode import word_vectors
from demos.lab.evidence import Evidence, Finding, Table
from demos.lab.families import Family, of_family
from demos.lab.measure import drift, rounded, share_below
from demos.lab.zoo import Zoo


def run(
    zoo: Zoo,
    word: Word = "bank",
    sentences: Sentences | None = None,
    models: list[str] | None = None,
    layer: int | None = None,
    seed: Seed = 0,
    family: Family = None,
) -> Evidence:
    """Drift = 1 - cosine between the word's vector in the base and in a tuned model, for the same sentence.

    `layer` is the one that the claim speaks of (the last by default); `seed` draws the other words.
    """
    sentences = sentences_with(word, sentences)
    zoo = of_family(zoo, family)
    keys, names = tuned_models([*models, *CONTROLS] if models else None, rows=zoo.rows), {key: row.name for key, row in zoo.rows.items()}
    words = [word] * len(sentences)
    base = zoo.load("base")
    layer = layer_or_last(layer, base.layers)
    read = dict.fromkeys(("base", *keys, *(twin for twin in TWINS if twin in zoo.rows)))
    vectors = {key: word_vectors(zoo.load(key), words, sentences) for key in read}
    moved = {key: drift(vectors["base"], vectors[key]) for key in keys}  # (sentence, layer)
    others = {key: others_drift(zoo, key, seed) for key in keys}  # (other word, layer)

    rows = [(key, sentence, at, rounded(moved[key][number, at]), rounded(others[key][:, at].mean()))
            for key in keys for number, sentence in enumerate(sentences) for at in range(base.layers + 1)]
    pairs = [("sentiment", "qa")] * ({"sentiment", "qa"} <= set(keys)) + [TWINS] * (set(TWINS) <= set(vectors))
    controls = [(names[a], names[b], sentence, at, rounded(between[number, at]))
                for a, b in pairs for between in [drift(vectors[a], vectors[b])]
                for number, sentence in enumerate(sentences) for at in range(base.layers + 1)]
    parameters = {"word": word, "sentences": sentences, "models": keys if models else None, "layer": layer, "seed": seed, "family": family}
    tasks = [key for key in keys if key not in CONTROLS]
    return Evidence(
        demo="word_drift",
        claim=_claim(names, word, sentences, layer, tasks, moved, vectors),
        caveat=f"The base is {zoo.about_base}. {zoo.about_models} Read the pattern, not the digits. "
               "Drift says that a vector moved, not that the word's meaning changed.",
        baseline=_baseline(names, word, layer, tasks, keys, moved, others, vectors)
                 + f" Different words in different sentences are {unrelated_distance(zoo, 'base', seed)[layer]:.2f} apart in the base.",
        table=Table(("model", "sentence", "layer", "drift", "baseline"), tuple(rows)),
        controls=Table(("model", "other model", "sentence", "layer", "distance"), tuple(controls)) if controls else None,
        figure=_figure(names, word, keys, moved, others),
        receipts=tuple(zoo.load(key).receipt for key in vectors),
        findings=(_depth_finding(tasks, moved),) if tasks else (),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("word_drift", parameters, _snippet(word, sentences, keys, seed)),
    )


def _claim(names, word, sentences, layer, tasks, moved, vectors) -> str:
    mean = {key: moved[key][:, layer].mean() for key in tasks}
    order = sorted(tasks, key=lambda key: mean[key], reverse=True)
    each = [f"{mean[key]:.2f} in the {names[key]} model" for key in order]
    far = " and ".join([", ".join(each[:-1]), each[-1]] if len(each) > 1 else each)
    where = "this sentence" if len(sentences) == 1 else f"these {len(sentences)} sentences (mean)"
    text = (f"At layer {layer}, “{word}” in {where} moved {far} (1 − cosine from its vector in the base; 0 = not moved).") if order else ""
    if {"sentiment", "qa"} <= set(tasks):
        apart = drift(vectors["sentiment"], vectors["qa"])[:, layer].mean()
        text += f" The sentiment model's and the question-answering model's vectors of it are {apart:.2f} apart."
    if len(sentences) == 2:
        context = drift(*vectors["base"])[layer]
        text += f" Context alone, with no training: the two sentences' vectors are {context:.2f} apart in the base."
    return text.strip() or f"Only control models were chosen; what “{word}” does in them at layer {layer} stands below."


def _baseline(names, word, layer, tasks, keys, moved, others, vectors) -> str:
    parts = []
    for key in [key for key in ("sentiment", "qa") if key in tasks] or tasks[:2]:
        share = share_below(moved[key][:, layer].mean(), others[key][:, layer])
        parts.append(f"{others[key][:, layer].mean():.2f} in the {names[key]} model (“{word}” moved farther than "
                     f"{share:.0%} of them)")
    text = f"{OTHER_WORDS} other words, at layer {layer}, moved on average {' and '.join(parts)}." if parts else ""
    if set(TWINS) <= set(vectors):
        luck = drift(*(vectors[twin] for twin in TWINS))[:, layer].mean()
        text += f" Two sentiment models that differ only in the random seed put “{word}” {luck:.2f} apart."
    if "sentiment_frozen" in keys:
        largest = moved["sentiment_frozen"].max()
        text += (" With a frozen encoder the drift is exactly 0 at every layer." if largest == 0 else
                 f" With a frozen encoder the drift is {largest:.1e}, which should be 0: do not trust this run.")
    return text.strip()


def _figure(names, word, keys, moved, others):
    series = {names[key]: moved[key].mean(axis=0).tolist() for key in keys}
    tuned = [key for key in keys if key not in CONTROLS] or keys
    reference = "other words (mean)"
    series[reference] = np.mean([others[key].mean(axis=0) for key in tuned], axis=0).tolist()
    last = len(series[reference]) - 1
    alt = (f"Line chart: drift of “{word}” by layer, 0 to {last}. At layer {last}: "
           + "; ".join(f"{name} {values[-1]:.2f}" for name, values in series.items()) + ".")
    return plots.lines(series, range(last + 1), "layer (0 = embeddings)", "drift (1 − cosine)", alt, dashed=(reference,))


def _depth_finding(tasks, moved) -> Finding:
    trend = {key: spearmanr(range(moved[key].shape[1]), moved[key].mean(axis=0)).statistic for key in tasks}
    low = min(trend, key=lambda key: trend[key])
    return Finding(
        "merchant2020", "Fine-tuning BERT changes mainly the upper layers.", bool(trend[low] >= 0.7),
        f"Lowest rank correlation of drift with depth in {len(tasks)} tuned model{'s' * (len(tasks) > 1)}: {trend[low]:.2f} "
        "(1 = every layer moves more than the one below it).")


def _snippet(word, sentences, keys, seed) -> str:
    return reproduce.OTHERS + f"""
for key in {reproduce.literal(keys)}:
    for sentence in {reproduce.literal(sentences)}:
        word = {reproduce.literal(word)}
        for layer, value in enumerate(drift(vectors("base", word, sentence), vectors(key, word, sentence))):
            print(key, sentence, layer, round(float(value), 6), round(float(others(key, {seed})[layer]), 6), sep="\\t")
"""
