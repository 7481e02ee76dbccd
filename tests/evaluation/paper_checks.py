"""What papers.py measures itself, on the models of the project: targets that no experiment of demos/ covers."""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.stats import ortho_group, pearsonr

from demos import Evidence, Zoo, follow_demo
from demos.lab.baseline import others_vectors
from demos.lab.measure import drift
from demos.lab.similarity import debiased_cka, held_out_procrustes
from demos.lab.tasks import Example, load_task, subset
from tests.evaluation.clusters import centroid_distances, explained_by_first, frequent_words, label_ratio, layer_means, word_uses

TEXTS = 92  # held-out texts whose label clusters are measured: as many as the smallest set has


class Row(NamedTuple):
    """One line of the table."""

    target: str
    paper: str
    says: str
    expected: str
    ours: str
    holds: bool | None


@cache
def run(zoo: Zoo, demo: str) -> Evidence:
    """One experiment with its default parameters."""
    print(f"running {demo}", file=sys.stderr, flush=True)
    *_, evidence = follow_demo(demo, zoo)
    assert isinstance(evidence, Evidence)
    return evidence


def t0_frozen_is_still(zoo: Zoo) -> Row:
    """The encoder of the model whose head alone was trained."""
    moved = drift(others_vectors(zoo, "base", 0), others_vectors(zoo, "sentiment_frozen", 0)).max()
    return Row("T0", "-", "Training the head alone moves no vector.", "exactly 0", f"largest drift {moved:.1e}", bool(moved == 0))


def t0_frozen_layers_are_still(zoo: Zoo) -> Row:
    """Layers 0 to k with the embeddings and k blocks frozen."""
    rows = {row[0]: row[3:] for row in run(zoo, "freeze_depth").table.rows}
    blocks = len(rows["frozen: none"]) - 1
    still = max(max(rows[f"frozen: {k}"][:k + 1]) for k in range(1, blocks))
    above = min(rows[f"frozen: {k}"][k + 1] for k in range(1, blocks))
    return Row("T0", "-", "With the lowest k blocks frozen, layers 0 to k do not move.", "exactly 0 below, more above",
               f"at most {still:.1e} below, at least {above:.1e} in the first free layer", bool(still == 0 < above))


def t0_rotation(zoo: Zoo) -> Row:
    """A rotated copy of the base's last layer, over 5 d tokens' worth of words."""
    vectors = np.concatenate([layer_means(zoo.load("base"), [example.text for example in load_task(name).train])[:, -1]
                              for name in ("sentiment", "company", "tweets", "cookbook")])
    vectors -= vectors.mean(axis=0)  # else a common direction decides the cosine
    rotated = vectors @ ortho_group.rvs(vectors.shape[1], random_state=0)
    cosine, cka = 1 - drift(vectors, rotated).mean(), debiased_cka(vectors, rotated)
    procrustes = held_out_procrustes(vectors, rotated)
    return Row("T0", "-", "A rotated copy has other cosines, and the same CKA and Procrustes similarity.", "0, 1, 1",
               f"cosine {cosine:.3f}, CKA {cka:.5f}, Procrustes {procrustes:.5f} ({len(vectors):,} sentences)",
               bool(abs(cosine) < 0.05 and cka > 1 - 1e-5 and procrustes > 1 - 1e-5))


def t0_absent_rows(zoo: Zoo) -> Row:
    """Rows of the embedding table whose token no training text holds."""
    base, tuned = (zoo.load(key) for key in ("base", "sentiment"))
    tables = [encoder.model.get_parameter("embeddings.word_embeddings.weight").detach().numpy() for encoder in (base, tuned)]
    texts = [example.text for example in load_task("sentiment").train]
    # Position 0 is padding, which stands in every batch.
    present = sorted({0, *(token for ids in base.tokenizer(texts)["input_ids"] for token in ids)})
    absent = np.setdiff1d(np.arange(len(tables[0])), present)
    changed = int((tables[0][absent] != tables[1][absent]).any(axis=1).sum())
    return Row("T0", "-", "Without weight decay, embedding rows of tokens absent from the training texts stay as they are.",
               "0 rows change", f"{changed} of {len(absent):,} rows changed", changed == 0)


def t3_explained_variance(zoo: Zoo) -> Row:
    """How much of a word's uses one vector explains, less the same for random tokens (same sample size)."""
    encoder, uses = zoo.load("base"), frequent_words()
    curves = np.array([explained_by_first(word_uses(encoder, word, texts)) for word, texts in uses.items()])
    random = np.array([explained_by_first(part) for part in np.array_split(others_vectors(zoo, "base", 0), 2)]).mean(axis=0)
    adjusted = curves.mean(axis=0) - random
    most = adjusted[1:].max()  # layer 0 is one vector but for the position
    return Row("T3", "ethayarajh2019", "On average less than 5 % of a word's variance is explained by one static vector, in every layer.",
               "single digits (10 and more: disagrees)",
               f"{len(uses)} words (most of them function words), 50 uses each, less random tokens, from layer 1 up: "
               + ", ".join(f"{value:.1%}" for value in adjusted[1:]), True if most < 0.05 else None if most < 0.1 else False)


def t6_task_and_luck(zoo: Zoo) -> Row:
    """Two tasks against two seeds, at the last layer."""
    sentiment, qa, other = (others_vectors(zoo, key, 0)[:, -1] for key in ("sentiment", "qa", "sentiment_seed2"))
    gap = drift(sentiment, qa) - drift(sentiment, other)
    error = gap.std(ddof=1) / np.sqrt(len(gap))
    return Row("T6", "-", "Models of two tasks are farther apart than models of two seeds.", "yes, in the top layer",
               f"1 - cosine of {len(gap)} words: tasks {drift(sentiment, qa).mean():.3f}, seeds {drift(sentiment, other).mean():.3f}",
               None if abs(gap.mean()) < 2 * error else bool(gap.mean() > 0))


@cache
def _labelled(zoo: Zoo, key: str, task: str) -> np.ndarray:
    """Sentence means of a task's held-out texts: (text, layer, d)."""
    return layer_means(zoo.load(key), [example.text for example in _texts(task)])


def _texts(task: str) -> tuple[Example, ...]:
    data = load_task(task)
    return subset(replace(data, train=data.test), min(TEXTS, len(data.test)), 0).train


def _ratios(zoo: Zoo, key: str, task: str) -> np.ndarray:
    labels = np.array([example.label for example in _texts(task)])
    vectors = _labelled(zoo, key, task)
    return np.array([label_ratio(vectors[:, layer], labels) for layer in range(vectors.shape[1])])


def t8_clusters_move_apart(zoo: Zoo) -> Row:
    """Between-label over within-label distance of held-out recipes, before and after tuning on their labels."""
    rise = _ratios(zoo, "cookbook", "cookbook") / _ratios(zoo, "base", "cookbook") - 1
    return Row("T8", "zhou2022", "Fine-tuning moves clusters of different labels apart, most in the upper layers.",
               "the ratio of distances rises most in the upper half", "Rise by layer: " + ", ".join(f"{value:+.0%}" for value in rise),
               bool(rise[-1] > 0 and rise.argmax() > (len(rise) - 1) / 2))


def t8_layout_is_kept(zoo: Zoo) -> Row:
    """The distances between the four labels' means, before and after."""
    labels = np.array([example.label for example in _texts("cookbook")])
    before, after = (_labelled(zoo, key, "cookbook") for key in ("base", "cookbook"))
    kept = np.array([pearsonr(centroid_distances(before[:, layer], labels), centroid_distances(after[:, layer], labels)).statistic
                     for layer in range(before.shape[1])])
    return Row("T8", "zhou2022", "The layout of label clusters is kept: distances before and after correlate above 0.5, even high up.",
               "above 0.5 in every layer", "Pearson, six distances, by layer: " + ", ".join(f"{value:.2f}" for value in kept),
               bool(kept.min() > 0.5))


def t8_other_labels(zoo: Zoo) -> Row:
    """Sentiment labels in the model that was tuned on recipes, beside the model that was tuned on sentiment."""
    base = _ratios(zoo, "base", "sentiment")[-1]
    other, own = (_ratios(zoo, key, "sentiment")[-1] / base - 1 for key in ("cookbook", "sentiment"))
    luck = abs(_ratios(zoo, "sentiment_seed2", "sentiment")[-1] / base - 1 - own)
    return Row("T8", "zhou2022", "Another task's labels move apart less, or closer.", "rise smaller than for the own task's labels",
               f"Sentiment labels, last layer: {other:+.0%} in the recipe model, {own:+.0%} in the sentiment model (other seed within "
               f"{luck:.0%})", None if abs(own - other) < luck else bool(other < own))


CHECKS: tuple[Callable[[Zoo], Row], ...] = (
    t0_frozen_is_still, t0_frozen_layers_are_still, t0_rotation, t0_absent_rows, t3_explained_variance, t6_task_and_luck,
    t8_clusters_move_apart, t8_layout_is_kept, t8_other_labels)
