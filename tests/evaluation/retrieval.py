"""How well the search finds the section that answers, and declines what none answers.

    python -m tests.evaluation.retrieval [--marked FILE] [--write]

Over the development questions, the posts, the unseen ones and those of FILE (as for rank.py): hit@1 and hit@3 of an accepted
section, and of an accepted article, for the product's search, for dense search alone (cosine to section texts), for BM25
alone, and, where langchain-core is installed (requirements.txt here), for LangChain's vector store retriever over the same
sections with the same encoder. Then what an answer shows of it: whether its first section is an accepted one, whether any is,
and the share of its sections that are of an accepted article. Then the shares of wrong decisions to answer or to decline.
`--write` adds the tables, dated, to RESULTS.md.
"""

import datetime
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from bot.compose import compose
from bot.question import read
from knowledge import Index, SentenceEmbedder, read_articles
from knowledge.confidence import fitted
from knowledge.settings import KnowledgeSettings
from tests.evaluation.questions import FILES, HERE, accepted, in_scope, lines, out_of_scope

Ranked = list[tuple[str, str]]  # (slug, heading), best first
Search = Callable[[str], Ranked]
SETS = ("dev", "posts", "posts kept out", "unseen")


def hybrid(index: Index) -> Search:
    """The product's search."""
    return lambda question: [(hit.article.slug, hit.section.heading) for hit in index.search(read(question).queries, 5)]


def dense(index: Index) -> Search:
    """Cosine of the whole question to each section's text."""
    texts = index.embed([f"{section.heading} {section.plain}" for section, _ in index.sections])
    return lambda question: _top(index, texts @ index.embed([question])[0])


def lexical(index: Index) -> Search:
    """BM25 of the whole question over each section's text and ways of asking."""
    return lambda question: _top(index, index.lexical_scores(question)[0])


def langchain(index: Index) -> Search:
    """LangChain's plain retriever: one document a section, the same encoder, cosine."""
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    class Encoder(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return index.embed(texts).tolist()

        def embed_query(self, text: str) -> list[float]:
            return index.embed([text])[0].tolist()

    documents = [Document(page_content=f"{section.heading}\n\n{section.plain}", metadata={"slug": article.slug, "heading": section.heading})
                 for section, article in index.sections]
    retriever = InMemoryVectorStore.from_documents(documents, Encoder()).as_retriever(search_kwargs={"k": 5})
    return lambda question: [(found.metadata["slug"], found.metadata["heading"]) for found in retriever.invoke(question)]


def measure(rank: Search, rows: list[dict], index: Index) -> dict[str, float]:
    """Shares of questions with an accepted section, and article, first and among the first three."""
    found = {"section@1": 0, "section@3": 0, "article@1": 0, "article@3": 0}
    for row in rows:
        right = accepted(row, index.articles)
        ranked = rank(row["question"])
        articles = {slug for slug, _ in right}
        for kind, hits in (("section", [place in right for place in ranked]), ("article", [slug in articles for slug, _ in ranked])):
            found[f"{kind}@1"] += any(hits[:1])
            found[f"{kind}@3"] += any(hits[:3])
    return {kind: count / len(rows) for kind, count in found.items()}


def shown(index: Index, rows: list[dict]) -> dict[str, float]:
    """What answers show: see above; and how many sections."""
    found = []
    for row in rows:
        question, right = read(row["question"]), accepted(row, index.articles)
        composed = compose(index, question, index.search(question.queries, 60))
        sections = [(article.slug, section.heading) for section, article in composed.sections]
        articles = {slug for slug, _ in right}
        found.append((sections[0] in right, any(pair in right for pair in sections),
                      float(np.mean([slug in articles for slug, _ in sections])), len(sections)))
    first, some, near, number = np.mean(np.array(found, dtype=float), axis=0).tolist()
    return {"first": first, "any": some, "of an accepted article": near, "sections": number}


def declined(index: Index, rows: list[dict]) -> np.ndarray:
    """Whether each question would be declined."""
    return np.array([max(hit.confidence for hit in index.search(read(row["question"]).queries, 3)) < fitted()["doubt"] for row in rows])


def _top(index: Index, scores: np.ndarray) -> Ranked:
    return [(index.sections[n][1].slug, index.sections[n][0].heading) for n in np.argsort(-scores)[:5]]


def main(write: bool = False,
         marked: Annotated[Path | None, typer.Option(help="More questions with accepted sections.")] = None) -> None:
    """Print the tables."""
    index = Index(read_articles(), SentenceEmbedder(), KnowledgeSettings().cache_dir)
    searches = [("this project", hybrid(index)), ("dense alone", dense(index)), ("BM25 alone", lexical(index))]
    if find_spec("langchain_core"):
        searches.append(("LangChain's vector store retriever", langchain(index)))
    table_rows = ["| questions | search | section@1 | section@3 | article@1 | article@3 |", "|---|---|---|---|---|---|"]
    sets = {name: in_scope(name) for name in SETS} | ({"others": lines(marked)} if marked else {})
    for name, rows in sets.items():
        for label, rank in searches:
            found = measure(rank, rows, index)
            table_rows.append(f"| {name}, {len(rows)} | {label} | " + " | ".join(f"{value:.1%}" for value in found.values()) + " |")
    table_rows += ["", "| questions | accepted section shown first | shown at all | sections of an accepted article | sections |",
                   "|---|---|---|---|---|"]
    for name, rows in sets.items():
        first, some, near, number = shown(index, rows).values()
        table_rows.append(f"| {name}, {len(rows)} | {first:.1%} | {some:.1%} | {near:.1%} | {number:.1f} |")
    table_rows += ["", "| questions | in scope, declined | out of scope, answered |", "|---|---|---|"]
    for name in FILES:
        inside, outside = declined(index, in_scope(name)), declined(index, out_of_scope(name))
        table_rows.append(f"| {name} | {inside.sum()} of {len(inside)} | {(~outside).sum()} of {len(outside)} |")
    table = "\n".join(table_rows)
    print(table)
    if write:
        entry = (f"\n## {datetime.date.today().isoformat()}: retrieval\n\n`python -m tests.evaluation.retrieval --write`, "
                 f"{len(index.sections)} sections of {len(index.articles)} articles. The weights and the confidence were fitted on `dev` "
                 f"(so its second table is in-sample); nothing was chosen by `unseen` and `posts kept out`. "
                 f"What no search had found when the marks were made counts as wrong.\n\n{table}\n")
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(entry)


if __name__ == "__main__":
    typer.run(main)
