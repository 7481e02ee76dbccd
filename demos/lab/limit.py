"""The time limit of a running experiment, looked at wherever an encoder runs: one that has nothing to report is stopped too."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_of_thread = threading.local()  # an experiment runs in one thread, and others may run beside it


class OutOfTime(Exception):
    """The limit was reached. No DemoError: an experiment that does without a missing extra must not do without its limit."""


@contextmanager
def limited(moment: float) -> Iterator[None]:
    """Inside, in this thread, `check_limit` raises OutOfTime once time.perf_counter() has passed `moment`."""
    before = getattr(_of_thread, "moment", math.inf)
    _of_thread.moment = moment
    try:
        yield
    finally:
        _of_thread.moment = before


def check_limit() -> None:
    """To be called before every piece of work that takes a second at most. Raises OutOfTime; without a limit it does nothing."""
    if time.perf_counter() > getattr(_of_thread, "moment", math.inf):
        raise OutOfTime
