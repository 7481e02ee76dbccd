"""How long each experiment takes on this machine: to something to look at, and in all.

    python -m tests.benchmarks.experiments [--only spectrum ...] [--write]

Every experiment once, with its default parameters, all models loaded; frozen_or_tuned also with a task, word_drift also on words not
seen before. The first partial result is the first figure; an experiment that reports no progress shows its whole result at once.
Seconds of the clock, and in brackets of the processor, all threads together. What is promised is held against the smaller of the two:
other work on the machine slows the clock, and two threads at work count twice for the processor. `--write` adds the table, dated, to
RESULTS.md. Trained models are needed: `python -m demos prepare`.
"""

import datetime
import os
import statistics
import time
from pathlib import Path
from typing import Annotated, NamedTuple

import torch
import typer

from demos import Evidence, Zoo, find_demos, follow_demo
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.zoo import default_zoo

HERE = Path(__file__).parent
WORDS = ("mouse", "spring", "crane", "seal", "palm", "match", "bark", "cell", "pitch")
FIRST, WHOLE, AT_ONCE = 3.0, 10.0, 0.5  # seconds that are promised: to a first partial result, or for all of it; word_drift


class Time(NamedTuple):
    """Seconds of the clock and of the processor."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:.1f} ({self.processor:.1f})"

    def within(self, seconds: float) -> bool:
        """Whether two undisturbed cores need no longer: either measure is an upper bound."""
        return min(self) < seconds


def measure(zoo: Zoo, name: str, **parameters: str) -> tuple[Time | None, Time]:
    """Time to the first figure in mid-run (None: there was none), and in all."""
    began = Time(time.perf_counter(), time.process_time())
    first = None
    for item in follow_demo(name, zoo, **parameters):
        now = Time(time.perf_counter() - began.clock, time.process_time() - began.processor)
        if first is None and item.figure and not isinstance(item, Evidence):
            first = now
    return first, now


def row(name: str, first: Time | None, whole: Time) -> str:
    """A line of the table."""
    promised = whole.within(WHOLE) or (first is not None and first.within(FIRST))
    return f"| {name} | {first or 'with the whole'} | {whole} | {'yes' if promised else 'no'} |"


def main(only: Annotated[list[str] | None, typer.Option(help="An experiment; may be repeated.")] = None, write: bool = False) -> None:
    """Measure and print the table."""
    zoo, lines = default_zoo(), []
    for key in CHECKPOINTS:
        zoo.load(key)
    plan: list[tuple[str, dict[str, str]]] = [(name, {}) for name in find_demos() if not only or name in only]
    plan += [("frozen_or_tuned", {"task": "sentiment"})] * (not only or "frozen_or_tuned" in only)
    for name, parameters in plan:
        first, whole = measure(zoo, name, **parameters)
        title = name + "".join(f", {key} {value}" for key, value in parameters.items())
        lines.append(row(title, first, whole))
        print(lines[-1], flush=True)
    if not only or "word_drift" in only:
        times = [measure(zoo, "word_drift", word=word)[1] for word in WORDS]
        middle = Time(*(statistics.median(values) for values in zip(*times, strict=True)))
        lines.append(f"| word_drift, new word (median of {len(WORDS)}) | with the whole | {middle.clock:.2f} ({middle.processor:.2f}) | "
                     f"{'yes' if middle.within(AT_ONCE) else 'no'} |")
        print(lines[-1], flush=True)
    if write:
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        options = "".join(f" --only {name}" for name in only or [])
        threads = torch.get_num_threads()
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(
                f"\n## {datetime.date.today().isoformat()}: experiments\n\n`python -m tests.benchmarks.experiments{options} --write`, "
                f"{os.cpu_count()} cores, {threads} thread{'s' * (threads > 1)}, no GPU; load at the end {load} (1, 5 and 15 "
                "minutes; above the number of cores, other work slowed the clock). Seconds of the clock, in brackets of the processor. "
                f"Promised: a first partial result within {FIRST:.0f} s or all within {WHOLE:.0f} s; word_drift on a new word within "
                f"{AT_ONCE} s; held against the smaller of the two.\n\n"
                "| experiment | first partial result (s) | in all (s) | as promised |\n|---|---|---|---|\n"
                + "\n".join(lines) + "\n")


if __name__ == "__main__":
    typer.run(main)
