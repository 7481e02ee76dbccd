"""Trains the models that are missing, one process at a time, and tells how far it is.

The app runs this in a background process (`python -m demos prepare`), so that the chat stays responsive; progress goes
through a small file in the cache folder, which the page, the terminal and the API all read.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import filelock

from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.evidence import DemoError
from demos.lab.settings import LabSettings
from demos.lab.zoo import RECEIPT, Zoo, receipt_with_files, write_json


@dataclass(frozen=True)
class Progress:
    """Model number `number` of `total` is at `step` of `steps`."""

    key: str
    number: int
    total: int
    step: int
    steps: int
    loss: float | None = None
    failed: dict[str, str] = field(default_factory=dict)
    running: bool = True

    def __str__(self) -> str:
        name = CHECKPOINTS[self.key].name if self.key in CHECKPOINTS else self.key
        return f"model {self.number} of {self.total} ({name}), step {self.step} of {self.steps}"


def prepare(zoo: Zoo, report: Callable[[Progress], None] = lambda progress: None) -> dict[str, str]:
    """Train every missing model; waits if another process is training. Returns the failures: key -> one sentence.

    Raises DemoError if the cache folder cannot be written or the time limit is reached.
    """
    deadline = time.monotonic() + 60 * LabSettings().training_minutes
    failed: dict[str, str] = {}
    with zoo.training_lock():
        zoo.sweep()
        todo = zoo.missing()
        for number, key in enumerate(todo, start=1):
            def tell(step: int, of: int, loss: float | None, key: str = key, number: int = number) -> None:
                _tell(zoo, report, deadline, Progress(key, number, len(todo), step, of, loss, dict(failed)))

            try:
                _train(zoo, key, tell)
            except DemoError as error:
                if zoo.experiments is None:  # the time limit, or a cache folder that cannot be written
                    raise
                failed[key] = str(error)  # one model that the Hub does not have, or that is refused, among others
            except Exception as error:  # one model that fails must not keep the others from being trained
                failed[key] = f"Training failed: {error}"
        if failed:
            write_json(_file(zoo), asdict(Progress("", len(todo), len(todo), 0, 0, None, failed, running=False)))
        else:
            _file(zoo).unlink(missing_ok=True)
    return failed


def read_progress(zoo: Zoo) -> Progress | None:
    """Where training stands; None if nothing runs and nothing failed."""
    try:
        progress = Progress(**json.loads(_file(zoo).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    if progress.running and not is_training(zoo):
        return None  # the process that wrote it has died
    return progress


def is_training(zoo: Zoo) -> bool:
    """Whether some process holds the training lock."""
    try:
        with zoo.training_lock().acquire(timeout=0):
            return False
    except filelock.Timeout:
        return True
    except DemoError:
        return False


def warm_up(zoo: Zoo, interval: float = 5.0) -> None:
    """Load every model as soon as it is trained, and what most experiments compare with, so that the first reader need not wait."""
    from demos.lab.baseline import others_vectors
    from demos.lab.static import word2vec

    todo = list(zoo.rows)
    while todo:
        for key in [key for key in todo if zoo.is_ready(key)]:
            todo.remove(key)
            with contextlib.suppress(DemoError):  # said to the reader who asks for it
                zoo.load(key)
                others_vectors(zoo, key, 0)
        time.sleep(interval if todo else 0)
    word2vec(zoo.cache / "static")


class Background:
    """Runs `python -m demos prepare` as a child with low priority; starting twice is harmless.

    After two children that failed no third is started: the reason (a full disk, say) will not have gone by itself.
    """

    def __init__(self, zoo: Zoo) -> None:
        self.zoo, self.failures = zoo, 0
        self._process: subprocess.Popen | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the child unless it runs, or nothing is missing."""
        with self._lock:
            if self._process and self._process.poll() is None:
                return
            self.failures += bool(self._process and self._process.returncode)
            self._process = None
            if self.failures > 1 or not self.zoo.missing():
                return
            environment = {**os.environ, "EXPLAINER_CACHE_DIR": str(self.zoo.cache)}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "demos", "prepare", "--low-priority"], cwd=Path(__file__).parents[2],
                env=environment, stdin=subprocess.DEVNULL)

    def wait(self) -> None:
        """Block until the child has ended."""
        if self._process:
            self._process.wait()

    def stop(self) -> None:
        """End the child; a half-trained model leaves nothing behind."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=10)


def keep_ready(zoo: Zoo, train: bool = True) -> Background:
    """Train what is missing, now and whenever a model turns out to be damaged, and load what is there; all in the background."""
    background = Background(zoo)
    if train:
        zoo.on_missing = background.start
    zoo.on_missing()
    threading.Thread(target=warm_up, args=[zoo], daemon=True).start()
    return background


def _train(zoo: Zoo, key: str, report: Callable[[int, int, float | None], None]) -> None:
    from demos.lab.hub_zoo import HubZoo
    from demos.lab.pretrained_vectors import GLOVE, fetch_vectors

    if isinstance(zoo, HubZoo):
        report(0, 1, None)
        zoo.fetch(key)
        if key == "base":
            with contextlib.suppress(DemoError):  # an extra, which static_or_contextual does without
                fetch_vectors(GLOVE)
        report(1, 1, None)
        return
    import torch
    from safetensors.torch import save_file

    from demos.lab import heads
    from demos.lab.schemes import SCHEMES
    from demos.lab.tasks import load_task
    from demos.lab.tune import Step, Tuned, finetune

    row = zoo.row(key)
    task = load_task(row.data or "")
    report(0, zoo.recipe.steps, None)
    scheme = SCHEMES["frozen" if row.frozen else "full"]
    for result in finetune(zoo.base, task, zoo.recipe, scheme=scheme, seed=row.seed):
        if isinstance(result, Step):
            report(result.step, result.steps, result.loss)
    assert isinstance(result, Tuned)  # what training yields last
    predicted = heads.predict(result.model, result.tokenizer, result.head, task.test, task)
    metric, score = heads.score(predicted, task.test, task)
    with zoo.writing(key) as folder:
        with torch.inference_mode():
            result.model.save_pretrained(folder)
        result.tokenizer.save_pretrained(folder)
        save_file({name: tensor.contiguous() for name, tensor in result.head.state_dict().items()}, folder / "head.safetensors")
        facts = {
            "key": key, "base": row.base, "task": row.task, "data": row.data, "seed": row.seed, "frozen": row.frozen,
            "metric": metric, "score": round(score, 4), "chance": round(heads.chance(task), 4),
            "train_examples": len(task.train), "test_examples": len(task.test), "labels": list(task.labels),
            "tensors_loaded": result.tensors_loaded, "tensors_new": len(result.head.state_dict()),
            "trainable": result.trainable, "seconds": round(result.seconds, 1), "recipe": asdict(zoo.recipe),
        }
        write_json(folder / RECEIPT, receipt_with_files(folder, facts))


def _tell(zoo: Zoo, report: Callable[[Progress], None], deadline: float, progress: Progress) -> None:
    if time.monotonic() > deadline:
        raise DemoError(f"Training was stopped at {progress}: it took longer than EXPLAINER_TRAINING_MINUTES allows. "
                        "What is finished is kept; start again to go on.")
    if progress.step % 5 == 0 or progress.step == progress.steps:
        write_json(_file(zoo), asdict(progress))
        report(progress)


def _file(zoo: Zoo) -> Path:
    return zoo.folder / "progress.json"

