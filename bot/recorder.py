"""Hands rows to the database without ever waiting for it: a bounded queue, and one thread that writes.

A database that does not answer is tried again, slower each time, while rows wait; when the queue is full, new ones are dropped
and counted. The same thread takes personal data out of the text, and deletes rows that are too old, at start and once a day.
"""

import atexit
import datetime
import logging
import queue
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from bot.feedback import Change, Forget, Rating, Record, Store, this_hour
from bot.scrub import scrub

log = logging.getLogger(__name__)
WAITING = 5000  # changes; a class of 100 asks that many in hours, and at 2,000 characters each they are 10 MB
TOGETHER = 100  # written in one transaction
DAY = 86_400.0
SLOWEST = 30.0  # seconds between tries
RETRY = 60.0  # seconds until old rows are looked for again, where that failed
REFUSED = (sa.exc.DataError, sa.exc.IntegrityError)  # the row's own fault: trying again would not help
DOWN = (sa.exc.DBAPIError, sa.exc.TimeoutError, OSError)
# What may be said of a database's own message: never its address.
FAULTS = ("connection refused", "timeout", "password authentication failed", "permission denied", "does not exist", "no such table",
          "no such column", "database is locked", "readonly", "not a database", "disk is full", "unable to open database file",
          "no space left", "read-only file system", "too many connections")


class Recorder:
    """Takes changes and writes them when it can. Every public method returns at once, except settle and close."""

    def __init__(self, store: Store, days: int, waiting: int = WAITING) -> None:
        self.store, self.days = store, days
        self.dropped = 0  # for want of room
        self.refused = 0  # by the database
        self.fault = ""  # why nothing can be written just now
        self._queue: queue.Queue[Change] = queue.Queue(waiting)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="feedback")
        self._thread.start()
        atexit.register(self.close)

    def record(self, record: Record) -> bool:
        """Keep an answered question; False if there was no room."""
        return self._put(record)

    def rate(self, rating: Rating) -> bool:
        """Keep a thumb. Thumbs take half the room at most, so that a flood of them never costs a question."""
        return self._put(rating, share=0.5)

    def forget(self, ids: Sequence[str]) -> bool:
        """Delete these rows."""
        return self._put(Forget(tuple(ids)))

    def state(self) -> dict:
        """For /readyz: how many wait, were dropped, were refused, and the fault if there is one."""
        return {"waiting": self._queue.unfinished_tasks, "dropped": self.dropped, "refused": self.refused, "fault": self.fault}

    def settle(self, seconds: float) -> bool:
        """Wait until everything is written; False if it is not by then."""
        with self._queue.all_tasks_done:
            return self._queue.all_tasks_done.wait_for(lambda: not self._queue.unfinished_tasks, seconds)

    def close(self, seconds: float = 3.0) -> None:
        """Write what waits, within these seconds, and end the thread."""
        if self._stop.is_set():
            return
        if not self.settle(seconds):
            log.warning("Feedback: %d changes could not be written before the end.", self._queue.unfinished_tasks)
        self._stop.set()
        self._thread.join(1)
        self.store.close()
        atexit.unregister(self.close)

    def _put(self, change: Change, share: float = 1.0) -> bool:
        try:
            if self._queue.qsize() >= self._queue.maxsize * share:
                raise queue.Full
            self._queue.put_nowait(change)
            return True
        except queue.Full:
            self.dropped += 1
            if self.dropped & (self.dropped - 1) == 0:  # 1, 2, 4, 8: a flood is not logged as a flood
                log.warning("Feedback: %d changes were dropped so far, since %d wait for the database.", self.dropped, self._queue.qsize())
            return False

    def _work(self) -> None:
        next_clean = 0.0
        while not self._stop.is_set():
            if time.monotonic() >= next_clean:
                next_clean = time.monotonic() + (DAY if self._clean() else RETRY)
            changes = self._take()
            self._write(changes)
            for _ in changes:
                self._queue.task_done()

    def _take(self) -> list[Change]:
        changes: list[Change] = []
        try:
            changes.append(self._queue.get(timeout=0.5))
            while len(changes) < TOGETHER:
                changes.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return changes

    def _write(self, changes: Sequence[Change]) -> None:
        pause = 0.2
        while changes and not self._stop.is_set():
            try:
                self.store.save([_scrubbed(change) for change in changes])
                self._up()
                return
            except Exception as error:  # whatever it is, it must not end the thread
                if not _is_down(error):
                    self._refuse(changes, error)
                    return
                self._down(error)
            self._stop.wait(pause)
            pause = min(2 * pause, SLOWEST)

    def _refuse(self, changes: Sequence[Change], error: Exception) -> None:
        """Drop the one change at fault; of several, find it."""
        if len(changes) > 1:
            for change in changes:
                self._write([change])
        else:
            self.refused += 1
            log.warning("Feedback: a row was refused (%s).", type(error).__name__)

    def _clean(self) -> bool:
        try:
            deleted = self.store.delete(before=this_hour() - datetime.timedelta(days=self.days))
        except Exception as error:
            self._down(error)
            return False
        if deleted:
            log.warning("Feedback: %d rows older than %d days were deleted.", deleted, self.days)
        self._up()
        return True

    def _up(self) -> None:
        if self.fault:
            log.warning("Feedback: the database answers again.")
        self.fault = ""

    def _down(self, error: Exception) -> None:
        fault = reason(error)
        if fault != self.fault:
            log.warning("Feedback cannot be written (%s). The chat goes on; rows wait.", fault)
        self.fault = fault


def _scrubbed(change: Change) -> Change:
    return replace(change, question=scrub(change.question)) if isinstance(change, Record) else change


def _is_down(error: Exception) -> bool:
    return isinstance(error, DOWN) and not isinstance(error, REFUSED)


def reason(error: Exception) -> str:
    """Why a database failed, in a few words, without its address or anything of a row."""
    text = str(getattr(error, "orig", None) or error).lower()
    return next((fault for fault in FAULTS if re.search(rf"\b{fault}", text)), type(error).__name__)
