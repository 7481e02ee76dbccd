"""Findings of papers, in miniature: does this project's laboratory show the same patterns?

    python -m tests.evaluation.papers [--only T7 ...] [--write]

Each row is one finding: what the paper says, what was expected here, what came, and whether it agrees. Most rows are what an
experiment of demos/ says of itself; paper_checks.py measures what no experiment covers, on the same models. They are trained first
if they are missing. `--write` adds the table, dated, to RESULTS.md.
"""

import datetime
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from demos import Zoo
from demos.lab.evidence import DemoError
from demos.lab.prepare import prepare
from demos.lab.zoo import default_zoo
from tests.evaluation.paper_checks import CHECKS, Row, run

RESULTS = Path(__file__).parent / "RESULTS.md"
VERDICT = {True: "agrees", False: "disagrees", None: "cannot tell"}


class Shown(NamedTuple):
    """A finding that an experiment reports: found by its source and words of what it says."""

    target: str
    demo: str
    source: str
    words: str
    expected: str


SHOWN = (
    Shown("T0", "spectrum", "hu2021", "LoRA leaves", "no tensor of the base changed, yet vectors move"),
    Shown("T1", "isotropy", "ethayarajh2019", "every layer above the input", "all above 0"),
    Shown("T1", "isotropy", "ethayarajh2019", "most isotropic", "layer 0 lowest"),
    Shown("T2", "isotropy", "ethayarajh2019", "less like itself", "rank correlation at most -0.7"),
    Shown("T4", "pooling", "devlin2019", "embedding layer was the worst", "layer 0 lowest (sentiment instead of entities)"),
    Shown("T4", "pooling", "devlin2019", "beat the last", "second-to-last above last (sentiment instead of entities)"),
    Shown("T5", "pooling", "reimers2019", "far worse than the mean", "[CLS] worse by cosine, not under a classifier"),
    Shown("T6", "word_drift", "merchant2020", "upper layers", "rank correlation of drift with depth at least 0.7"),
    Shown("T6", "layer_by_layer", "merchant2020", "depends on the task", "one task reaches 1.5 times as deep as another"),
    Shown("T6", "domain_words", "merchant2020", "outside the tuned domain", "own domain moves more"),
    Shown("T6", "forgetting", "merchant2020", "catastrophic forgetting", "less than ten points lost on other tasks"),
    Shown("T7", "freeze_depth", "leeelsa2019", "top quarter", "90 % kept, and not by the head alone"),
    Shown("T7", "freeze_depth", "hao2019", "low layers back", "rolling back the top costs more than the bottom"),
    Shown("T9", "spectrum", "kumar2022", "LP-FT", "LP-FT moves less than full tuning, beyond luck"),
    Shown("T10", "static_or_contextual", "pilehvar2019", "static vector", "static exactly at chance"),
    Shown("T10", "static_or_contextual", "coenen2019", "upper layers", "last layer above layer 0"),
    Shown("T10", "sense_separation", "merchant2020", "catastrophic forgetting", "senses still told apart after tuning"),
    Shown("T11", "similarity_of_layers", "phang2021", "", "two blocks of layers clearer after tuning (report only)"),
    Shown("T12", "static_tuned", "kim2014", "specific to", "opposites move apart more than other pairs"),
    Shown("T12", "static_tuned", "kim2014", "81.5", "random < frozen <= tuned"),
    Shown("extra", "isotropy", "timkey2021", "dimensions dominate", "top three carry over half in some layer"),
    Shown("extra", "nearest_words", "pierrejean2018", "same settings", "two seeds differ in neighbours"),
    Shown("extra", "learning_rate", "mehrafarin2022", "more update steps", "drift rises with steps"),
)


def shown(zoo: Zoo, one: Shown) -> Row:
    """The row of a finding that an experiment reports. Raises DemoError if it no longer reports it."""
    for finding in run(zoo, one.demo).findings:
        if finding.source_key == one.source and one.words in finding.says:
            return Row(one.target, one.source, finding.says, one.expected, finding.because, finding.holds)
    raise DemoError(f"The experiment {one.demo} reports nothing of {one.source} with “{one.words}”; mend SHOWN in papers.py.")


def rows(zoo: Zoo, only: list[str]) -> Iterator[Row]:
    """All rows, or those of some targets, by target."""
    plan = [(check.__name__.split("_")[0].upper(), check) for check in CHECKS]
    plan += [(one.target, lambda zoo, one=one: shown(zoo, one)) for one in SHOWN]
    order = [*(f"T{number}" for number in range(13)), "extra"]
    for target, row in sorted(plan, key=lambda pair: order.index(pair[0])):
        if not only or target in only:
            yield row(zoo)


def table(found: list[Row]) -> str:
    """Markdown."""
    lines = ["| target | paper | finding | expected here | ours | verdict |", "|---|---|---|---|---|---|"]
    lines += [f"| {row.target} | {row.paper} | {row.says} | {row.expected} | {row.ours} | {VERDICT[row.holds]} |" for row in found]
    count = {name: sum(VERDICT[row.holds] == name for row in found) for name in VERDICT.values()}
    return "\n".join(lines) + "\n\n" + ", ".join(f"{number} {name}" for name, number in count.items()) + "."


def main(only: Annotated[list[str] | None, typer.Option(help="A target, T0 to T12 or extra; may be repeated.")] = None,
         write: bool = False) -> None:
    """Print the table."""
    zoo = default_zoo()
    if failed := prepare(zoo):
        raise DemoError(" ".join(failed.values()))
    text = table(list(rows(zoo, only or [])))
    print(text)
    if write:
        options = "".join(f" --only {target}" for target in only or [])
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(f"\n## {datetime.date.today().isoformat()}: findings of papers, in miniature\n\n"
                          f"`python -m tests.evaluation.papers{options} --write`, on the models of demos/lab/checkpoints.py: a small "
                          f"encoder that was already tuned once, and short trainings. Patterns count, not digits.\n\n{text}\n")


if __name__ == "__main__":
    try:
        typer.run(main)
    except DemoError as error:
        sys.exit(f"papers: {error}")
