"""How well the search finds the section that answers.

    python -m tests.evaluation.retrieval [--write]

Over the hand-marked in-scope questions of questions.jsonl: hit@1 and hit@3 of an accepted section, and of an accepted
article, for the product's search, for dense search alone (cosine to section texts, as a plain retrieval chain does), and
for BM25 alone. `--write` adds the table, dated, to RESULTS.md.
"""

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import typer

from bot.question import read
from knowledge import Index, SentenceEmbedder, read_articles
from knowledge.settings import KnowledgeSettings

HERE = Path(__file__).parent
Ranked = list[tuple[str, str]]  # (slug, heading), best first


def questions() -> list[dict]:
    """The in-scope development questions with their accepted sections."""
    rows = [json.loads(line) for line in (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["kind"] == "in"]


def hybrid(index: Index) -> Callable[[str], Ranked]:
    """The product's search."""
    return lambda question: [(hit.article.slug, hit.section.heading) for hit in index.search(read(question).queries, 5)]


def dense(index: Index) -> Callable[[str], Ranked]:
    """Cosine of the whole question to each section's text."""
    texts = index.embed([f"{section.heading} {section.plain}" for section, _ in index.sections])
    return lambda question: _top(index, texts @ index.embed([question])[0])


def lexical(index: Index) -> Callable[[str], Ranked]:
    """BM25 of the whole question over each section's text and ways of asking."""
    return lambda question: _top(index, index.lexical_scores(question)[0])


def measure(rank: Callable[[str], Ranked]) -> dict[str, float]:
    """Shares of questions with an accepted section, and article, first and among the first three."""
    found = {"section@1": 0, "section@3": 0, "article@1": 0, "article@3": 0}
    rows = questions()
    for row in rows:
        ranked = rank(row["question"])
        accepted = {_key(expected) for expected in row["expect"]}
        places = [(slug, heading) in accepted or ((slug, None) in accepted and _is_lead(slug, heading)) for slug, heading in ranked]
        articles = [slug in {slug for slug, _ in accepted} for slug, _ in ranked]
        for name, hits in (("section", places), ("article", articles)):
            found[f"{name}@1"] += any(hits[:1])
            found[f"{name}@3"] += any(hits[:3])
    return {name: count / len(rows) for name, count in found.items()}


LEADS: dict[str, str] = {}


def _is_lead(slug: str, heading: str) -> bool:
    if not LEADS:
        LEADS.update({article.slug: article.title for article in read_articles()})
    return LEADS[slug] == heading


def _key(expected: str) -> tuple[str, str | None]:
    slug, _, heading = expected.partition("#")
    return slug, heading or None


def _top(index: Index, scores: np.ndarray) -> Ranked:
    return [(index.sections[n][1].slug, index.sections[n][0].heading) for n in np.argsort(-scores)[:5]]


def main(write: bool = False) -> None:
    """Print the table."""
    index = Index(read_articles(), SentenceEmbedder(), KnowledgeSettings().cache_dir)
    lines = ["| search | section@1 | section@3 | article@1 | article@3 |", "|---|---|---|---|---|"]
    for name, rank in (("this project", hybrid(index)), ("dense alone", dense(index)), ("BM25 alone", lexical(index))):
        found = measure(rank)
        lines.append(f"| {name} | " + " | ".join(f"{value:.1%}" for value in found.values()) + " |")
    table = "\n".join(lines)
    print(table)
    if write:
        entry = (f"\n## {datetime.date.today().isoformat()}: retrieval\n\n`python -m tests.evaluation.retrieval --write`, "
                 f"{len(questions())} hand-marked questions, {len(index.sections)} sections.\n\n{table}\n")
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(entry)


if __name__ == "__main__":
    typer.run(main)
