"""The table of models: one row each. Adding a model is adding a row."""

from dataclasses import dataclass

from demos.lab.evidence import DemoError


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
CHECKPOINTS = {row.key: row for row in (
    Checkpoint("base", "base", None, base=None),
    Checkpoint("sentiment", "sentiment", "sentiment"),
    Checkpoint("qa", "question answering", "qa"),
    Checkpoint("cookbook", "cookbook", "cookbook"),
    Checkpoint("company", "company reviews", "company"),
    Checkpoint("tweets", "tweets", "tweets"),
    Checkpoint("sentiment_seed2", "sentiment, other seed", "sentiment", seed=2),  # control: same task, other luck
    Checkpoint("sentiment_frozen", "sentiment, frozen", "sentiment", frozen=True),  # control: must not move at all
)}


def row_of(key: str) -> Checkpoint:
    """The row of a key. Raises DemoError for an unknown one."""
    if key not in CHECKPOINTS:
        raise DemoError(f"There is no model “{key[:40]}”; the models are {', '.join(CHECKPOINTS)}.")
    return CHECKPOINTS[key]
