"""How far apart does one word lie in two models that you name?

Any two models that grew from one base: two of this app's own, or, where the settings allow it, ids on the Hugging Face Hub
and folders. First it is checked that they can be compared at all: the same architecture, vocabulary and casing, whole files,
position embeddings that are nearly equal. Then the word's vectors in the two are held against each other, layer by layer.
"""

from collections.abc import Iterator

import numpy as np
from scipy.stats import spearmanr

from demos.lab import plots, reproduce
from demos.lab.baseline import OTHER_WORDS
from demos.lab.choose import Seed, Sentences, Word, layer_or_last, sentences_with
from demos.lab.encode import Encoder, word_vectors
from demos.lab.evidence import DemoError, Evidence, Figure, Finding, Progress, Table
from demos.lab.families import Family, of_family
from demos.lab.kinship import check_kinship
from demos.lab.measure import drift, rounded, share_below
from demos.lab.named_models import ModelName, Opened, open_model
from demos.lab.tasks import other_words
from demos.lab.zoo import Zoo


def run(
    zoo: Zoo,
    first: ModelName | None = None,
    second: ModelName | None = None,
    word: Word = "bank",
    sentences: Sentences | None = None,
    layer: int | None = None,
    seed: Seed = 0,
    family: Family = None,
) -> Iterator[Progress | Evidence]:
    """Distance = 1 - cosine between the word's vectors in the two models, for the same sentence.

    `first` and `second` are keys of this app's models (base and sentiment by default), Hub ids, or folders' paths. `layer` is
    the one that the claim speaks of (the last by default); `seed` draws the other words.
    """
    zoo, names = of_family(zoo, family), (first or "base", second or "sentiment")
    if names[0] == names[1]:
        raise DemoError(f"Both models are “{names[0][:60]}”; name two different ones.")
    sentences = sentences_with(word, sentences)
    one = yield from open_model(zoo, names[0], done=0.05)
    yield Progress(f"“{one.encoder.key}” is read", 0.3)
    two = yield from open_model(zoo, names[1], done=0.35)
    positions = check_kinship(one.encoder, two.encoder)
    layer = layer_or_last(layer, one.encoder.layers)
    apart = drift(*(word_vectors(model.encoder, [word] * len(sentences), sentences) for model in (one, two)))  # (sentence, layer)
    yield Progress("the word is measured; now other words", 0.6, _figure(word, names, {f"“{word}”": apart.mean(axis=0)}))
    theirs = [_others(model.encoder, seed) for model in (one, two)]
    others = drift(*theirs)  # (other word, layer)
    unrelated = drift(theirs[0], np.roll(theirs[0], 1, axis=0)).mean(axis=0)  # different words, one model: (layer,)

    rows = [(sentence, at, rounded(apart[number, at]), rounded(others[:, at].mean()), rounded(unrelated[at]))
            for number, sentence in enumerate(sentences) for at in range(len(unrelated))]
    parameters = {"first": names[0], "second": names[1], "word": word, "sentences": sentences, "layer": layer, "seed": seed,
                  "family": family}
    yield Evidence(
        demo="compare_models",
        claim=_claim(word, names, layer, apart, others),
        caveat=_caveat(zoo, one, two),
        baseline=f"{OTHER_WORDS} other words are {others[:, layer].mean():.2f} apart between the two models on average at layer {layer}. "
                 f"Different words in different sentences are {unrelated[layer]:.2f} apart within “{names[0]}”. The two models' position "
                 f"embeddings have a mean cosine of {positions:.3f}, as those of models from one base do."
                 + _luck(zoo, one, two, word, sentences, layer),
        table=Table(("sentence", "layer", "distance", "other words", "unrelated words"), tuple(rows)),
        controls=Table(("model", "from", "tensors read", "tensors not used", "which"), tuple(_tensors(model) for model in (one, two))),
        figure=_figure(word, names, {f"“{word}”": apart.mean(axis=0), "other words (mean)": others.mean(axis=0),
                                     "unrelated words": unrelated}),
        receipts=(one.encoder.receipt, two.encoder.receipt),
        findings=(_depth_finding(apart.mean(axis=0)),),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("compare_models", parameters, _snippet(one, two, word, sentences, seed)),
    )


def _others(encoder: Encoder, seed: int) -> np.ndarray:
    """Vectors of the other words, the same ones as in every baseline: (word, layer, d)."""
    drawn = np.random.default_rng(seed).permutation(len(other_words()))[:OTHER_WORDS]
    chosen = [other_words()[index] for index in drawn]
    return word_vectors(encoder, [item.word for item in chosen], [item.text for item in chosen])


def _claim(word, names, layer, apart, others) -> str:
    mean = apart.mean(axis=0)
    where = "this sentence" if len(apart) == 1 else f"these {len(apart)} sentences (mean)"
    return (f"At layer {layer}, the vectors of “{word}” in {where} are {mean[layer]:.2f} apart between “{names[0]}” and “{names[1]}” "
            f"(1 − cosine; 0 = the same vector), farther than those of {share_below(mean[layer], others[:, layer]):.0%} of the other "
            f"words. The distance is {mean[0]:.3f} at layer 0 and largest at layer {int(mean.argmax())}.")


def _caveat(zoo: Zoo, one: Opened, two: Opened) -> str:
    if one.folder_code is None and two.folder_code is None:
        known = (f"The base of this app's models is {zoo.about_base}. {zoo.about_models} Part of "
                 "a distance is the luck of one training run.")
    else:
        known = ("How these models were trained is not known here: data, rates and steps change the size of a distance, and so does "
                 "the luck of one training run, for which there is no control. Even a base may have been already tuned once.")
    return known + " A distance says that vectors differ, not that the word's meaning does."


def _luck(zoo: Zoo, one: Opened, two: Opened, word, sentences, layer) -> str:
    """What the seed alone does, where it is known: for this app's own models."""
    twins = ("sentiment", "sentiment_seed2")
    if one.folder_code or two.folder_code or not set(twins) <= set(zoo.rows) or not all(map(zoo.is_ready, twins)):
        return ""
    apart = drift(*(word_vectors(zoo.load(key), [word] * len(sentences), sentences)[:, layer] for key in twins)).mean()
    return f" Two sentiment models that differ only in the random seed put “{word}” {apart:.2f} apart there."


def _tensors(model: Opened) -> tuple:
    some = ", ".join(model.unused[:3]) + (" …" if len(model.unused) > 3 else "")
    return (model.encoder.key, model.origin, model.encoder.receipt.tensors_loaded, len(model.unused), some or "-")


def _figure(word, names, series) -> Figure:
    last = len(next(iter(series.values()))) - 1
    alt = (f"Line chart: distance between “{names[0]}” and “{names[1]}” by layer, 0 to {last}. At layer {last}: "
           + "; ".join(f"{name} {values[-1]:.2f}" for name, values in series.items()) + ".")
    return plots.lines({name: values.tolist() for name, values in series.items()}, range(last + 1), "layer (0 = embeddings)",
                       "distance (1 − cosine)", alt, dashed=("other words (mean)", "unrelated words"))


def _depth_finding(mean: np.ndarray) -> Finding:
    says = "Fine-tuning BERT changes mainly the upper layers."
    if mean.max() == 0:
        return Finding("merchant2020", says, None, "The word's vectors are the same in both models at every layer.")
    trend = spearmanr(range(len(mean)), mean).statistic
    return Finding("merchant2020", says, bool(trend >= 0.7),
                   f"Rank correlation of this word's distance with depth: {trend:.2f} (1 = larger at every layer than below it).")


def _snippet(one: Opened, two: Opened, word, sentences, seed) -> str:
    located = "".join(f"paths[{reproduce.literal(model.encoder.key)}] = {model.folder_code}\n" for model in (one, two) if model.folder_code)
    return reproduce.VECTORS + f"""
import numpy
from huggingface_hub import snapshot_download

{located}first, second = {reproduce.literal([one.encoder.key, two.encoder.key])}
word = {reproduce.literal(word)}
rows = [json.loads(line) for line in open("demos/data/words.jsonl", encoding="utf-8")]
chosen = [rows[i] for i in numpy.random.default_rng({seed}).permutation(len(rows))[:{OTHER_WORDS}]]

def others(key):  # (other word, layer, d)
    return torch.stack([vectors(key, row["word"], row["text"]) for row in chosen])

baseline = drift(others(first), others(second)).mean(0)
unrelated = drift(others(first), others(first).roll(1, 0)).mean(0)
for sentence in {reproduce.literal(sentences)}:
    for layer, value in enumerate(drift(vectors(first, word, sentence), vectors(second, word, sentence))):
        print(sentence, layer, *(round(float(x), 6) for x in (value, baseline[layer], unrelated[layer])), sep="\\t")
"""
