"""What students ask, on the command line: the report, and deleting. Commands of `python -m bot`."""

import datetime
import sys
from collections.abc import Iterable
from pathlib import Path
from textwrap import shorten
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.feedback import MOST_ROWS, FeedbackError, Store, open_store
from bot.recorder import reason
from bot.report import Group, Report, build_report, group_names, rows_csv, write_whole
from bot.settings import Settings
from knowledge import SentenceEmbedder

WIDEST = 160  # characters of a question in the terminal; all of it is in the CSV
Day = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")]


def report(
    since: Day = None,
    to: Annotated[str | None, typer.Option("--csv", metavar="FILE|-", help="Write every row as CSV instead; - prints it.")] = None,
) -> None:
    """What students ask: most asked, declined, badly rated; experiments and times."""
    rows = _asked_of(lambda store: store.rows(since))
    embed = SentenceEmbedder(None)  # questions are grouped by the encoder as it came
    if to is None:
        _show(build_report(rows, embed))
        return
    names, _ = group_names([row for row in rows if row.kind == "question"], embed)
    if to == "-":
        print(rows_csv(rows, names), end="")
        return
    try:
        write_whole(Path(to), rows_csv(rows, names))
    except OSError as error:
        sys.exit(f"bot: {to} cannot be written: {error.strerror}")
    print(f"{len(rows)} rows written to {to}.")


def forget(
    everything: Annotated[bool, typer.Option("--all", help="Every row.")] = False,
    ids: Annotated[list[str] | None, typer.Option("--id", help="The row of this answer; may be given several times.")] = None,
    text: Annotated[str | None, typer.Option(help="Rows whose question holds this text, in large or small letters.")] = None,
    before: Day = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Delete what was kept: everything, or the rows that match."""
    if sum((everything, bool(ids), text is not None, before is not None)) != 1 or text == "":
        raise typer.BadParameter("give one of --all, --id, --text and --before")
    if text is not None:
        found = [row for row in _asked_of(lambda store: store.rows()) if text.casefold() in row.question.casefold()]
        for row in found:
            Console(highlight=False).print(Text(f"{row.id}  {row.question}"))
        ids = [row.id for row in found]
    if not yes and (everything or before or ids):
        typer.confirm("Delete all rows?" if everything else f"Delete rows before {before:%Y-%m-%d}?" if before
                      else f"Delete {len(ids or ())} row{'s' * (len(ids or ()) != 1)}?", abort=True)
    deleted = _asked_of(lambda store: store.delete(ids=ids, before=before))
    print(f"{deleted} row{'s' * (deleted != 1)} deleted.")


def _asked_of(work):
    """The answer of the database; one sentence and the end if it has none."""
    store: Store | None = None
    try:
        store = open_store(Settings())
        return work(store)
    except FeedbackError as error:
        sys.exit(f"bot: {error}")
    except (sa.exc.SQLAlchemyError, OSError) as error:
        sys.exit(f"bot: The database of EXPLAINER_FEEDBACK_DATABASE does not answer ({reason(error)}).")
    finally:
        if store:
            store.close()


def _show(report: Report) -> None:
    console = Console(highlight=False)
    if not report.days:
        console.print("Nothing has been kept.")
        return
    first, last = report.days
    reasons = ", ".join(f"{name} {count}" for name, count in report.reasons)
    console.print(f"{report.questions} questions from {first} to {last}, {report.declined} declined. "
                  f"Thumbs: {report.up} up, {report.down} down{f' ({reasons})' if reasons else ''}.")
    if report.left_out:
        console.print(f"{report.left_out} older wordings were too many to be grouped and stand for themselves; choose a later day.")
    if report.cut:
        console.print(f"Only the newest {MOST_ROWS:,} rows are read; a later day has fewer.")
    _groups(console, "Most asked", report.asked)
    _groups(console, "Declined", report.turned_down)
    _groups(console, "Badly rated", report.badly_rated)
    _table(console, "Experiments that gave a result", ("experiment", "in answers", "by themselves"), report.runs)
    _table(console, "Seconds until an answer was complete", ("answers", "number", "median", "nine of ten under"),
           ((times.what, times.answers, f"{times.median:.1f}", f"{times.nine_of_ten:.1f}") for times in report.times))


def _groups(console: Console, title: str, groups: Iterable[Group]) -> None:
    _table(console, title, ("times", "question, and other wordings", "how it went"),
           ((group.asked, _wordings(group), _went(group)) for group in groups))


def _wordings(group: Group) -> str:
    return "\n- ".join(shorten(words, WIDEST, placeholder=" …") for words in (group.name, *group.wordings))


def _went(group: Group) -> str:
    reasons = ", ".join(f"{name} {count}" for name, count in group.reasons)
    return "\n".join(filter(None, (
        ", ".join(group.articles), f"declined {group.declined}" if group.declined else "",
        f"{group.up} up, {group.down} down" + (f" ({reasons})" if reasons else "") if group.up or group.down else "",
        "" if group.confidence is None else f"confidence {group.confidence:.2f}", f"{group.seconds:.1f} s")))


def _table(console: Console, title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    table = Table(title=title, title_justify="left", show_lines=True)
    for name in columns:
        table.add_column(name, ratio=2 if name.startswith("question") else 1 if name.startswith("how") else None, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # as text: a reader's brackets are no markup
    if table.row_count:
        console.print(table)
