"""Tells questions of this field from others, by meaning and by words.

By meaning: a support vector machine on sentence vectors, and how much nearer the nearest question inside is than the nearest
outside. By words: which words of a question belong to questions of other fields ("discriminator", "carburettor"), and which
to this one; a sentence vector of this size blurs exactly the rare words that tell. Both learn from the articles against the
questions of outside.txt, each time an index is built; so a new article widens the scope by being there. These are signals of
confidence.py, never a decision by themselves.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from sklearn.svm import SVC

OUTSIDE = Path(__file__).parent / "outside.txt"
WORD = re.compile(r"[a-z][a-z0-9+#]*(?:[-_.][a-z0-9]+)*")
UNSEEN = 0.1  # how often a word counts as seen on a side that lacks it
OWN_WORDS = 3  # of a question: one word of the field may be another field's homonym ("frozen", "layer", "head")
MUCH = 6.0  # beyond these odds a word is not more telling
# Of the questions inside, so many are learned from, spread evenly: fitting takes the square of their number, and with all 9,345 it took
# 8 s instead of 2 and told no better (of the others, 5.7 % answered at 3 % declined; with 5,000, 4.8 %; with 3,000, 5.1 %).
LEARNED = 4000


def outside_questions() -> list[str]:
    """Questions about other things, one a line: near (other machine learning), and far (a guitar is tuned, too)."""
    return [line for line in OUTSIDE.read_text(encoding="utf-8").splitlines() if line.strip()]


class Scope:
    """Fitted on unit vectors (n, d) of questions inside and outside."""

    def __init__(self, inside: np.ndarray, outside: np.ndarray) -> None:
        self.inside, self.outside = inside, outside
        some = inside[:: -(-len(inside) // LEARNED)]
        vectors = np.concatenate([some, outside])
        labels = np.repeat([1, 0], [len(some), len(outside)])
        # A radial kernel, since neighbouring topics interleave; a linear boundary leaked half as much again.
        self._model = SVC(C=10.0, gamma=1.0, class_weight="balanced").fit(vectors, labels)

    def margin(self, vector: np.ndarray) -> float:
        """Above 0: more like the questions inside."""
        return float(self._model.decision_function(vector[None])[0])

    def nearer(self, vector: np.ndarray) -> float:
        """Cosine to the nearest question inside less that to the nearest outside."""
        return float((self.inside @ vector).max() - (self.outside @ vector).max())


class WordOdds:
    """How much more often a word's stem stands in texts of this field than in questions of others, as logarithms of odds."""

    def __init__(self, inside: Iterable[str], outside: Sequence[str], stem: Callable[[list[str]], list[str]]) -> None:
        self._stem = stem
        own, foreign = Counter(), Counter()  # type: Counter[str], Counter[str]
        texts = 0
        for text in inside:
            own.update(self._words(text))
            texts += 1
        for text in outside:
            foreign.update(self._words(text))
        self._odds = {word: math.log((own[word] + UNSEEN) / texts) - math.log((foreign[word] + UNSEEN) / len(outside))
                      for word in own.keys() | foreign.keys()}

    def of(self, question: str) -> tuple[float, float]:
        """(foreign, own): odds of the word that speaks most for other fields; mean odds of those that speak most for this one.

        Both are above 0 where the words are this field's; a word that neither side knows says nothing.
        """
        odds = sorted(max(-MUCH, min(MUCH, self._odds.get(word, 0.0))) for word in self._words(question)) or [0.0]
        return odds[0], float(np.mean(odds[-OWN_WORDS:]))

    def _words(self, text: str) -> set[str]:
        return set(self._stem(WORD.findall(text.lower())))
