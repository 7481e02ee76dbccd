"""Does the script on each card print the card's numbers?

    python -m tests.evaluation.reproduce [--only spectrum ...] [--write]

Every experiment with its default parameters, on the models in the cache folder; then its `reproduce` script, as a reader would run it:
in a process of its own, in the project's folder. Numbers must agree to 1e-4, words exactly. A script prints the measured columns of the
table, not those with seconds or lists of words. `--write` adds the table, dated, to RESULTS.md.
"""

import datetime
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from demos import Evidence, Zoo, find_demos, run_demo
from demos.lab.evidence import DemoError
from demos.lab.zoo import default_zoo

HERE = Path(__file__).parent
ROOT, TOLERANCE = HERE.parents[1], 1e-4
# Columns that a script prints, where they are not all.
COLUMNS = {"layer_by_layer": (0, 1, 2, 3), "frozen_or_tuned": (0, 1, 2, 4), "domain_words": (0, 1, 2, 3, 4), "nearest_words": range(6),
           "static_or_contextual": (0, 1, 3, 4)}


class Compared(NamedTuple):
    """How many numbers a script printed, and the largest difference from the card's."""

    numbers: int
    largest: float


def run_script(code: str) -> list[list[str]]:
    """The lines that a script prints, cut at tabs. Raises DemoError, with the last line of the error, if it fails."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"The script failed: {(done.stderr.strip().splitlines() or ['no reason was given'])[-1]}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def compare(evidence: Evidence, printed: Sequence[Sequence[str]]) -> Compared:
    """Hold what was printed against the table. Raises DemoError for another number of rows, or another word."""
    columns = COLUMNS.get(evidence.demo, range(len(evidence.table.columns)))
    rows = [row for row in evidence.table.rows if evidence.demo != "static_or_contextual" or row[1] != "-"]  # tables are not printed
    if len(printed) != len(rows):
        raise DemoError(f"The script of {evidence.demo} prints {len(printed)} rows; the card has {len(rows)}.")
    numbers, largest = 0, 0.0
    for line, row in zip(printed, rows, strict=True):
        for shown, cell in zip(line, (row[column] for column in columns), strict=True):
            if isinstance(cell, str):
                if shown != cell:
                    raise DemoError(f"The script of {evidence.demo} prints “{shown[:40]}” where the card has “{cell[:40]}”.")
            else:
                numbers, largest = numbers + 1, max(largest, abs(float(shown) - cell))
    return Compared(numbers, largest)


def line(name: str, zoo: Zoo) -> str:
    """A row of the table for one experiment."""
    try:
        evidence = run_demo(name, zoo)
        found = compare(evidence, run_script(evidence.reproduce))
    except DemoError as error:
        return f"| {name} | | | no: {error} |"
    return f"| {name} | {found.numbers} | {found.largest:.1e} | {'yes' if found.largest < TOLERANCE else 'no'} |"


def main(only: Annotated[list[str] | None, typer.Option(help="An experiment; may be repeated.")] = None, write: bool = False) -> None:
    """Print the table."""
    zoo, lines = default_zoo(), []
    for name in only or find_demos():
        lines.append(line(name, zoo))
        print(lines[-1], flush=True)
    if write:
        options = "".join(f" --only {name}" for name in only or [])
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(f"\n## {datetime.date.today().isoformat()}: the scripts on the cards\n\n`python -m "
                          f"tests.evaluation.reproduce{options} --write`, each script in a process of its own.\n\n| experiment | numbers | "
                          f"largest difference | within {TOLERANCE:.0e} |\n|---|---|---|---|\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    typer.run(main)
