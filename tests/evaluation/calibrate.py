"""Fits the confidence that decides between answering, answering with a doubt, and declining.

    python -m tests.evaluation.calibrate [--write] [--questions DIR]

A logistic regression (scikit-learn) on the signals of the best hit, over the development questions; the decision takes the
surest of the first three hits, as the tutor does. With `--write` the weights, the thresholds and the date go to
knowledge/confidence.json. DIR may hold more questions in the form of in_scope.jsonl and out_of_scope.jsonl; they are used
for fitting and never kept. The unseen questions take no part. Questions that are much like a line of outside.txt are left
out of the measurement, since the scope has learned those.
"""

import datetime
import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.question import read
from knowledge import Hit, Index, SentenceEmbedder, read_articles
from knowledge.confidence import FILE
from knowledge.settings import KnowledgeSettings
from tests.evaluation.questions import FILES, lines

SIGNALS = ("learned", "asked", "text", "lexical", "late", "known", "scope", "nearer", "foreign", "own")
# Of the questions in scope, this share may be declined by mistake, and this share answered with a stated doubt or declined.
DECLINED, DOUBTED = 0.02, 0.05
TOO_LIKE = 0.9  # cosine


def load(folder: Path | None) -> tuple[list[str], np.ndarray]:
    """Questions and whether each is in scope."""
    rows = [(row["question"], row["kind"] == "in") for row in lines(FILES["dev"])]
    if folder:
        rows += [(row["question"], True) for row in lines(folder / "in_scope.jsonl")]
        rows += [(row["question"], False) for row in lines(folder / "out_of_scope.jsonl")]
    return [question for question, _ in rows], np.array([inside for _, inside in rows])


def first_hits(index: Index, question: str) -> list[Hit]:
    """The hits that decide."""
    return index.search(read(question).queries, 3)


def signals(hits: list[list[Hit]]) -> np.ndarray:
    """(questions, 3, signals)"""
    return np.array([[[getattr(hit, name) for name in SIGNALS] for hit in three] for three in hits])


def held_out(x: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Each question's confidence from a model that was fitted without it, ten-fold."""
    sure = np.zeros(len(x))
    for train, test in StratifiedKFold(10, shuffle=True, random_state=0).split(x, inside):
        sure[test] = surest(_model().fit(x[train, 0], inside[train]), x[test])
    return sure


def surest(model: LogisticRegression, x: np.ndarray) -> np.ndarray:
    """The highest of the first three hits' probabilities."""
    return model.predict_proba(x.reshape(-1, x.shape[-1]))[:, 1].reshape(x.shape[:2]).max(axis=1)


def _model() -> LogisticRegression:
    return LogisticRegression(C=100, max_iter=5000, class_weight="balanced")


def main(write: bool = False, questions: Annotated[Path | None, typer.Option()] = None) -> None:
    """Fit, print what cross-validation expects, and write the file if asked to."""
    index = Index(read_articles(), SentenceEmbedder(), KnowledgeSettings().cache_dir)
    texts, inside = load(questions)
    like = (index.embed(texts) @ index.scope.outside.T).max(axis=1) > TOO_LIKE
    texts, inside = [text for text, leave in zip(texts, like, strict=True) if not leave], inside[~like]
    x = signals([first_hits(index, text) for text in texts])
    sure, cosine = held_out(x, inside), x[:, :, 1].max(axis=1)
    doubt, answer = (round(float(np.quantile(sure[inside], share)), 3) for share in (DECLINED, DOUBTED))
    print(f"{len(texts)} questions, {inside.sum()} in scope; {like.sum()} left out, too like outside.txt. Ten-fold cross-validation.")
    print("threshold  in scope declined  out of scope answered")
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, doubt, answer):
        print(f"{threshold:9.3f}  {np.mean(sure[inside] < threshold):17.1%}  {np.mean(sure[~inside] >= threshold):21.1%}")
    print("A plain threshold on the best cosine, for comparison:")
    for threshold in (0.5, 0.55, 0.6, 0.65):
        print(f"{threshold:9.2f}  {np.mean(cosine[inside] < threshold):17.1%}  {np.mean(cosine[~inside] >= threshold):21.1%}")
    for number in np.argsort(np.where(inside, sure, 1 - sure))[:16]:
        print(f"{sure[number]:.2f} {'in ' if inside[number] else 'out'} {x[number, 0].round(2)} {texts[number][:110]!r}")
    model = _model().fit(x[:, 0], inside)
    weights = dict(zip(SIGNALS, (round(float(w), 3) for w in model.coef_[0]), strict=True))
    fit = {"date": datetime.date.today().isoformat(), "questions": len(texts), "weights": weights,
           "intercept": round(float(model.intercept_[0]), 3), "answer": answer, "doubt": doubt}
    print(json.dumps(fit))
    if write:
        FILE.write_text(json.dumps(fit, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
