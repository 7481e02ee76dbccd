"""The table of models: one row each. Adding a model is adding a row.

Which family the table holds is a setting; a run may choose the other one (families.py). Numbers of two bases never meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demos.lab.evidence import DemoError
from demos.lab.hub_models import HubCheckpoint, usable_rows
from demos.lab.settings import LabSettings


@dataclass(frozen=True)
class Checkpoint:
    """One row: which data set it is tuned on, from which base, with which seed."""

    key: str
    name: str  # as readers see it
    data: str | None
    base: str | None = "base"
    frozen: bool = False
    seed: int = 1

    @property
    def task(self) -> str:
        """What the model does, in words."""
        return TASKS[self.data] + (" (encoder frozen, head trained)" if self.frozen else "")


TASKS = {
    None: "none (all-MiniLM-L6-v2, itself already tuned once, for sentence similarity)",
    "sentiment": "sentiment of reviews",
    "qa": "extractive question answering",
    "cookbook": "course of a recipe",
    "company": "verdict of company reviews",
    "tweets": "sentiment of tweets",
}
BUNDLED = {row.key: row for row in (
    Checkpoint("base", "base", None, base=None),
    Checkpoint("sentiment", "sentiment", "sentiment"),
    Checkpoint("qa", "question answering", "qa"),
    Checkpoint("cookbook", "cookbook", "cookbook"),
    Checkpoint("company", "company reviews", "company"),
    Checkpoint("tweets", "tweets", "tweets"),
    Checkpoint("sentiment_seed2", "sentiment, other seed", "sentiment", seed=2),  # control: same task, other luck
    Checkpoint("sentiment_frozen", "sentiment, frozen", "sentiment", frozen=True),  # control: must not move at all
)}
CHECKPOINTS: Mapping[str, Checkpoint | HubCheckpoint] = (
    BUNDLED if LabSettings().models == "bundled" else usable_rows(LabSettings().cache_dir))


def row_of(key: str, rows: Mapping[str, Any] = CHECKPOINTS) -> Any:
    """The row of a key. Raises DemoError for an unknown one."""
    if key not in rows:
        raise DemoError(f"There is no model “{key[:40]}”; the models are {', '.join(rows)}.")
    return rows[key]
