"""The articles on the command line.

    python -m knowledge check [DIR ...]      what is wrong in the articles, with file and line
    python -m knowledge search "QUESTION"    which sections would answer, and how sure the search is
"""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from knowledge.article import ArticleError
from knowledge.library import ARTICLES, article_files, read_articles, read_file, read_sources
from knowledge.settings import KnowledgeSettings

app = typer.Typer(help="The knowledge base.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.command()
def check(folders: Annotated[list[Path] | None, typer.Argument(help="Folders of articles; the bundled ones by default.")] = None) -> None:
    """Check every article; exit status 1 if one has a fault."""
    sources, faults, count = read_sources(), 0, 0
    for path in article_files(folders or [ARTICLES]):
        count += 1
        try:
            read_file(path, sources)
        except ArticleError as error:
            faults += 1
            print(f"{path}:{error.line}: {error.what}")
    try:
        read_articles(folders or [ARTICLES])
    except ArticleError as error:
        if "is taken by" in error.what:
            faults += 1
            print(f"{error.path}:{error.line}: {error.what}")
    print(f"{count} articles, {faults} with a fault.")
    raise typer.Exit(1 if faults else 0)


@app.command()
def search(question: str, limit: int = 5) -> None:
    """Show the sections that would answer a question."""
    from knowledge.embedder import SentenceEmbedder
    from knowledge.index import Index

    settings = KnowledgeSettings()
    index = Index(read_articles((ARTICLES, *settings.knowledge_dirs)), SentenceEmbedder(), settings.cache_dir)
    table = Table("confidence", "score", "asked", "text", "lexical", "article", "section")
    for hit in index.search([question], limit):
        numbers = (hit.confidence, hit.score, hit.asked, hit.text, hit.lexical)
        table.add_row(*(f"{number:.2f}" for number in numbers), hit.article.slug, hit.section.heading)
    Console().print(table)


if __name__ == "__main__":
    try:
        app()
    except ArticleError as error:
        sys.exit(f"knowledge: {error}")
