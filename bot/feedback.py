"""Keeps what students ask for their teachers, in SQLite or PostgreSQL: one row an answered question. Off unless a setting says so.

A row has no name, address or session. Its id is the answer's own random one, known to the reader's browser alone; its time is
the hour; its text is what scrub.py leaves. What hands rows over without waiting is recorder.py.
"""

import datetime
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from bot.settings import Settings

FILE = "feedback.sqlite"
TIMEOUT = 5  # seconds for a connection, and for a lock that another process holds
MOST_ROWS = 50_000  # that a report reads
ID = re.compile(r"[0-9a-f]{12}")

Thumb = Literal["up", "down"]
Reason = Literal["wrong", "not my question", "hard to understand", "other"]
REASONS: tuple[str, ...] = get_args(Reason)


class FeedbackError(Exception):
    """One sentence for whoever runs the app. It never holds the address of the database."""


@dataclass(frozen=True)
class Record:
    """One answered question. `confidence`: how likely the articles cover it, 0 to 1; `seconds`: until the answer was complete.

    kind: question, experiment (run from a form or link, without words), quiz (a move in one), talk (a greeting and the like).
    """

    id: str
    at: datetime.datetime  # UTC, the hour
    kind: str
    question: str
    status: str
    article: str | None = None
    confidence: float | None = None
    experiments: tuple[str, ...] = ()
    seconds: float = 0.0
    thumb: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Rating:
    """A reader's thumb for an answer; None takes it back."""

    id: str
    thumb: Thumb | None
    reason: Reason | None = None


@dataclass(frozen=True)
class Forget:
    """Rows that their reader wants gone."""

    ids: tuple[str, ...]


Change = Record | Rating | Forget

TABLE = sa.Table(
    "explainer_feedback", sa.MetaData(),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("article", sa.Text),
    sa.Column("confidence", sa.Float),
    sa.Column("experiments", sa.JSON, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("thumb", sa.String(10)),
    sa.Column("reason", sa.String(40)),
)


class Store:
    """The rows. Every method may raise sqlalchemy.exc.SQLAlchemyError or OSError; nothing is kept in memory.

    Safe to use from several threads, and from several processes on one file.
    """

    def __init__(self, url: URL) -> None:
        self.file = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
        self._there = False
        if self.file:  # a connection each time: a file that was deleted or exchanged meanwhile is noticed
            self._engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": TIMEOUT})
            sa.event.listen(self._engine, "connect", _set_sqlite)
        else:
            limits = {"connect_timeout": TIMEOUT, "tcp_user_timeout": 2000 * TIMEOUT, "keepalives_idle": 30,
                      "prepare_threshold": None, "application_name": "frozen-or-tuned"}
            self._engine = sa.create_engine(url, pool_size=2, max_overflow=0, pool_timeout=TIMEOUT, pool_pre_ping=True,
                                            hide_parameters=True, connect_args=limits)
            sa.event.listen(self._engine, "connect", _set_postgresql)

    def save(self, changes: Sequence[Change]) -> None:
        """Write all of these or none. A second record of an id replaces the first and leaves its rating."""
        self._make()
        try:
            with self._engine.begin() as connection:
                for change in changes:
                    _write(connection, change)
        except sa.exc.SQLAlchemyError:
            self._there = False  # perhaps the table was dropped, or its file deleted
            raise
        if any(isinstance(change, Forget) for change in changes):
            self._wipe()

    def rows(self, since: datetime.datetime | None = None) -> list[Record]:
        """The newest rows, oldest first; none where nothing was ever written."""
        if not self._exists():
            return []
        chosen = sa.select(TABLE).order_by(TABLE.c.at.desc(), TABLE.c.id).limit(MOST_ROWS)
        if since:
            chosen = chosen.where(TABLE.c.at >= since)
        with self._engine.connect() as connection:
            found = [Record(**{**row, "experiments": tuple(row["experiments"])}) for row in connection.execute(chosen).mappings()]
        return found[::-1]

    def delete(self, *, ids: Iterable[str] | None = None, before: datetime.datetime | None = None) -> int:
        """Delete rows with one of these ids, or older than this, or (with neither) all. Returns how many there were."""
        if not self._exists():
            return 0
        chosen = sa.delete(TABLE)
        if ids is not None:
            chosen = chosen.where(TABLE.c.id.in_(list(ids)))
        if before is not None:
            chosen = chosen.where(TABLE.c.at < before)
        with self._engine.begin() as connection:
            deleted = connection.execute(chosen).rowcount
        if deleted:
            self._wipe()
        return deleted

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()

    def _exists(self) -> bool:
        if self.file and not self.file.exists():
            return False  # looking must not make a file
        return sa.inspect(self._engine).has_table(TABLE.name)

    def _make(self) -> None:
        if self._there and (self.file is None or self.file.exists()):
            return
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))  # for no other user of this machine
        with self._engine.begin() as connection:
            connection.execute(sa.schema.CreateTable(TABLE, if_not_exists=True))
            for index in TABLE.indexes:
                connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))
        self._there = True

    def _wipe(self) -> None:
        """Leave nothing of deleted rows behind: in SQLite's log, or in PostgreSQL's dead rows (where the user may do that)."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)" if self.file else f"VACUUM {TABLE.name}")


def open_store(settings: Settings) -> Store:
    """The database that the settings name: by default a file in the cache folder. Raises FeedbackError for an address that is none."""
    given = settings.feedback_database
    address = given.get_secret_value().strip() if given else ""
    try:
        url = make_url(address) if "://" in address else URL.create("sqlite", database=str(
            Path(address).expanduser() if address else settings.cache_dir / FILE))
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        if url.drivername not in ("sqlite", "postgresql+psycopg") or not url.database:
            raise ValueError
        return Store(url)
    except (sa.exc.SQLAlchemyError, ValueError):
        raise FeedbackError("EXPLAINER_FEEDBACK_DATABASE is neither the path of a file nor of the form "
                            "postgresql://user:password@host/database.") from None


def this_hour() -> datetime.datetime:
    """Now in UTC, to the hour: enough for a report, too little to find a request in a web server's log."""
    return datetime.datetime.now(datetime.UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)


def _write(connection: sa.Connection, change: Change) -> None:
    match change:
        case Record():
            values = {**asdict(change), "experiments": list(change.experiments)}
            del values["thumb"], values["reason"]
            if not connection.execute(sa.update(TABLE).where(TABLE.c.id == change.id).values(values)).rowcount:
                connection.execute(sa.insert(TABLE).values(**values, thumb=change.thumb, reason=change.reason))
        case Rating():
            connection.execute(sa.update(TABLE).where(TABLE.c.id == change.id).values(thumb=change.thumb, reason=change.reason))
        case Forget():
            connection.execute(sa.delete(TABLE).where(TABLE.c.id.in_(change.ids)))


def _set_sqlite(connection, _record) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={1000 * TIMEOUT}")  # first: changing the mode can itself meet a lock
    mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":  # a file system without shared memory
        cursor.execute("PRAGMA journal_mode=DELETE")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten
    cursor.close()


def _set_postgresql(connection, _record) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{2 * TIMEOUT}s'")
    connection.commit()


COLUMNS = tuple(field.name for field in fields(Record))
