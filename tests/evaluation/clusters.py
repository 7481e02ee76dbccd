"""Measures that only papers.py needs: variance explained by one vector, and distances between clusters of labels."""

import re
from collections import Counter
from itertools import combinations

import numpy as np

from demos.lab.encode import Encoder, sentence_states, word_vectors
from demos.lab.tasks import load_task, other_words, read_lines

USES = 50  # as many for every word: with few uses the first component explains much by itself
WORDS = 12


def explained_by_first(vectors: np.ndarray) -> np.ndarray:
    """Share of the variance that the first principal component holds, by layer: (n, layers + 1, d) -> (layers + 1,)."""
    shares = []
    for layer in range(vectors.shape[1]):
        values = np.linalg.svd(vectors[:, layer] - vectors[:, layer].mean(axis=0), compute_uv=False) ** 2
        shares.append(values[0] / values.sum() if values.sum() > 0 else 1.0)
    return np.array(shares)


def label_ratio(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Mean distance between the labels' means over mean distance of (n, d) vectors to their own label's mean."""
    within = [np.linalg.norm(vectors[labels == name] - vectors[labels == name].mean(axis=0), axis=1) for name in np.unique(labels)]
    return float(centroid_distances(vectors, labels).mean() / np.concatenate(within).mean())


def centroid_distances(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Euclidean distances between the means of all pairs of labels, in order of the labels' names: (pairs,)."""
    means = [vectors[labels == name].mean(axis=0) for name in np.unique(labels)]
    return np.array([np.linalg.norm(one - other) for one, other in combinations(means, 2)])


def layer_means(encoder: Encoder, texts: list[str]) -> np.ndarray:
    """Mean token vector of each text at every layer, [CLS] and [SEP] included: (text, layers + 1, d)."""
    return np.stack([states.mean(axis=1) for states in sentence_states(encoder, texts)])


def frequent_words() -> dict[str, list[str]]:
    """The words that stand in most bundled texts, at least four letters long, each with 50 of these texts (the first 50).

    Without the ambiguous ones, whose two senses would be their first component. Most that are left are function words.
    """
    texts = [example.text for name in ("sentiment", "tweets", "cookbook", "company") for example in load_task(name).train]
    texts += [row["text"] for row in read_lines("senses")] + [item.text for item in other_words()]
    ambiguous = {row["word"] for row in read_lines("senses")}
    holds = [set(re.findall(r"\w+", text.lower())) for text in texts]
    counts = Counter(word for words in holds for word in words if len(word) > 3 and word.isalpha() and word not in ambiguous)
    common = [word for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if count >= USES][:WORDS]
    return {word: [text for text, words in zip(texts, holds, strict=True) if word in words][:USES] for word in common}


def word_uses(encoder: Encoder, word: str, texts: list[str]) -> np.ndarray:
    """The word's vector in each text: (text, layers + 1, d)."""
    return word_vectors(encoder, [word] * len(texts), texts)

