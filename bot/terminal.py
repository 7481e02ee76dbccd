"""A conversation in the terminal: the words at once, then each experiment's numbers as a table while the next one runs."""

from collections.abc import Sequence

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from bot.answer import AGREEMENT, Answer
from bot.parts import FollowUps, Reply
from bot.question import MessageError
from bot.runs import Planned, Unavailable, Waiting
from bot.tutor import Tutor
from demos import Evidence, Progress, find_demos
from demos.lab import evidence as lab
from knowledge.library import read_sources

ROWS, CELL = 16, 28  # shown of a table, and of a cell's text
MEASURES = 2  # tables of one experiment by layer


def talk(tutor: Tutor, evidence: bool, console: Console | None = None) -> None:
    """Ask and answer until an empty line or the end of the input. Ctrl+C stops an answer, at the prompt the conversation."""
    console = console or Console()
    history: list[str] = []
    console.print("Ask about frozen and fine-tuned models. An empty line ends the conversation; Ctrl+C stops an answer.", style="dim")
    while True:
        try:
            message = console.input("\n[bold]You:[/bold] ").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if not message:
            return
        say(tutor, message, history, evidence, console)
        history.append(message)


def say(tutor: Tutor, message: str, history: Sequence[str], evidence: bool, console: Console) -> Answer:
    """Answer one message on the console: words, then each table as it is measured, then sources and questions to go on with."""
    result, planned, said = Answer(message), None, False

    def words() -> None:
        nonlocal said
        if not said and (text := result.markdown(claims_of_evidence=False)):
            console.print(Markdown(text))
            said = True

    try:
        with console.status("Looking it up") as status:
            for part in tutor.answer(message, history, evidence):
                result.add(part)
                match part:
                    case Planned() | Waiting() | Progress():
                        planned = part if isinstance(part, Planned) else planned
                        words()
                        status.update(Text(result.pending))
                    case Evidence():
                        words()
                        show_evidence(part, len(result.evidence), console)
                    case Unavailable():
                        words()
                        console.print(Text(f"\n{find_title(part.demo)}: {part.reason}"))
                    case FollowUps():
                        words()
    except MessageError as error:
        result.status = "declined"
        result.add(Reply(str(error)))
    except KeyboardInterrupt:
        if planned:
            tutor.runs.stop(planned.demo, planned.parameters)
        console.print("Stopped.")
    words()
    for source in result.sources:
        console.print(Text(f"[{source['label']}] {source['citation']} {source['url']}".rstrip(), style="dim"), soft_wrap=False)
    if result.follow_ups and result.status == "answered":
        console.print(Text("\nYou could ask: " + " · ".join(result.follow_ups), style="italic"))
    return result


def show_evidence(found: Evidence, number: int, console: Console) -> None:
    """One experiment: claim, tables, baseline, caveat, what papers found."""
    console.print(Text(f"\nE{number}. {find_title(found.demo)}", style="bold"))
    console.print(Text(found.claim))
    for title, table in by_layer(found.table):
        grid = Table(title=Text(title) if title else None, title_justify="left")
        cells = [[_cell(cell) for cell in row] for row in table.rows[:ROWS]]
        for n, column in enumerate(table.columns):
            number = all(isinstance(row[n], int | float) for row in table.rows)  # words give way, numbers do not
            width = max(len(row[n]) for row in cells) if number and cells else None
            grid.add_column(Text(column), no_wrap=number, overflow="ellipsis", min_width=width)
        for row in cells:
            grid.add_row(*map(Text, row))
        console.print(grid)
        if len(table.rows) > ROWS:
            console.print(Text(f"… and {len(table.rows) - ROWS} rows more: python -m demos run {found.demo} --json", style="dim"))
    console.print(_labelled("Compared with", found.baseline))
    console.print(_labelled("Caveat", found.caveat))
    sources = read_sources()
    for finding in found.findings:
        source = sources.get(finding.source_key)
        who = f"{source.authors} ({source.year})" if source else finding.source_key
        console.print(Text(f"{who} found: {finding.says} This run {AGREEMENT[finding.holds]}. {finding.because}"))


def by_layer(table: lab.Table) -> list[tuple[str, lab.Table]]:
    """A table with a row a layer, turned so that the layers stand side by side, one table a measure; any other as it is."""
    names = list(table.columns)
    if "layer" not in names or not table.rows:
        return [("", table)]
    at = names.index("layer")
    measures = [n for n in range(at + 1, len(names)) if isinstance(table.rows[0][n], int | float)]
    keys = [n for n in range(len(names)) if n != at and n not in measures]
    layers = sorted({row[at] for row in table.rows})
    turned = []
    for measure in measures[:MEASURES]:
        kept = _telling(table, keys, at, measure)
        lines: dict[tuple, dict] = {}
        for row in table.rows:
            lines.setdefault(tuple(row[n] for n in kept), {})[row[at]] = row[measure]
        rows = tuple((*key, *(values.get(layer, "") for layer in layers)) for key, values in lines.items())
        turned.append((f"{names[measure]}, by layer", lab.Table((*(names[n] for n in kept), *map(str, layers)), rows)))
    return turned or [("", table)]


def _telling(table: lab.Table, keys: list[int], at: int, measure: int) -> list[int]:
    """The columns that a measure depends on: other words' drift, say, is the same for each of the reader's sentences."""
    kept = list(keys)
    for column in keys[1:]:
        fewer = [n for n in kept if n != column]
        values: dict[tuple, set] = {}
        for row in table.rows:
            values.setdefault((*(row[n] for n in fewer), row[at]), set()).add(row[measure])
        if all(len(different) == 1 for different in values.values()):
            kept = fewer
    return kept


def find_title(demo: str) -> str:
    """An experiment's title, or what was called so."""
    return find_demos()[demo].title if demo in find_demos() else demo


def _labelled(label: str, text: str) -> Text:
    return Text.assemble((f"{label}. ", "bold"), text)


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return "0" if cell == 0 else f"{cell:.3f}" if abs(cell) >= 5e-4 else f"{cell:.0e}"
    text = str(cell)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
