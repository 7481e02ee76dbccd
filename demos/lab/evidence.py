"""What an experiment returns, and how it refuses.

`caveat` and `baseline` have no default: evidence that does not say what it fails to show, or has nothing to be compared
with, cannot be made.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime


class DemoError(Exception):
    """One sentence for the reader: what happened, what was expected, what to do."""


class NotReady(DemoError):
    """A model that the experiment needs is still being trained, or has not been trained yet."""


@dataclass(frozen=True)
class Table:
    """Rows of numbers and words; a column's name carries its unit."""

    columns: tuple[str, ...]
    rows: tuple[tuple, ...]


@dataclass(frozen=True)
class Figure:
    """An inline SVG, and the same in words for those who cannot see it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Receipt:
    """Which model was used: tensors found in its file and newly made, and how well it does its own task.

    `score` and `chance` are on held-out bundled examples, in the unit that `metric` names; None for a model without a task.
    """

    key: str
    base: str | None
    task: str
    tensors_loaded: int
    tensors_new: int
    metric: str | None = None
    score: float | None = None
    chance: float | None = None


@dataclass(frozen=True)
class Finding:
    """What a paper found, and whether this run shows the same pattern (None: cannot tell)."""

    source_key: str
    says: str
    holds: bool | None
    because: str


@dataclass(frozen=True)
class Progress:
    """What a longer experiment has so far: what it is doing, the share that is done (0 to 1), and the figure of that share."""

    doing: str
    done: float
    figure: Figure | None = None


@dataclass(frozen=True)
class Evidence:
    """The result of one experiment that ran just now."""

    demo: str
    claim: str
    caveat: str
    baseline: str
    table: Table
    figure: Figure
    receipts: tuple[Receipt, ...]
    findings: tuple[Finding, ...]
    reproduce: str
    parameters: dict = field(default_factory=dict)
    controls: Table | None = None
    seed: int = 0
    seconds: float = 0.0
    when: str = ""  # UTC, ISO 8601: when it ended

    def to_dict(self) -> dict:
        """Plain lists, dicts and numbers, ready for JSON."""
        plain = asdict(self)
        for name in ("table", "controls"):
            table = getattr(self, name)
            plain[name] = table and {"columns": list(table.columns), "rows": [list(row) for row in table.rows]}
        return {**plain, "receipts": list(plain["receipts"]), "findings": list(plain["findings"])}

    def timed(self, seconds: float) -> "Evidence":
        """The same evidence with the time it took, in seconds, and the time of day."""
        return replace(self, seconds=round(seconds, 3), when=datetime.now(UTC).isoformat(timespec="seconds"))
