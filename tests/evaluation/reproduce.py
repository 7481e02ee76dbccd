"""Does the script on each card print the card's numbers?

    python -m tests.evaluation.reproduce [--only spectrum ...] [--write]

Every experiment with its default parameters, and some with those that lead to another script (CASES), on the models in the cache folder;
then its `reproduce` script, as a reader would run it: in a process of its own, in the project's folder. Numbers must agree to 1e-4, words
exactly. A script prints the measured columns of the table, not those with seconds or lists of words. `--write` adds the table, dated, to
RESULTS.md.
"""

import datetime
import math
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from demos import Evidence, Zoo, find_demos, run_demo
from demos.lab.evidence import DemoError
from demos.lab.tasks import load_task, read_lines
from demos.lab.zoo import default_zoo

HERE = Path(__file__).parent
ROOT, TOLERANCE = HERE.parents[1], 1e-4


class Case(NamedTuple):
    """An experiment, the parameters that a reader chose, and the columns that its script prints (None: all)."""

    demo: str
    parameters: dict[str, Any]
    columns: Sequence[int] | None = None


class Compared(NamedTuple):
    """How many numbers a script printed, and the largest difference from the card's."""

    numbers: int
    largest: float


# Columns that a script prints with the default parameters, where they are not all.
COLUMNS = {"layer_by_layer": (0, 1, 2, 3), "frozen_or_tuned": (0, 1, 2, 4), "domain_words": (0, 1, 2, 3, 4), "nearest_words": range(6),
           "static_or_contextual": (0, 1, 3, 4), "input_embeddings": range(8)}
LINES = "\n".join(f"{example.label}\t{example.text}" for example in load_task("tweets").test[:40])  # as a reader would give them
USES = "\n".join(f'"{row["text"]}",{row["word"]},{row["sense"]}' for row in read_lines("senses") if row["word"] == "spring")
CASES = {
    "word_drift, own sentences": Case("word_drift", {"word": "spring", "sentences": ["Spring came late.", "The spring broke."]}),
    "frozen_or_tuned, task": Case("frozen_or_tuned", {"task": "sentiment"}),
    "frozen_or_tuned, own lines": Case("frozen_or_tuned", {"lines": LINES}),
    "live_tuning, own lines": Case("live_tuning", {"lines": LINES, "scheme": "top_half", "steps": 10}),
    "sense_separation, own sentences": Case("sense_separation", {"examples": USES}),
    "static_tuned, other task": Case("static_tuned", {"task": "tweets", "seed": 5}),
}


def cases(only: Sequence[str] | None = None) -> dict[str, Case]:
    """Every case by its name, or those that are named: `spectrum`, `frozen_or_tuned, task`. Raises DemoError for an unknown name."""
    every = {name: Case(name, {}, COLUMNS.get(name)) for name in find_demos()} | CASES
    if unknown := [name for name in only or () if name not in every]:
        raise DemoError(f"There is no case “{unknown[0]}”; there are {'; '.join(every)}.")
    return {name: every[name] for name in only or every}


def run_script(code: str) -> list[list[str]]:
    """The lines that a script prints, cut at tabs. Raises DemoError, with the last line of the error, if it fails."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"The script failed: {(done.stderr.strip().splitlines() or ['no reason was given'])[-1]}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def compare(evidence: Evidence, printed: Sequence[Sequence[str]], columns: Iterable[int] | None = None) -> Compared:
    """Hold what was printed against these columns of the table, or all. Raises DemoError for another number of rows or cells, another
    word, or a word in a number's place."""
    demo, kept = evidence.demo, list(range(len(evidence.table.columns)) if columns is None else columns)
    rows = [row for row in evidence.table.rows if demo != "static_or_contextual" or row[1] != "-"]  # tables are not printed
    if len(printed) != len(rows):
        raise DemoError(f"The script of {demo} prints {len(printed)} rows; the card has {len(rows)}.")
    numbers, largest = 0, 0.0
    for line, row in zip(printed, rows, strict=True):
        if len(line) != len(kept):
            raise DemoError(f"The script of {demo} prints {len(line)} cells a row; the card has {len(kept)}.")
        for shown, cell in zip(line, (row[column] for column in kept), strict=True):
            number = None if isinstance(cell, str) else _number(shown)
            if number is None:
                if shown != cell:
                    raise DemoError(f"The script of {demo} prints “{shown[:40]}” where the card has “{str(cell)[:40]}”.")
            else:
                numbers, largest = numbers + 1, max(largest, abs(number - cell))
    return Compared(numbers, largest)


def _number(shown: str) -> float | None:
    """A printed number; None for a word, and for nan, which would agree with everything."""
    try:
        number = float(shown)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def line(name: str, case: Case, zoo: Zoo) -> str:
    """A row of the table for one case."""
    try:
        evidence = run_demo(case.demo, zoo, **case.parameters)
        found = compare(evidence, run_script(evidence.reproduce), case.columns)
    except DemoError as error:
        return f"| {name} | | | no: {error} |"
    return f"| {name} | {found.numbers} | {found.largest:.1e} | {'yes' if found.largest < TOLERANCE else 'no'} |"


def main(only: Annotated[list[str] | None, typer.Option(help="A case, by default an experiment; may be repeated.")] = None,
         write: bool = False) -> None:
    """Print the table."""
    zoo, lines = default_zoo(), []
    for name, case in cases(only).items():
        lines.append(line(name, case, zoo))
        print(lines[-1], flush=True)
    if write:
        options = "".join(f' --only "{name}"' if " " in name else f" --only {name}" for name in only or [])
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(f"\n## {datetime.date.today().isoformat()}: the scripts on the cards\n\n`python -m "
                          f"tests.evaluation.reproduce{options} --write`, each script in a process of its own.\n\n| experiment | numbers | "
                          f"largest difference | within {TOLERANCE:.0e} |\n|---|---|---|---|\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    typer.run(main)
