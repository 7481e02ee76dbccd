"""What a number is held against: how far other words move, and how far apart unrelated words are anyway."""

import numpy as np

from demos.lab.encode import word_vectors
from demos.lab.measure import drift
from demos.lab.tasks import other_words
from demos.lab.zoo import Zoo

OTHER_WORDS = 100


def others_vectors(zoo: Zoo, key: str, seed: int) -> np.ndarray:
    """Vectors of 100 ordinary words, drawn by `seed`, each in its own sentence: (word, layer, d). Kept per model."""
    if (key, seed) not in zoo.remembered:
        drawn = np.random.default_rng(seed).permutation(len(other_words()))[:OTHER_WORDS]
        chosen = [other_words()[index] for index in drawn]
        zoo.remembered[key, seed] = word_vectors(
            zoo.load(key), [item.word for item in chosen], [item.text for item in chosen])
    return zoo.remembered[key, seed]


def others_drift(zoo: Zoo, key: str, seed: int) -> np.ndarray:
    """How far those words move between the base and a tuned model: (word, layer)."""
    return drift(others_vectors(zoo, "base", seed), others_vectors(zoo, key, seed))


def unrelated_distance(zoo: Zoo, key: str, seed: int) -> np.ndarray:
    """Mean 1 - cosine between different words in different sentences, by layer: what "unrelated" looks like there."""
    vectors = others_vectors(zoo, key, seed)
    return drift(vectors, np.roll(vectors, 1, axis=0)).mean(axis=0)
