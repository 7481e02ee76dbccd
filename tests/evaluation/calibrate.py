"""Fits the confidence that decides between answering, answering with a doubt, and declining.

    python -m tests.evaluation.calibrate [--write] [--questions DIR]

A logistic regression (scikit-learn) on the five signals of the best hit, over the development questions. With `--write`
the weights, the thresholds and the date go to knowledge/confidence.json. DIR may hold more questions in the form of
in_scope.jsonl and out_of_scope.jsonl; they are used for fitting and never kept.
"""

import datetime
import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from bot.question import read
from knowledge import Index, SentenceEmbedder, read_articles
from knowledge.article import ARTICLES
from knowledge.confidence import FILE
from knowledge.settings import KnowledgeSettings

HERE = Path(__file__).parent
SIGNALS = ("asked", "text", "lexical", "known", "scope")
# Below DOUBT a question is declined, below ANSWER it is answered with a stated doubt. On the real questions no one in scope
# falls below 0.7, while one in sixteen of the others still passes; see LOG.md.
ANSWER, DOUBT = 0.85, 0.7


def load(folder: Path | None) -> tuple[list[str], np.ndarray]:
    """Questions and whether each is in scope."""
    rows = [(row["question"], row["kind"] == "in") for row in _lines(HERE / "questions.jsonl")]
    if folder:
        rows += [(row["question"], True) for row in _lines(folder / "in_scope.jsonl")]
        rows += [(row["question"], False) for row in _lines(folder / "out_of_scope.jsonl")]
    return [question for question, _ in rows], np.array([inside for _, inside in rows])


def signals(index: Index, questions: list[str]) -> np.ndarray:
    """The signals of the best hit of each question: (n, 5)."""
    hits = [index.search(read(question).queries, 1)[0] for question in questions]
    return np.array([[getattr(hit, name) for name in SIGNALS] for hit in hits])


def main(write: bool = False, questions: Annotated[Path | None, typer.Option()] = None) -> None:
    """Fit, print what cross-validation expects, and write the file if asked to."""
    index = Index(read_articles((ARTICLES,)), SentenceEmbedder(), KnowledgeSettings().cache_dir)
    texts, inside = load(questions)
    x = signals(index, texts)
    model = LogisticRegression(C=100, max_iter=5000, class_weight="balanced")
    held_out = cross_val_predict(model, x, inside, cv=10, method="predict_proba")[:, 1]
    cosine = x[:, 0]
    print(f"{len(texts)} questions, {inside.sum()} in scope. Ten-fold cross-validation.")
    print("threshold  in scope declined  out of scope answered")
    for threshold in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
        print(f"{threshold:9.2f}  {np.mean(held_out[inside] < threshold):17.1%}  {np.mean(held_out[~inside] >= threshold):21.1%}")
    print("A plain threshold on the best cosine, for comparison:")
    for threshold in (0.4, 0.45, 0.5, 0.55, 0.6):
        print(f"{threshold:9.2f}  {np.mean(cosine[inside] < threshold):17.1%}  {np.mean(cosine[~inside] >= threshold):21.1%}")
    for number in np.argsort(np.where(inside, held_out, 1 - held_out))[:24]:
        print(f"{held_out[number]:.2f} {'in ' if inside[number] else 'out'} {x[number].round(2)} {texts[number][:110]!r}")
    model.fit(x, inside)
    weights = dict(zip(SIGNALS, (round(float(w), 3) for w in model.coef_[0]), strict=True))
    fit = {"date": datetime.date.today().isoformat(), "questions": len(texts), "weights": weights,
           "intercept": round(float(model.intercept_[0]), 3), "answer": ANSWER, "doubt": DOUBT}
    print(json.dumps(fit))
    if write:
        FILE.write_text(json.dumps(fit, indent=1) + "\n", encoding="utf-8")


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    typer.run(main)
