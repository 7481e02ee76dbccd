"""Keeps a running app's articles as the files are: a changed file is live within seconds, a faulty one changes nothing.

watchfiles tells of changes (the operating system's own notices, or polling where there are none).
"""

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import watchfiles

from bot.tutor import Tutor
from knowledge import ArticleError, Index

log = logging.getLogger(__name__)
PAUSE = 2.0  # seconds between looks for a folder that is not there


def keep_fresh(tutor: Tutor, folders: Iterable[Path], build: Callable[[], Index]) -> threading.Event:
    """Watch the folders in a thread; after a change the tutor gets the index that `build` makes. Set the event to end it.

    An article with a fault, or a folder that vanishes, leaves the last good index serving; the reason is logged and kept
    in `tutor.fault`, which /readyz shows, until the files are right again.
    """
    stop = threading.Event()

    def rebuild() -> None:
        try:
            tutor.index, tutor.fault = build(), ""
            log.warning("The articles changed: %d are served now.", len(tutor.index.articles))
        except ArticleError as error:
            tutor.fault = str(error)
            log.warning("An article has a fault, so the last good articles go on being served. %s", error)

    def watch() -> None:
        paths = list(folders)
        while not stop.is_set():
            there = [path for path in paths if path.is_dir()]
            gone = len(there) < len(paths)
            # With a folder missing, look again after the pause; without changes that costs nothing.
            for changes in watchfiles.watch(*there, stop_event=stop, debounce=500, step=100, rust_timeout=int(PAUSE * 1000),
                                            yield_on_timeout=True, raise_interrupt=False):
                if changes:
                    rebuild()
                missing = any(not path.is_dir() for path in paths)
                if missing != gone:
                    rebuild()
                    break

    threading.Thread(target=watch, daemon=True, name="articles").start()
    return stop
