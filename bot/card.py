"""One experiment's result as HTML, to be read and kept: figure, words, numbers, downloads, link, code, and a form to change it.

Everything that could hold a reader's words is escaped here. Downloads are data in the page itself: nothing is kept on the
server for them.
"""

import base64
import csv
import datetime
import io
from html import escape

from bot.form import form
from bot.links import experiment_link
from bot.words import ENGLISH, Words
from demos import Evidence
from demos.lab.evidence import Table

SHOWN_ROWS = 60
AGREEING = {True: "agrees", False: "disagrees", None: "cannot_tell"}  # names of words
COLUMNS = ("model", "task", "loaded", "new", "score", "chance")


def card(evidence: Evidence, number: int, title: str, sources: dict | None = None, says: Words = ENGLISH) -> str:
    """A figure with its claim, baseline, caveat, findings, table, models and code. `sources`: key -> Source.

    The experiment's own words are English and marked so; the words round them are those of `says`.
    """
    findings = "".join(
        f"<li><b>{says.html('found', author=_author(finding.source_key, sources))}</b> <span lang=\"en\">{escape(finding.says)}</span> "
        f"<b>{says.html(AGREEING[finding.holds])}</b> <span lang=\"en\">{escape(finding.because)}</span></li>"
        for finding in evidence.findings)
    controls = _table(says("controls"), evidence.controls, says) if evidence.controls else ""
    link = escape(experiment_link(evidence.demo, evidence.parameters))
    change = form(evidence.demo, evidence.parameters, says=says)
    return (
        f'<figure class="card" data-demo="{escape(evidence.demo)}"><figcaption><b lang="en">E{number}. {escape(title)}</b>'
        f"<span>{_when(evidence, says)}</span></figcaption>"
        f'<p class="claim" lang="en">{escape(evidence.claim)}</p>'
        f"{evidence.figure.svg}"
        f'<p><b>{says.html("compared")}</b> <span lang="en">{escape(evidence.baseline)}</span></p>'
        f'<p><b>{says.html("caveat")}</b> <span lang="en">{escape(evidence.caveat)}</span></p>'
        + (f"<ul>{findings}</ul>" if findings else "")
        + (f"<details><summary>{says.html('change_it')}</summary>{change}</details>" if change else "")
        + f"<details><summary>{says.html('numbers')}</summary>{_table(says('every_number'), evidence.table, says)}{controls}</details>"
        f"<details><summary>{says.html('models')}</summary>{_receipts(evidence, says)}</details>"
        f"<details><summary>{says.html('same_numbers')}</summary><p>{says.html('run_this')}</p>"
        f'<pre tabindex="0" lang="en"><code>{escape(evidence.reproduce)}</code></pre></details>'
        f'<p class="keep"><a href="{link}" data-copy="{link}">{says.html("copy_link")}</a> '
        f'<a download="{evidence.demo}.csv" href="{_data("text/csv", table_csv(evidence.table))}">CSV</a> '
        f'<a download="{evidence.demo}.svg" href="{_data("image/svg+xml", standing_alone(evidence.figure.svg))}">SVG</a></p></figure>'
    )


def table_csv(table: Table) -> str:
    """A table as CSV with a header row. A cell that a spreadsheet would take for a formula gets a quote before it."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(table.columns)
    rows.writerows([f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@" and cell else cell for cell in row]
                   for row in table.rows)
    return out.getvalue()


def _data(kind: str, text: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"


def standing_alone(svg: str) -> str:
    """The figure as a file of its own: in the page its text takes the page's colour, alone it is black on white."""
    return svg.replace("<svg ", '<svg color="#111" style="background:#fff" ', 1)


def _when(evidence: Evidence, says: Words) -> str:
    """When it ran: a result that was kept says so."""
    ended, seconds = datetime.datetime.fromisoformat(evidence.when) if evidence.when else None, f"{evidence.seconds:.1f}"
    if ended is None or (datetime.datetime.now(datetime.UTC) - ended).total_seconds() < 90:
        return says.html("ran_now", seconds=seconds)
    return says.html("ran_at", time=f"{ended:%H:%M}", seconds=seconds)


def _table(caption: str, table: Table, says: Words) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(_cell(cell))}</td>" for cell in row) + "</tr>" for row in table.rows[:SHOWN_ROWS])
    rest = len(table.rows) - SHOWN_ROWS
    more = f"<p>{says.html('more_rows', count=rest)}</p>" if rest > 0 else ""
    return (f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table><caption>{escape(caption)}</caption>'
            f'<thead><tr>{head}</tr></thead><tbody lang="en">{body}</tbody></table></div>{more}')


def _receipts(evidence: Evidence, says: Words) -> str:
    rows = tuple((receipt.key, receipt.task, receipt.tensors_loaded, receipt.tensors_new,
                  "" if receipt.score is None else f"{receipt.score:.2f} {receipt.metric}",
                  "" if receipt.chance is None else f"{receipt.chance:.2f}") for receipt in evidence.receipts)
    return _table(says("models_used"), Table(tuple(says(f"column_{name}") for name in COLUMNS), rows), says)


def _cell(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:.4f}" if abs(cell) >= 5e-5 else f"{cell:.2g}"


def _author(key: str, sources: dict | None) -> str:
    source = (sources or {}).get(key)
    return f"{source.authors} ({source.year})" if source else key
