"""Fits the weights that rank the sections.

    python -m tests.evaluation.rank [--marked FILE]

Over the in-scope development questions and posts, and those of FILE (rows with `question` and `expect`, as in posts.jsonl; read
and never kept), a softmax over all sections is fitted to put its mass on an accepted one, with a
small penalty on the weights. Prints what ten-fold cross-validation expects, beside the weights in use, and the fitted
weights on the scale of those in use, to be copied into knowledge/index.py.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy.optimize import minimize

from bot.question import read
from knowledge import Index, SentenceEmbedder, read_articles
from knowledge.index import WEIGHTS
from knowledge.settings import KnowledgeSettings
from tests.evaluation.questions import accepted, in_scope, lines

PENALTY = 0.02
Example = tuple[np.ndarray, np.ndarray]  # signals (sections, weights), whether each section is accepted


def examples(index: Index, rows: list[dict]) -> list[Example]:
    """The signals of all sections for each question."""
    found = []
    for row in rows:
        queries = read(row["question"]).queries
        signals, _ = index.signals(queries[-1], index.embed_question(queries))
        right = accepted(row, index.articles)
        mask = np.array([(article.slug, section.heading) in right for section, article in index.sections])
        found.append((np.stack([signals[name] for name in WEIGHTS], axis=1), mask))
    return found


def fit(rows: list[Example]) -> np.ndarray:
    """The weights."""
    spread = np.concatenate([x for x, _ in rows]).std(axis=0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = PENALTY / 2 * weights @ weights, PENALTY * weights
        for x, mask in rows:
            score = x / spread @ weights
            share = np.exp(score - score.max())
            share /= share.sum()
            right = share * mask
            total -= np.log(right.sum() + 1e-12) / len(rows)
            slope = slope - (right / (right.sum() + 1e-12) - share) @ (x / spread) / len(rows)
        return float(total), slope

    return minimize(loss, np.ones(len(WEIGHTS)), jac=True, method="L-BFGS-B").x / spread


def hits(weights: np.ndarray, rows: list[Example]) -> np.ndarray:
    """Whether an accepted section is first, and among the first three: (questions, 2)."""
    tops = [mask[np.argsort(-(x @ weights))[:3]] for x, mask in rows]
    return np.array([(top[0], top.any()) for top in tops], dtype=float)


def main(marked: Annotated[Path | None, typer.Option(help="More questions with accepted sections.")] = None) -> None:
    """Fit and print."""
    index = Index(read_articles(), SentenceEmbedder(), KnowledgeSettings().cache_dir)
    rows = examples(index, in_scope("dev") + in_scope("posts") + (lines(marked) if marked else []))
    order = np.random.default_rng(0).permutation(len(rows))
    held_out = [hits(fit([rows[i] for i in np.setdiff1d(order, order[k::10])]), [rows[i] for i in order[k::10]]) for k in range(10)]
    fitted, used = fit(rows), np.array(list(WEIGHTS.values()))
    print("section@1, section@3")
    print("weights in use   ", hits(used, rows).mean(axis=0).round(3))
    print("fitted, ten-fold ", np.concatenate(held_out).mean(axis=0).round(3))
    for name in ("posts kept out", "unseen"):
        kept_out = examples(index, in_scope(name))
        print(f"{name}: in use", hits(used, kept_out).mean(axis=0).round(3), "fitted", hits(fitted, kept_out).mean(axis=0).round(3))
    print(dict(zip(WEIGHTS, (fitted * used.sum() / fitted.sum()).round(3).tolist(), strict=True)))


if __name__ == "__main__":
    typer.run(main)
