"""How likely it is that a question is one the articles answer: a logistic function of ten signals.

A plain cosine threshold leaks in both directions: a question about another field can share words, and a messy one about
ours can share few. Weights are fitted on development questions by `python -m tests.evaluation.calibrate` and kept, with
the date, in confidence.json.
"""

import json
import math
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "confidence.json"


@cache
def fitted() -> dict:
    """The fitted weights, the two thresholds (`answer`, `doubt`) and the date."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def confidence(**signals: float) -> float:
    """A probability in (0, 1) that the section found is about what was asked."""
    fit = fitted()
    total = fit["intercept"] + sum(weight * float(signals[name]) for name, weight in fit["weights"].items())
    return 1 / (1 + math.exp(-total))
