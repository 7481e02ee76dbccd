"""How much memory the running app takes, with every model loaded and a long experiment.

    python -m tests.benchmarks.memory [--write]

Starts the app as a process of its own, asks, measures a word in every model, tunes once, runs the freezing spectrum, and prints the
peak after each (resident memory of the process and its children, looked at ten times a second). `--write` adds the table, dated, to
RESULTS.md. Trained models are needed: `python -m demos prepare`.
"""

import datetime
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import psutil
import typer
from gradio_client import Client

HERE = Path(__file__).parent
STEPS = (
    ("answer, no experiment", "/ask", {"question": "Is BERT a fine-tuning model?", "evidence": False}),
    ("word_drift, every model loaded", "/experiment", {"name": "word_drift", "word": "spring"}),
    ("live_tuning, 60 steps", "/experiment", {"name": "live_tuning", "parameters": {"steps": 60}}),
    ("spectrum, seven ways to tune", "/experiment", {"name": "spectrum"}),
)


class Watch:
    """The highest resident memory of a process and its children, in MB."""

    def __init__(self, process: psutil.Process) -> None:
        self.process, self.peak, self.ended = process, 0.0, threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self.ended.wait(0.1):
            try:
                family = [self.process, *self.process.children(recursive=True)]
                self.peak = max(self.peak, sum(each.memory_info().rss for each in family) / 1e6)
            except psutil.NoSuchProcess:
                return


def main(write: bool = False) -> None:
    """Measure and print the table."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], cwd=HERE.parents[1], stdout=subprocess.DEVNULL)
    watch = Watch(psutil.Process(app.pid))
    try:
        began = time.perf_counter()
        _answers(f"http://127.0.0.1:{port}/healthz")
        rows = [("start, until it answers", watch.peak, time.perf_counter() - began)]
        client = Client(f"http://127.0.0.1:{port}", verbose=False)
        for name, endpoint, arguments in STEPS:
            began = time.perf_counter()
            client.predict(api_name=endpoint, **arguments)
            rows.append((name, watch.peak, time.perf_counter() - began))
    finally:
        watch.ended.set()
        app.terminate()
    table = ["| after | peak so far (MB) | took (s) |", "|---|---|---|"]
    table += [f"| {name} | {peak:,.0f} | {seconds:.1f} |" for name, peak, seconds in rows]
    text = "\n".join(table)
    print(text)
    if write:
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(f"\n## {datetime.date.today().isoformat()}: memory of the app\n\n`python -m tests.benchmarks.memory --write`, "
                          f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end, no GPU.\n\n{text}\n")


def _answers(address: str, seconds: int = 600) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=5)
            return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(f"the app did not answer within {seconds} s")


if __name__ == "__main__":
    typer.run(main)
