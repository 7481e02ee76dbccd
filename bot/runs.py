"""Experiments under way and done, each known by everything that determines its result.

An experiment runs in a thread of its own, one at a time, so that a reader who reloads the page finds it again instead of
starting it anew; when nobody has followed it for a while it is stopped. Results are kept: the same parameters on the same
models give the same numbers, so computing them twice would only make the reader wait. Those of a checkpoint that a reader names are
not: what lies under its name may change.
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from demos import DemoError, Evidence, NotReady, Progress, Zoo, find_demos, follow_demo
from demos.lab.families import models_of
from demos.lab.prepare import is_training, read_progress

KEPT = 256  # results
ABANDONED = 20.0  # seconds without a follower after which an experiment is stopped: long enough for a reload
START_OF_TRAINING = 60  # seconds after which a training that nobody has begun is no longer waited for
POLL = 0.5


@dataclass(frozen=True)
class Planned:
    """An experiment is about to run: `demo` is its name."""

    demo: str
    title: str
    parameters: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """The experiment waits, for what, in words that can be shown."""

    reason: str


@dataclass(frozen=True)
class Unavailable:
    """An experiment that could not run, and why, in one sentence. `waiting`: its models are being trained."""

    demo: str
    reason: str
    waiting: bool = False


class Runs:
    """Runs experiments on one zoo. Safe to use from several threads."""

    def __init__(self, zoo: Zoo) -> None:
        self.zoo = zoo
        self._turn = threading.BoundedSemaphore(1)  # one at a time: each uses every core
        self._lock = threading.Lock()
        self._running: dict[str, _Run] = {}
        self._done: OrderedDict[str, Evidence] = OrderedDict()

    def follow(self, name: str, parameters: dict, patience: float = 0) -> Iterator[
            Planned | Waiting | Progress | Evidence | Unavailable]:
        """One experiment from plan to result: Planned, Waiting and Progress as often as it takes, then Evidence or Unavailable.

        `patience`: seconds to wait for models that are still being trained. An experiment with the same parameters that
        is already running is joined.
        """
        parameters = {key: value for key, value in parameters.items() if value is not None}
        yield Planned(name, find_demos()[name].title if name in find_demos() else name, parameters)
        deadline, last_seen = time.monotonic() + patience, time.monotonic()
        while True:
            try:
                yield from self._join(name, parameters)
                return
            except NotReady as error:
                last_seen = time.monotonic() if is_training(self.zoo) else last_seen
                if time.monotonic() > min(deadline, last_seen + START_OF_TRAINING):
                    yield Unavailable(name, str(error), waiting=True)
                    return
            except DemoError as error:
                yield Unavailable(name, str(error))
                return
            yield Waiting(f"the models are being trained, once: {read_progress(self.zoo) or 'starting'}")
            time.sleep(1)

    def kept(self, name: str, parameters: dict) -> Evidence | None:
        """The result of an experiment that was run before with these parameters, if it is still here."""
        with self._lock:
            return self._done.get(self._key(name, {key: value for key, value in parameters.items() if value is not None}))

    def stop(self, name: str, parameters: dict) -> None:
        """Stop an experiment now, at its next step, whoever follows it."""
        with self._lock:
            run = self._running.get(self._key(name, {key: value for key, value in parameters.items() if value is not None}))
        if run:
            run.stopped.set()

    def _key(self, name: str, parameters: dict) -> str:
        """Everything that determines a result, within a process: the code does not change."""
        return json.dumps([name, parameters, models_of(self.zoo, parameters)[0]], sort_keys=True, default=str)

    def _join(self, name: str, parameters: dict) -> Iterator[Waiting | Progress | Evidence]:
        key = self._key(name, parameters)
        with self._lock:
            if key in self._done:
                self._done.move_to_end(key)
                kept: Evidence | None = self._done[key]
            else:
                kept = None
                under_way = self._running.get(key)
                run = under_way if under_way and not under_way.stopped.is_set() else self._start(key, name, parameters)
                run.followers += 1
        if kept:
            yield kept
            return
        try:
            yield from run.news()
        finally:
            with self._lock:
                run.followers -= 1
                run.left = time.monotonic()

    def _start(self, key: str, name: str, parameters: dict) -> "_Run":
        run = self._running[key] = _Run()
        threading.Thread(target=self._work, args=(run, key, name, parameters), daemon=True, name=name).start()
        return run

    def _work(self, run: "_Run", key: str, name: str, parameters: dict) -> None:
        try:
            while not self._turn.acquire(timeout=POLL):
                if self._unwanted(run):
                    raise DemoError("The experiment was stopped before its turn came.")
            try:
                run.started.set()
                items = follow_demo(name, self.zoo, **parameters)
                for item in items:
                    if isinstance(item, Evidence):
                        _, lasting = models_of(self.zoo, parameters)
                        with self._lock:
                            if lasting:
                                self._done[key] = item
                            while len(self._done) > KEPT:
                                self._done.popitem(last=False)
                    elif self._unwanted(run):
                        items.close()
                        raise DemoError("The experiment was stopped.")
                    run.tell(item)
            finally:
                self._turn.release()
        except DemoError as error:
            run.tell(error)
        except Exception:  # a fault of ours must not leave the reader waiting for ever
            run.tell(DemoError("The experiment failed because of a fault in this app; the words above are not affected."))
            raise
        finally:
            with self._lock:
                if self._running.get(key) is run:  # after a stop, the same may have been started anew
                    del self._running[key]

    def _unwanted(self, run: "_Run") -> bool:
        with self._lock:
            return run.stopped.is_set() or (run.followers == 0 and time.monotonic() > run.left + ABANDONED)


class _Run:
    """What one running experiment has told so far: its latest progress, then its result or error."""

    def __init__(self) -> None:
        self.followers, self.left = 0, time.monotonic()
        self.started, self.stopped = threading.Event(), threading.Event()
        self._changed = threading.Condition()
        self._latest: Progress | Evidence | DemoError | None = None
        self._count = 0

    def tell(self, item: Progress | Evidence | DemoError) -> None:
        with self._changed:
            self._latest, self._count = item, self._count + 1
            self._changed.notify_all()

    def news(self) -> Iterator[Waiting | Progress | Evidence]:
        """Each latest item until the result; a follower who is late or slow gets the newest only."""
        seen = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._count > seen, timeout=POLL)  # noqa: B023
                item, fresh, seen = self._latest, self._count > seen, self._count
            if isinstance(item, DemoError):
                raise item
            if fresh and item is not None:
                yield item
                if isinstance(item, Evidence):
                    return
            elif not self.started.is_set():
                yield Waiting("another experiment is running; this one is next")
