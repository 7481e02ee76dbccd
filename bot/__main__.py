"""The tutor on the command line.

    python -m bot ask "QUESTION" [--json] [--no-evidence] [--wait]
    python -m bot ask --batch FILE|- [--no-evidence] [--wait]     JSON lines in, JSON lines out
    python -m bot chat                                            a conversation in the terminal
    python -m bot settings                                        every setting, as the table in README
    python -m bot report [--since DAY] [--csv FILE|-]             what students ask, where questions are kept
    python -m bot forget (--all | --id ID | --text TEXT | --before DAY) [--yes]
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import build_tutor, report_cli
from bot.answer import answer
from bot.settings import settings_table
from bot.terminal import say, talk
from demos import DemoError
from demos.lab.prepare import prepare
from knowledge import ArticleError

app = typer.Typer(help="Ask about frozen and fine-tuned models.", no_args_is_help=True, pretty_exceptions_enable=False)
app.command()(report_cli.report)
app.command()(report_cli.forget)
NoEvidence = Annotated[bool, typer.Option("--no-evidence", help="Words only; run no experiment.")]
Wait = Annotated[bool, typer.Option("--wait", help="Train missing models first, or wait for the process that does.")]


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument()] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    no_evidence: NoEvidence = False,
    wait: Wait = False,
    batch: Annotated[str | None, typer.Option(help="A file of JSON lines with id, question and history; - for standard input.")] = None,
) -> None:
    """Answer one question, or a batch of them."""
    if (question is None) == (batch is None):
        raise typer.BadParameter("give one question, or --batch FILE")
    requests: list[dict] = list(_requests(batch)) if batch else [{"question": question}]
    tutor = build_tutor()
    if wait and not no_evidence:
        _prepare(tutor.zoo)
    for request in requests:
        if as_json or batch:
            result = answer(tutor, request["question"], request.get("history", ()), not no_evidence, request.get("id"))
            print(json.dumps(result.to_dict(), ensure_ascii=False), flush=True)
        else:
            say(tutor, request["question"], (), not no_evidence, Console())


@app.command()
def chat(no_evidence: NoEvidence = False) -> None:
    """Talk in the terminal; an empty line ends it."""
    tutor = build_tutor()
    if not no_evidence:
        _prepare(tutor.zoo)
    talk(tutor, not no_evidence)


@app.command()
def settings() -> None:
    """Print every setting with its default, as the table in README."""
    print(settings_table())


def _requests(batch: str) -> Iterator[dict]:
    try:
        lines = (sys.stdin.read() if batch == "-" else Path(batch).read_text(encoding="utf-8")).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"bot: {batch} cannot be read: {error}")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            request = json.loads(line)
            history = request.get("history") or []
            if not isinstance(request["question"], str) or not isinstance(history, list) or not all(isinstance(m, str) for m in history):
                raise TypeError
        except (ValueError, KeyError, TypeError):
            sys.exit(f'bot: line {number} of the batch is not of the form {{"id": ..., "question": "...", "history": ["..."]}}')
        yield {**request, "history": history}


def _prepare(zoo) -> None:
    if zoo.missing():
        print("Training the models that are missing; this takes a few minutes once.", file=sys.stderr)
        prepare(zoo, lambda progress: print(f"Training {progress}", file=sys.stderr, flush=True) if progress.step % 20 == 0 else None)


if __name__ == "__main__":
    try:
        app()
    except (DemoError, ArticleError) as error:
        sys.exit(f"bot: {error}")
