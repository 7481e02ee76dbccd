"""One experiment's result as HTML, to be read and kept: figure, words, numbers, downloads, link, code, and a form to change it.

Everything that could hold a reader's words is escaped here. Downloads are data in the page itself: nothing is kept on the
server for them.
"""

import base64
import csv
import datetime
import io
from html import escape

from bot.answer import AGREEMENT
from bot.form import form
from bot.links import experiment_link
from demos import Evidence
from demos.lab.evidence import Table

SHOWN_ROWS = 60


def card(evidence: Evidence, number: int, title: str, sources: dict | None = None) -> str:
    """A figure with its claim, baseline, caveat, findings, table, models and code. `sources`: key -> Source."""
    findings = "".join(
        f"<li><b>{escape(_author(finding.source_key, sources))}</b> found: {escape(finding.says)} "
        f"<b>This run {AGREEMENT[finding.holds]}.</b> {escape(finding.because)}</li>" for finding in evidence.findings)
    controls = _table("Controls", evidence.controls) if evidence.controls else ""
    link = escape(experiment_link(evidence.demo, evidence.parameters))
    change = form(evidence.demo, evidence.parameters)
    return (
        f'<figure class="card" id="evidence-{number}" data-demo="{escape(evidence.demo)}"><figcaption><b>E{number}. {escape(title)}</b>'
        f"<span>{_when(evidence)}</span></figcaption>"
        f'<p class="claim">{escape(evidence.claim)}</p>'
        f"{evidence.figure.svg}"
        f"<p><b>Compared with.</b> {escape(evidence.baseline)}</p>"
        f"<p><b>Caveat.</b> {escape(evidence.caveat)}</p>"
        + (f"<ul>{findings}</ul>" if findings else "")
        + (f"<details><summary>Change it and run it again</summary>{change}</details>" if change else "")
        + f"<details><summary>The numbers</summary>{_table('Every number of this run', evidence.table)}{controls}</details>"
        f"<details><summary>The models</summary>{_receipts(evidence)}</details>"
        f"<details><summary>Get the same numbers</summary><p>Run this in the project's folder:</p>"
        f'<pre tabindex="0"><code>{escape(evidence.reproduce)}</code></pre></details>'
        f'<p class="keep"><a href="{link}" data-copy="{link}">Copy link</a> '
        f'<a download="{evidence.demo}.csv" href="{_data("text/csv", table_csv(evidence.table))}">CSV</a> '
        f'<a download="{evidence.demo}.svg" href="{_data("image/svg+xml", _standing_alone(evidence.figure.svg))}">SVG</a></p></figure>'
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


def _standing_alone(svg: str) -> str:
    """The figure as a file: in the page its text takes the page's colour, alone it is black on white."""
    return svg.replace("<svg ", '<svg color="#111" style="background:#fff" ', 1)


def _when(evidence: Evidence) -> str:
    """When it ran: a result that was kept says so."""
    ended = datetime.datetime.fromisoformat(evidence.when) if evidence.when else None
    if ended is None or (datetime.datetime.now(datetime.UTC) - ended).total_seconds() < 90:
        return f"Ran just now in {evidence.seconds:.1f} s"
    return f"Ran at {ended:%H:%M} UTC in {evidence.seconds:.1f} s; the same again gives the same numbers"


def _table(caption: str, table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(_cell(cell))}</td>" for cell in row) + "</tr>" for row in table.rows[:SHOWN_ROWS])
    rest = len(table.rows) - SHOWN_ROWS
    more = f"<p>{rest} more rows are in the API's answer and on the command line.</p>" if rest > 0 else ""
    return (f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table><caption>{escape(caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}")


def _receipts(evidence: Evidence) -> str:
    rows = tuple((receipt.key, receipt.task, receipt.tensors_loaded, receipt.tensors_new,
                  "" if receipt.score is None else f"{receipt.score:.2f} {receipt.metric}",
                  "" if receipt.chance is None else f"{receipt.chance:.2f}") for receipt in evidence.receipts)
    return _table("Models used", Table(("model", "task", "encoder tensors loaded", "new (head)", "held-out score", "chance"), rows))


def _cell(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:.4f}" if abs(cell) >= 5e-5 else f"{cell:.2g}"


def _author(key: str, sources: dict | None) -> str:
    source = (sources or {}).get(key)
    return f"{source.authors} ({source.year})" if source else key
