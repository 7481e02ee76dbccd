"""The report for instructors at /report, and its rows at /report.csv: behind a password, and only where one is set.

HTTP Basic, so that no cookie carries authority and every browser has the form for it; any user name will do. The page has no
script and changes nothing.
"""

import base64
import binascii
import datetime
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterable, Sequence
from html import escape
from textwrap import shorten

import numpy as np
import sqlalchemy as sa
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.caller import caller
from bot.feedback import MOST_ROWS, FeedbackError, open_store
from bot.recorder import reason
from bot.report import Group, Report, build_report, group_names, rows_csv
from bot.server import document
from bot.settings import Settings
from bot.tutor import Tutor
from demos import find_demos

WIDEST = 240  # characters of a question before it is opened
GUESSES, ALL_GUESSES = parse("5/minute"), parse("300/hour")  # wrong ones, by one caller and by all together
HEADERS = {
    "cache-control": "no-store", "x-robots-tag": "noindex, nofollow, noarchive",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}


class Door:
    """Lets in who knows the password. Guesses are counted per caller and for all, and checked one at a time."""

    def __init__(self, password: str) -> None:
        self._known = hashlib.sha256(password.encode()).digest()
        self._limiter, self._lock = MovingWindowRateLimiter(MemoryStorage()), threading.Lock()

    def refusal(self, request: Request) -> Response | None:
        """None for the right password; else what to answer."""
        given = _password(request.headers.get("authorization", ""))
        if given is None:
            return self._answer("This page needs the password.", 401)
        who = caller(request)
        with self._lock:  # one at a time: many at once would all be tested before the first is counted
            if not (self._limiter.test(GUESSES, who) and self._limiter.test(ALL_GUESSES, "all")):
                return self._answer("Too many wrong passwords; please wait a minute.", 429)
            if hmac.compare_digest(hashlib.sha256(given).digest(), self._known):
                return None
            self._limiter.hit(GUESSES, who)
            self._limiter.hit(ALL_GUESSES, "all")
        return self._answer("That is not the password.", 401)

    @staticmethod
    def _answer(words: str, status: int) -> Response:
        more = {"www-authenticate": 'Basic realm="What students ask", charset="UTF-8"'} if status == 401 else {"retry-after": "60"}
        return PlainTextResponse(words + "\n", status, headers=HEADERS | more)


def report_routes(settings: Settings, tutor: Tutor) -> list[Route]:
    """The routes, or none where no password is set."""
    if not settings.report_password:
        return []
    door, store = Door(settings.report_password.get_secret_value()), open_store(settings)
    embed, turn = _Remembering(tutor), threading.Lock()  # one report at a time: it takes every core

    def guarded(show: Callable[[Request, datetime.datetime | None], Response]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            if refusal := door.refusal(request):
                return refusal
            try:
                with turn:
                    return show(request, read_day(request.query_params.get("since", "")))
            except FeedbackError as error:
                return _html(f"<p>{escape(str(error))}</p>", 422)
            except (sa.exc.SQLAlchemyError, OSError) as error:
                return _html(f"<p>The database does not answer ({escape(reason(error))}).</p>", 503)

        return answer

    @guarded
    def page(request: Request, since: datetime.datetime | None) -> Response:
        return _html(report_html(build_report(store.rows(since), embed), since, settings))

    @guarded
    def table(request: Request, since: datetime.datetime | None) -> Response:
        rows = store.rows(since)
        names, _ = group_names([row for row in rows if row.kind == "question"], embed)
        return Response("\ufeff" + rows_csv(rows, names), media_type="text/csv; charset=utf-8",
                        headers=HEADERS | {"content-disposition": 'attachment; filename="what-students-ask.csv"'})

    return [Route("/report", page), Route("/report.csv", table)]


def read_day(text: str) -> datetime.datetime | None:
    """A day such as 2026-11-24, or nothing. Raises FeedbackError."""
    try:
        return datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time()) if text else None
    except ValueError:
        raise FeedbackError("A day is written like 2026-11-24.") from None


def report_html(report: Report, since: datetime.datetime | None, settings: Settings) -> str:
    """The body of the page. Everything in it that readers wrote is escaped."""
    day = since.date().isoformat() if since else ""
    form = (f'<form method="get"><label>Since <input type="date" name="since" value="{day}"></label> <button>Show</button> '
            f'<a href="report.csv{"?since=" + day if day else ""}" download>All rows as CSV</a></form>')
    if not report.days:
        off = "" if settings.feedback != "off" else " Questions are not kept now: EXPLAINER_FEEDBACK is off."
        return f"{form}<p>Nothing has been kept{' since then' if since else ' yet'}.{off}</p>"
    first, last = report.days
    reasons = ", ".join(f"{name} {count}" for name, count in report.reasons)
    note = (f"<p>{report.left_out:,} older wordings were too many to be grouped and stand for themselves; choose a later day.</p>"
            if report.left_out else "")
    note += f"<p>Only the newest {MOST_ROWS:,} rows are read; a later day has fewer.</p>" if report.cut else ""
    return (
        f"{form}<p><b>{report.questions:,}</b> questions from {first} to {last}, <b>{report.declined:,}</b> declined "
        f"({_share(report.declined, report.questions)}). Thumbs: <b>{report.up:,}</b> up, <b>{report.down:,}</b> down"
        f"{f' ({escape(reasons)})' if reasons else ''}. Rows are deleted after {settings.feedback_days} days.</p>{note}"
        + _groups("Most asked", report.asked) + _groups("Declined", report.turned_down, answered=False)
        + _groups("Badly rated", report.badly_rated)
        + _table("Experiments that gave a result", ("experiment", "in answers", "by themselves"),
                 ((find_demos()[name].title if name in find_demos() else name, answers, alone) for name, answers, alone in report.runs))
        + _table("Seconds until an answer was complete", ("answers", "number", "median", "nine of ten under"),
                 ((times.what, times.answers, f"{times.median:.1f}", f"{times.nine_of_ten:.1f}") for times in report.times)))


def _groups(title: str, groups: Iterable[Group], answered: bool = True) -> str:
    columns = ("question", "times", *(("declined", "thumbs", "article") if answered else ()), "confidence", "seconds")
    return _table(title, columns, (
        (_Wordings(group), group.asked,
         *((group.declined or "", _thumbs(group), ", ".join(group.articles)) if answered else ()),
         "" if group.confidence is None else f"{group.confidence:.2f}", f"{group.seconds:.1f}") for group in groups))


class _Remembering:
    """The index's untuned embedder, with the vectors of the last questions in memory: a report is looked at more than once."""

    def __init__(self, tutor: Tutor) -> None:
        self.name, self._tutor = tutor.index.untuned.name, tutor
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            self._known |= zip(new, self._tutor.index.untuned(new), strict=True)
        self._known = {text: self._known[text] for text in texts}
        return np.stack([self._known[text] for text in texts])


class _Wordings:
    """A group in a cell: its name, and other wordings to open."""

    def __init__(self, group: Group) -> None:
        self.group = group

    def html(self) -> str:
        short = shorten(self.group.name, WIDEST, placeholder=" …")
        whole = (self.group.name,) if short != self.group.name else ()
        others = "".join(f"<li>{escape(words)}</li>" for words in (*whole, *self.group.wordings))
        more = f"<details><summary>{'In full' if whole else 'Also asked as'}</summary><ul>{others}</ul></details>" if others else ""
        return escape(short) + more


def _thumbs(group: Group) -> str:
    reasons = ", ".join(f"{name} {count}" for name, count in group.reasons)
    return f"{group.up} up, {group.down} down" + (f" ({reasons})" if reasons else "") if group.up or group.down else ""


def _table(title: str, columns: Iterable[str], rows: Iterable[tuple]) -> str:
    lines = [f'<th scope="row">{_cell(first)}</th>' + "".join(f"<td>{_cell(cell)}</td>" for cell in rest) for first, *rest in rows]
    if not lines:
        return f"<h2>{title}</h2><p>None.</p>"
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    return (f'<h2>{title}</h2><div class="scroll" role="region" aria-label="{title}" tabindex="0"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table></div>")


def _cell(value: object) -> str:
    return value.html() if isinstance(value, _Wordings) else escape(str(value))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "0%"


def _html(body: str, status: int = 200) -> HTMLResponse:
    page = document("What students ask", f'<div class="report"><h1>What students ask</h1>{body}</div>')
    return HTMLResponse(page, status, headers=HEADERS)


def _password(header: str) -> bytes | None:
    """The password of a Basic header; None for no header or another scheme."""
    scheme, _, value = header.partition(" ")
    try:
        return base64.b64decode(value.strip(), validate=True).partition(b":")[2] if scheme.lower() == "basic" else None
    except (binascii.Error, ValueError):
        return b""
