"""How is a word split into pieces, and does it matter which piece stands for it?

BERT's vocabulary holds 30,522 pieces; a word that is not among them is split, and has one vector a piece. People take the
first piece, the last, or the mean. What that choice does to the word's drift under tuning, and to how well its two senses
lie apart, beside other split words and beside words of one piece, where the three choices are one.
"""

import json
import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from demos.lab import plots, reproduce
from demos.lab.baseline import unrelated_distance
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.choose import CONTROLS, Seed, Sentences, Word, layer_or_last, sentences_with, tuned_models
from demos.lab.encode import Encoder, piece_vectors, word_pieces
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import drift, rounded, sense_separation
from demos.lab.tasks import WordInContext, load_task, senses
from demos.lab.zoo import Zoo

CHOICES = {"first": lambda pieces: pieces[:, 0], "last": lambda pieces: pieces[:, -1], "mean": lambda pieces: pieces.mean(axis=1)}
SHUFFLES = 20
OTHER_WORDS = 40  # of each kind, split and whole
WHOLE = "bank"  # the word of one piece that stands beside
MODELS = ("sentiment", "qa", "sentiment_seed2", "sentiment_frozen")

# A word of two senses and two pieces ("mo", "##uld"), since none of the bundled words with marked senses is split. The two
# senses take the same places in the sentence, so that the position, which is in the vector too, cannot tell them apart.
MOULD = tuple(WordInContext("mould", text, sense) for sense, texts in {
    "fungus": (
        "A mould with grey fur covered the strawberries overnight.",
        "The green mould on this bread came within a week.",
        "She scrubbed the mould off the shower curtain with bleach.",
        "They blame the black mould in the bathroom for their cough.",
        "Cheese with some blue mould is safe to eat.",
        "We threw the bread away because of mould."),
    "form": (
        "A mould of hard steel shapes each plastic toy.",
        "The baking mould on the shelf looks like a fish.",
        "He filled the mould up with warm jelly and waited.",
        "They fill the plaster mould with clay and let it dry.",
        "Chocolate in a cold mould sets within an hour.",
        "We turned the jelly out of its mould."),
}.items() for text in texts)


def run(
    zoo: Zoo,
    word: Word = "mould",
    sentences: Sentences | None = None,
    models: list[str] | None = None,
    layer: int | None = None,
    seed: Seed = 0,
) -> Iterator[Progress | Evidence]:
    """Drift = 1 - cosine from the base at `layer` (the last by default), mean over sentences, for each choice of piece.

    Separation = mean cosine within a sense minus between senses, where the sentences have marked senses. `seed` draws the
    other words.
    """
    uses = _uses(word, sentences)
    keys = ["base", *tuned_models([*models, *CONTROLS] if models else None, MODELS)]
    base = zoo.load("base")
    layer = layer_or_last(layer, base.layers)
    for key in keys:
        zoo.load(key)  # a model that is still missing is reported before any work is done
    groups = {word: uses} | ({} if word.lower() == WHOLE else {WHOLE: senses(WHOLE)}) | {
        "other split words": _drawn(base, seed, split=True), "other whole words": _drawn(base, seed, split=False)}
    found: dict[tuple[str, str], list[np.ndarray]] = {}  # (model, group) -> pieces at every layer, one array a sentence
    rows: list[tuple] = []
    for number, key in enumerate(keys):
        for group, items in groups.items():
            found[key, group] = piece_vectors(zoo.load(key), [item.word for item in items], [item.text for item in items])
            rows += [_row(key, group, choice, items, found["base", group], found[key, group], layer) for choice in CHOICES]
        yield Progress(f"Model “{CHECKPOINTS[key].name}”: {sum(map(len, groups.values()))} sentences read", (number + 1) / len(keys),
                       _figure(rows, list(groups)) if number else None)
    given = {"word": word, "sentences": list(sentences) if sentences else None, "models": keys[1:] if models else None,
             "layer": layer, "seed": seed}
    yield _evidence(zoo, keys, groups, rows, _shuffled_separation(uses, found["base", word], layer, seed), given)


def _uses(word: str, sentences: list[str] | None) -> tuple[WordInContext, ...]:
    """The reader's sentences, without senses; or bundled ones, with senses where they are marked."""
    if sentences:
        return tuple(WordInContext(word, text) for text in sentences_with(word, sentences))
    marked = MOULD if word.lower() == MOULD[0].word else senses(word.lower())
    return marked or tuple(WordInContext(word, text) for text in sentences_with(word, None))


@cache
def _held_out_words() -> tuple[WordInContext, ...]:
    """Every word of four letters or more in the held-out texts, in the first that holds it."""
    found: dict[str, str] = {}
    for name in ("sentiment", "tweets", "cookbook", "company"):
        for example in load_task(name).test:
            for word in re.findall(r"(?<!\w)[a-z]{4,}(?!\w)", example.text.lower()):
                found.setdefault(word, example.text)
    return tuple(WordInContext(word, text) for word, text in found.items())


def _drawn(base: Encoder, seed: int, split: bool) -> tuple[WordInContext, ...]:
    """Held-out words of several pieces, or of one, drawn by `seed`; a shuffle of all, so that few words need be split."""
    drawn: list[WordInContext] = []
    for index in np.random.default_rng(seed).permutation(len(_held_out_words())):
        item = _held_out_words()[index]
        if (len(word_pieces(base, item.word)) > 1) == split:
            drawn.append(item)
            if len(drawn) == OTHER_WORDS:
                break
    return tuple(drawn)


def _row(key: str, group: str, choice: str, items: tuple[WordInContext, ...], before: list[np.ndarray], after: list[np.ndarray],
         layer: int) -> tuple:
    start, end = (np.stack([CHOICES[choice](pieces)[layer] for pieces in arrays]) for arrays in (before, after))
    gold = np.array([item.sense or "" for item in items])
    apart = rounded(sense_separation(end, gold)) if len(set(gold)) > 1 else "-"
    return key, group, choice, rounded(np.mean([pieces.shape[1] for pieces in after])), rounded(drift(start, end).mean()), apart


def _shuffled_separation(uses: tuple[WordInContext, ...], vectors: list[np.ndarray], layer: int, seed: int) -> float | None:
    """The largest separation, by any choice, of senses that were dealt out at random; None without marked senses."""
    gold, shuffle = np.array([use.sense or "" for use in uses]), np.random.default_rng(seed)
    if len(set(gold)) < 2:
        return None
    orders = [shuffle.permutation(gold) for _ in range(SHUFFLES)]
    return max(sense_separation(np.stack([take(pieces)[layer] for pieces in vectors]), order)
               for take in CHOICES.values() for order in orders)


def _evidence(zoo: Zoo, keys: list[str], groups: dict[str, tuple[WordInContext, ...]], rows: list[tuple], shuffled: float | None,
              given: dict) -> Evidence:
    word, layer = given["word"], given["layer"]
    drifts = {row[:3]: row[4] for row in rows}
    apart = {row[2]: row[5] for row in rows if row[0] == "base" and row[1] == word and row[5] != "-"}
    tasks = [key for key in keys[1:] if key not in CONTROLS] or keys[1:]
    pieces = word_pieces(zoo.load("base"), word)
    return Evidence(
        demo="word_pieces",
        claim=_claim(word, pieces, layer, tasks, drifts, apart),
        caveat=f"{len(groups[word])} sentence{'s' * (len(groups[word]) != 1)} with “{word}”; the size of these differences depends on the "
               "word. Drift and separation do not say which choice serves a task best; that takes a score on the task. The base, "
               "all-MiniLM-L6-v2, a small encoder, was itself already tuned once.",
        baseline=_baseline(word, shuffled, groups, keys, tasks, drifts)
                 + f" Different words in different sentences are {unrelated_distance(zoo, 'base', given['seed'])[layer]:.2f} apart in "
                 "the base, by the mean of their pieces.",
        table=Table(("model", "words", "vector", "pieces (mean)", "drift", "separation of senses"), tuple(rows)),
        figure=_figure(rows, list(groups)),
        receipts=tuple(zoo.load(key).receipt for key in keys),
        findings=(_finding(apart if len(pieces) > 1 else {}, shuffled),),
        parameters=given,
        seed=given["seed"],
        reproduce=reproduce.script("word_pieces", given, _snippet(groups, keys, layer)),
    )


def _finding(apart: dict[str, float], shuffled: float | None) -> Finding:
    says = "For morphology, taking the first piece is the worst way to pool the pieces of a word."
    if not apart or shuffled is None:
        return Finding("acs2021", says, None, "The senses of a split word are not marked here, so nothing can be said.")
    clear = max(apart.values()) > shuffled
    return Finding("acs2021", says, bool(apart["first"] < min(apart["last"], apart["mean"])) if clear else None,
                   "Here it is senses, not morphology: their separation in the base is "
                   + ", ".join(f"{value:z.3f} ({choice})" for choice, value in apart.items())
                   + f"; with shuffled senses up to {shuffled:z.3f}.")


def _claim(word, pieces, layer, tasks, drifts, apart) -> str:
    if len(pieces) == 1:
        text = f"“{word}” is one piece in this vocabulary, so first, last and mean are one vector. At layer {layer} it moved " + ", ".join(
            f"{drifts[key, word, 'mean']:.2f} in the {CHECKPOINTS[key].name} model" for key in tasks)
        return text + " (1 − cosine; 0 = not moved)."
    text = f"“{word}” is split into {len(pieces)} pieces: {' + '.join(pieces)}. At layer {layer} it moved " + "; ".join(
        f"{drifts[key, word, 'first']:.2f} by its first piece, {drifts[key, word, 'last']:.2f} by its last and "
        f"{drifts[key, word, 'mean']:.2f} by their mean in the {CHECKPOINTS[key].name} model" for key in tasks)
    text += " (1 − cosine; 0 = not moved)."
    if apart:
        text += (f" In the base its two senses lie {apart['first']:z.3f} apart by the first piece, {apart['last']:z.3f} by the last and "
                 f"{apart['mean']:z.3f} by the mean (cosine within a sense minus between senses; 0 = not apart).")
    return text


def _baseline(word, shuffled, groups, keys, tasks, drifts) -> str:
    text = " ".join(
        f"In the {CHECKPOINTS[key].name} model {len(groups['other split words'])} other split words moved "
        + ", ".join(f"{drifts[key, 'other split words', choice]:.2f} ({choice})" for choice in CHOICES)
        + f" and {len(groups['other whole words'])} words of one piece {drifts[key, 'other whole words', 'mean']:.2f}." for key in tasks)
    if shuffled is not None:
        text += f" With its senses shuffled ({SHUFFLES} times), “{word}” shows a separation of up to {shuffled:z.3f}."
    if "sentiment_seed2" in keys:
        text += f" With another seed, “{word}” moved " + ", ".join(
            f"{drifts['sentiment_seed2', word, choice]:.2f} ({choice})" for choice in CHOICES) + " in the sentiment model."
    if "sentiment_frozen" in keys:
        still = all(drifts["sentiment_frozen", group, choice] == 0 for group in groups for choice in CHOICES)
        text += (" With a frozen encoder every drift is exactly 0." if still else
                 " With a frozen encoder something moved, which should not be: do not trust this run.")
    return text


def _figure(rows: list[tuple], groups: list[str]) -> Figure:
    """Drift by choice, mean over the tuned models that are done."""
    keys = {row[0] for row in rows} - {"base"}
    keys = keys - set(CONTROLS) or keys
    drifts = {choice: [float(np.mean([row[4] for row in rows if row[1] == group and row[2] == choice and row[0] in keys]))
                       for group in groups] for choice in CHOICES}
    alt = f"Bar chart: drift by the piece that stands for a word, mean over {len(keys)} tuned model{'s' * (len(keys) > 1)}. "
    alt += "; ".join(f"{group}: " + ", ".join(f"{choice} {drifts[choice][number]:.2f}" for choice in CHOICES)
                     for number, group in enumerate(groups)) + "."
    return plots.lying_bars(drifts, [group if len(group) < 20 else f"{group[:18]}…" for group in groups], "drift (1 − cosine)", alt)


def _snippet(groups, keys, layer) -> str:
    plain = {group: [[item.word, item.text, item.sense] for item in items] for group, items in groups.items()}
    return reproduce.VECTORS + f"""
groups = json.loads({reproduce.literal(json.dumps(plain))})
choices = {{"first": lambda v: v[0], "last": lambda v: v[-1], "mean": lambda v: v.mean(0)}}

def pieces(key, word, sentence):  # the vectors of the word's pieces: (pieces, d)
    start, end = re.search(rf"(?<!\w){{re.escape(word)}}(?!\w)", sentence, re.IGNORECASE).span()
    states, offsets = hidden(key, sentence)
    return states[{layer}, [i for i, (a, b) in enumerate(offsets) if a < end and b > start]]

for key in {reproduce.literal(keys)}:
    for group, uses in groups.items():
        for choice, take in choices.items():
            before, after = (torch.stack([take(pieces(k, word, text)) for word, text, _ in uses]) for k in ("base", key))
            count = sum(len(pieces(key, word, text)) for word, text, _ in uses) / len(uses)
            unit = torch.nn.functional.normalize(after, dim=-1)
            cosine, n = unit @ unit.T, len(uses)
            same = [cosine[i, j] for i in range(n) for j in range(i) if uses[i][2] == uses[j][2]]
            other = [cosine[i, j] for i in range(n) for j in range(i) if uses[i][2] != uses[j][2]]
            apart = round(float(torch.stack(same).mean() - torch.stack(other).mean()), 6) if other else "-"
            print(key, group, choice, round(count, 6), round(float(drift(before, after).mean()), 6), apart, sep="\t")
"""
