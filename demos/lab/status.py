"""Which models are trained, which are on their way, and how well each does its own task; loads none of them."""

from dataclasses import asdict, dataclass
from typing import Any

from safetensors import safe_open

from demos.lab.prepare import read_progress
from demos.lab.zoo import Zoo


@dataclass(frozen=True)
class Status:
    """A row of `python -m demos models`. `state`: ready, training, waiting, missing or failed."""

    key: str
    base: str | None
    task: str
    state: str
    path: str | None = None
    score: float | None = None
    chance: float | None = None
    tensors_loaded: int | None = None
    tensors_new: int | None = None
    metric: str | None = None
    seconds: float | None = None
    progress: str | None = None


def status(zoo: Zoo) -> list[Status]:
    """Every row of the table with its state; reads receipts and the progress file only."""
    progress = read_progress(zoo)
    rows = []
    for row in zoo.rows.values():
        about: dict[str, Any] = {"key": row.key, "base": row.base, "task": row.task}
        if facts := _facts(zoo, row.key):
            rows.append(Status(**about, state="ready", path=str(zoo.path(row.key)), **facts))
        elif row.base is None and zoo.is_ready(row.key):
            rows.append(Status(**about, state="ready", path=str(zoo.base), tensors_loaded=_count(zoo), tensors_new=0))
        elif progress and row.key in progress.failed:
            rows.append(Status(**about, state="failed", progress=progress.failed[row.key]))
        elif progress and progress.running:
            now = progress.key == row.key
            rows.append(Status(**about, state="training" if now else "waiting", progress=str(progress) if now else None))
        else:
            rows.append(Status(**about, state="missing"))
    return rows


def status_rows(zoo: Zoo) -> list[dict]:
    """`status()` as plain dicts."""
    return [asdict(row) for row in status(zoo)]


def _facts(zoo: Zoo, key: str) -> dict | None:
    """What is shown of a row's receipt; None if it is not trained or cannot be read."""
    try:
        record = zoo.training_record(key)
        return {name: record[name] for name in ("score", "chance", "tensors_loaded", "tensors_new", "metric", "seconds")}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _count(zoo: Zoo) -> int:
    with safe_open(zoo.base / "model.safetensors", "np") as weights:
        # position_ids is a saved constant, not a weight; transformers does not load it.
        return sum(not name.endswith("position_ids") for name in weights.keys())  # noqa: SIM118
