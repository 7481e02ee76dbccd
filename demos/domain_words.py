"""Does the domain that a model is tuned on move a word? "apple" in a kitchen and in a company review.

The same word in a recipe and in a company review, in three models: the base, one tuned on recipes, one tuned on company
reviews. Drift from the base, and the nearest words before and after, among the words of held-out recipes and reviews.
"""

import re
from collections.abc import Iterator

import numpy as np

from demos.lab import plots, reproduce
from demos.lab.baseline import OTHER_WORDS, others_drift, unrelated_distance
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.choose import TWINS, Seed, Sentences, Word, sentences_with
from demos.lab.encode import Encoder, word_vectors
from demos.lab.evidence import Evidence, Finding, Progress, Table
from demos.lab.measure import drift, nearest, rounded
from demos.lab.tasks import load_task
from demos.lab.zoo import Zoo

MODELS = ("cookbook", "company")
NEIGHBOURS = 10


def run(zoo: Zoo, word: Word = "apple", sentences: Sentences | None = None, seed: Seed = 0) -> Iterator[Progress | Evidence]:
    """Drift = 1 - cosine from the base at the last layer; neighbours by cosine among word types of the pool.

    A word type's vector is the mean over its occurrences in the pool, which leaves the word itself out. `seed` draws the
    other words of the baseline.
    """
    sentences = sentences_with(word, sentences)
    keys = ("base", *MODELS)
    last = zoo.load("base").layers
    vectors = {key: word_vectors(zoo.load(key), [word] * len(sentences), sentences)[:, last] for key in keys}
    moved = {key: drift(vectors["base"], vectors[key]).tolist() for key in MODELS}
    luck = drift(*(word_vectors(zoo.load(key), [word] * len(sentences), sentences)[:, last] for key in TWINS)).mean()
    figure = _figure(word, sentences, moved)
    pools = {}
    for number, key in enumerate(keys):
        yield Progress(f"the word has been measured; now its nearest words in the {CHECKPOINTS[key].name} model", number / 4, figure)
        pools[key] = _pool(zoo, key)
    yield Progress("the nearest words are found; now the tasks' own sentences", 0.75, figure)
    rows, near = [], {}
    for key in keys:
        types, pool = pools[key]
        others = 0.0 if key == "base" else others_drift(zoo, key, seed)[:, last].mean()
        for number, sentence in enumerate(sentences):
            keep = [index for index, name in enumerate(types) if name != word.lower()]
            found = [types[keep[index]] for index in nearest(vectors[key][number], pool[keep], NEIGHBOURS)]
            near[key, number] = found
            distance = 0.0 if key == "base" else moved[key][number]
            kept = len(set(found) & set(near["base", number]))
            rows.append((key, sentence, rounded(distance), rounded(others), kept, ", ".join(found)))
    parameters = {"word": word, "sentences": sentences, "seed": seed}
    yield Evidence(
        demo="domain_words",
        claim=_claim(word, sentences, rows, moved),
        caveat="The two models differ in domain and in task (which course a recipe belongs to; a company's verdict), so the "
               "difference is not the domain's alone. Each was tuned once, for a minute or less on some hundred short texts, from "
               "all-MiniLM-L6-v2, itself already tuned once. Neighbours are sought among a few hundred words only.",
        baseline=" ".join(f"{OTHER_WORDS} other words moved {others_drift(zoo, key, seed)[:, last].mean():.2f} on average in the "
                          f"{CHECKPOINTS[key].name} model." for key in MODELS)
                 + f" Two sentiment models that differ only in the random seed put “{word}” {luck:.2f} apart in these sentences. Different "
                   f"words in different sentences are {unrelated_distance(zoo, 'base', seed)[last]:.2f} apart in the base, which keeps, "
                   f"against itself, all {NEIGHBOURS} neighbours.",
        table=Table(("model", "sentence", "drift", "baseline", "neighbours kept of 10", "nearest words"), tuple(rows)),
        figure=figure,
        receipts=tuple(zoo.load(key).receipt for key in (*keys, *TWINS)),
        findings=(_finding(zoo, seed, last),),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("domain_words", parameters, _snippet(word, sentences, seed)),
    )


def _pool(zoo: Zoo, key: str) -> tuple[list[str], np.ndarray]:
    """Word types of the held-out recipes and reviews and their mean last-layer vectors: (types, d)."""
    if ("pool", key) not in zoo.remembered:
        texts = [example.text for name in MODELS for example in load_task(name).test]
        pairs = [(word, text) for text in texts for word in sorted(set(re.findall(r"[a-z]{4,}", text.lower())))
                 if re.search(rf"(?<!\w){word}(?!\w)", text, re.IGNORECASE)]
        encoder: Encoder = zoo.load(key)
        vectors = word_vectors(encoder, [word for word, _ in pairs], [text for _, text in pairs])[:, encoder.layers]
        places: dict[str, list[int]] = {}
        for index, (word, _) in enumerate(pairs):
            places.setdefault(word, []).append(index)
        zoo.remembered["pool", key] = (list(places), np.stack([vectors[index].mean(axis=0) for index in places.values()]))
    return zoo.remembered["pool", key]


def _claim(word, sentences, rows, moved) -> str:
    parts = []
    for number, sentence in enumerate(sentences):
        kept = {row[0]: row[4] for row in rows if row[1] == sentence}
        parts.append(f"In “{sentence}” it moved {moved['cookbook'][number]:.2f} in the cookbook-tuned model, keeping "
                     f"{kept['cookbook']} of its {NEIGHBOURS} nearest words, and {moved['company'][number]:.2f} in the "
                     f"company-tuned one, keeping {kept['company']}.")
    return f"Drift of “{word}” from the base at the last layer (1 − cosine; 0 = not moved): " + " ".join(parts)


def _finding(zoo: Zoo, seed: int, last: int) -> Finding:
    """Are a model's own-domain words moved more than everyday words?"""
    ratio = {}
    for key in MODELS:
        own = [example.text for example in load_task(key).test]
        pairs = [(found[0], text) for text in own if (found := re.search(r"\w{4,}", text))]
        words, texts = zip(*pairs, strict=True)
        inside = drift(word_vectors(zoo.load("base"), words, texts)[:, last], word_vectors(zoo.load(key), words, texts)[:, last])
        ratio[key] = float(inside.mean() / others_drift(zoo, key, seed)[:, last].mean())
    return Finding(
        "merchant2020", "Sentences from outside the tuned domain stay closer to the base than sentences from inside it.",
        all(value > 1 for value in ratio.values()) if len({value > 1 for value in ratio.values()}) == 1 else None,
        "Mean drift of words in own-domain sentences over that of words in everyday sentences: "
        + ", ".join(f"{value:.2f} ({CHECKPOINTS[key].name})" for key, value in ratio.items()) + ".")


def _figure(word, sentences, moved):
    labels = [f"sentence {number}" for number in range(1, len(sentences) + 1)]
    alt = f"Bar chart: drift of “{word}” at the last layer. " + "; ".join(
        f"{CHECKPOINTS[key].name}: " + ", ".join(f"{value:.2f} in {label}" for value, label in zip(moved[key], labels, strict=True))
        for key in MODELS) + "."
    return plots.bars({CHECKPOINTS[key].name: moved[key] for key in MODELS}, labels, "drift (1 − cosine)", alt)


def _snippet(word, sentences, seed) -> str:
    return reproduce.OTHERS + f"""
word, sentences = {reproduce.literal(word)}, {reproduce.literal(sentences)}
files = [open(f"demos/data/{{name}}.jsonl", encoding="utf-8") for name in {reproduce.literal(MODELS)}]
texts = [row["text"] for file in files for row in map(json.loads, file) if row["split"] == "test"]
places = {{}}
for text in texts:
    for found in sorted(set(re.findall(r"[a-z]{{4,}}", text.lower()))):
        if re.search(rf"(?<!\\w){{found}}(?!\\w)", text, re.IGNORECASE) and found != word.lower():
            places.setdefault(found, []).append(text)

@functools.cache
def pool(key):  # a word type's vector: the mean over its occurrences, last layer
    return torch.stack([torch.stack([vectors(key, found, text)[-1] for text in where]).mean(0) for found, where in places.items()])

def nearest(key, sentence):  # the ten word types nearest to the word, by cosine
    order = torch.cosine_similarity(pool(key), vectors(key, word, sentence)[-1:], dim=-1).argsort(descending=True, stable=True)[:10]
    return {{list(places)[i] for i in order}}

for key in {reproduce.literal(["base", *MODELS])}:
    for sentence in sentences:
        moved = drift(vectors("base", word, sentence)[-1], vectors(key, word, sentence)[-1])
        kept = len(nearest(key, sentence) & nearest("base", sentence))
        print(key, sentence, round(float(moved), 6), round(float(others(key, {seed})[-1]), 6), kept, sep="\\t")
"""
