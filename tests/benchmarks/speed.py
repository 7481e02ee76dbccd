"""How long things take on this machine.

    python -m tests.benchmarks.speed [--answers-only] [--write]

Answer without evidence, to short questions and to long posts, word_drift on words not seen before with all models loaded, and
the training times that the receipts hold. Median and worst of several runs after a warm-up. `--write` adds the table, dated, to
RESULTS.md. Trained models are needed: `python -m demos prepare`; with `--answers-only` none.
"""

import datetime
import os
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from bot import build_tutor
from bot.answer import answer
from demos import run_demo
from demos.lab.checkpoints import CHECKPOINTS
from tests.evaluation.questions import in_scope

HERE = Path(__file__).parent
WORDS = ("mouse", "spring", "crane", "seal", "palm", "match", "bark", "cell", "pitch", "bat")


def timed(runs: Iterable[Callable[[], object]]) -> tuple[float, float]:
    """Median and longest of the runs, in milliseconds."""
    times = []
    for run in runs:
        began = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times), max(times)


def main(write: bool = False, answers_only: bool = False) -> None:
    """Measure and print the table."""
    began = time.perf_counter()
    tutor = build_tutor()
    start = time.perf_counter() - began
    texts = [row["question"] for row in in_scope("unseen") + in_scope("posts")]
    short, long = (sorted(texts, key=lambda text: len(text.split()))[half] for half in (slice(0, 60), slice(-60, None)))
    answer(tutor, "What is LoRA?", evidence=False)
    rows = [(f"answer without evidence, {name} ({len(some[0].split())} to {len(some[-1].split())} words)",
             *timed(lambda q=q: answer(tutor, q, evidence=False) for q in some)) for name, some in (("short", short), ("long", long))]
    seconds: dict[str, float] = {}
    if not answers_only:
        run_demo("word_drift", tutor.zoo)
        rows.append(("word_drift on a new word, all models loaded",
                     *timed(lambda w=w: run_demo("word_drift", tutor.zoo, word=w) for w in WORDS)))
        seconds = {key: tutor.zoo.training_record(key)["seconds"] for key, row in CHECKPOINTS.items() if row.base}
    table = ["| what | median (ms) | longest (ms) |", "|---|---|---|"]
    table += [f"| {name} | {median:.0f} | {longest:.0f} |" for name, median, longest in rows]
    text = ("\n".join(table) + f"\n\nStart of the tutor with the index in the cache: {start:.1f} s.")
    if seconds:
        text += (" Training loops: " + ", ".join(f"{key} {value:.0f} s" for key, value in seconds.items())
                 + f"; together {sum(seconds.values()):.0f} s.")
    print(text)
    if write:
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(f"\n## {datetime.date.today().isoformat()}: speed\n\n`python -m tests.benchmarks.speed --write`, "
                          f"{os.cpu_count()} cores, no GPU.\n\n{text}\n")


if __name__ == "__main__":
    typer.run(main)
