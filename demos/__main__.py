"""The experiments on the command line.

    python -m demos list | models | prepare | run NAME [--PARAMETER VALUE ...]
"""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from demos.lab.evidence import DemoError, NotReady
from demos.lab.prepare import prepare
from demos.lab.reproduce import LISTS, command, with_command
from demos.lab.status import status_rows
from demos.lab.zoo import default_zoo

app = typer.Typer(help="Experiments on frozen and tuned models.", no_args_is_help=True, pretty_exceptions_enable=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command("list")
def list_demos(as_json: AsJson = False) -> None:
    """Show the experiments and their parameters."""
    from demos import find_demos  # reads every experiment, and with them torch

    rows = [{"name": demo.name, "title": demo.title, "parameters": demo.parameters} for demo in find_demos().values()]
    if as_json:
        print(json.dumps(rows, indent=1))
    else:
        _print_table(["name", "title", "parameters"], [[r["name"], r["title"], ", ".join(r["parameters"])] for r in rows])


@app.command()
def models(as_json: AsJson = False) -> None:
    """Show the models: which are trained, where they are, how well they do their own task."""
    rows = status_rows(default_zoo())
    if as_json:
        print(json.dumps(rows, indent=1))
    else:
        names = ["key", "state", "task", "score", "chance", "metric", "tensors_loaded", "tensors_new", "progress"]
        _print_table(names, [["" if row[name] is None else str(row[name]) for name in names] for row in rows])


@app.command("prepare")
def prepare_models(low_priority: Annotated[bool, typer.Option(hidden=True)] = False) -> None:
    """Train all models that are missing, now."""
    if low_priority and hasattr(os, "nice"):
        os.nice(10)
    failed = prepare(default_zoo(), lambda progress: print(f"Training {progress}", file=sys.stderr, flush=True)
                     if progress.step % 20 == 0 or progress.step == progress.steps else None)
    if failed:
        raise DemoError(" ".join(f"{key}: {reason}" for key, reason in failed.items()))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="An experiment's name, as `list` shows it.")],
    as_json: AsJson = False,
    data: Annotated[Path | None, typer.Option(
        help="A folder of real data: frozen_or_tuned runs on its sst2 and trec, sense_separation on its coarsewsd20.")] = None,
) -> None:
    """Run one experiment; models that it needs are trained first, if they have not been.

    Its parameters, as `list` shows them, follow as --word bank --sentence "..." --sentence "..." --model qa --layer 4; a
    value @FILE is read from that file.
    """
    given, files = _parameters(context.args)
    if data is None:
        _run(name, given, as_json, files)
        return
    from demos.lab.real_data import parameters_from

    for parameters, named in parameters_from(data, name, given):
        _run(name, parameters, as_json, files | named)


def _run(name: str, given: dict, as_json: bool, named: dict) -> None:
    """`named`: what the command line names instead of holding it, for the command on the card."""
    from demos import Evidence, follow_demo

    zoo = default_zoo()

    def last() -> Evidence:
        evidence = None
        for item in follow_demo(name, zoo, **given):
            if isinstance(item, Evidence):
                evidence = item
            else:
                print(f"{item.done:4.0%} {item.doing}", file=sys.stderr, flush=True)
        assert evidence is not None
        return evidence

    try:
        evidence = last()
    except NotReady:
        prepare_models()
        evidence = last()
    if named:
        evidence = replace(evidence, reproduce=with_command(evidence.reproduce, command(name, **{**evidence.parameters, **named})))
    if as_json:
        print(json.dumps(evidence.to_dict()))
        return
    print(f"{evidence.claim}\n\nBaseline. {evidence.baseline}\n\nCaveat. {evidence.caveat}\n")
    _print_table(evidence.table.columns, [[str(cell) for cell in row] for row in evidence.table.rows])
    for finding in evidence.findings:
        seen = {True: "agrees", False: "disagrees", None: "cannot tell"}[finding.holds]
        print(f"{finding.source_key}: {finding.says} Here: {seen}. {finding.because}")
    print(f"\n{evidence.reproduce}")


def _parameters(words: list[str]) -> tuple[dict[str, str | list[str]], dict[str, str]]:
    """--name value pairs as parameters, and @FILE for those that were read from one; the options of lists (--sentence, --model) may be
    repeated."""
    given: dict[str, str | list[str]] = {}
    files: dict[str, str] = {}
    while words:
        option, *words = words
        if not option.startswith("--") or not words:
            raise DemoError(f"“{option}” was not understood; parameters are given as --name value.")
        value, *words = words
        name = option.removeprefix("--").replace("-", "_")
        if value.startswith("@"):
            if name not in LISTS:
                files[name] = value
            try:
                value = Path(value[1:]).read_text(encoding="utf-8")
            except OSError as error:
                raise DemoError(f"The file {value[1:]} cannot be opened ({error.strerror}).") from error
            except UnicodeDecodeError as error:
                raise DemoError(f"The file {value[1:]} is not text (byte {error.start + 1:,}); save it as plain UTF-8 text.") from error
        if name in LISTS:
            given[LISTS[name]] = [*given.get(LISTS[name], []), value]
        else:
            given[name] = value
    return given, files


def _print_table(columns, rows) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def main() -> None:
    """Run the command line; a DemoError becomes one sentence and exit status 1."""
    try:
        app()
    except DemoError as error:
        sys.exit(f"demos: {error}")


if __name__ == "__main__":
    main()
