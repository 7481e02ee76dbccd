"""Opens the model that a reader names: one of the zoo, an id on the Hub, or a folder; as far as the settings allow it.

On a public page a name is a stranger's: with the settings' defaults it reaches neither network nor disk. A folder's path is
held against EXPLAINER_MODEL_DIRS as text first, and again with its links followed.
"""

import json
import os
import re
import time
from collections.abc import Generator
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from demos.lab import hub
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.encode import Encoder
from demos.lab.evidence import DemoError, Progress
from demos.lab.foreign import Foreign, read_foreign
from demos.lab.settings import LabSettings
from demos.lab.zoo import Zoo

ModelName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
TELL_SECONDS = 2.0  # how often a download says that it goes on


@dataclass(frozen=True, eq=False)
class Opened:
    """An opened model: where it came from, for readers, and the source code of its folder, for scripts (None: the zoo knows)."""

    encoder: Encoder
    unused: tuple[str, ...]
    origin: str
    folder_code: str | None = None


def open_model(zoo: Zoo, name: str, done: float) -> Generator[Progress, None, Opened]:
    """The model of that name; yields Progress, with `done` as its share, while it is downloaded.

    Raises DemoError if the settings do not allow it, or for the reasons of `hub.fetch` and `read_foreign`.
    """
    if name in zoo.rows:
        return Opened(zoo.load(name), (), "this app's own")
    settings = LabSettings()
    if looks_like_path(name):
        folder = allowed_folder(name, settings)
        return _opened(read_foreign(folder, name), "a folder", json.dumps(str(folder)))
    _allow("hub", name, settings)
    hub.check_id(name)
    snapshot = yield from _download(name, done, settings)
    code = f"snapshot_download({name!r}, revision={snapshot.commit!r}, allow_patterns={hub.FILES!r})"
    return _opened(read_foreign(snapshot.folder, name), f"the Hub, commit {snapshot.commit[:12]}", code)


def looks_like_path(name: str) -> bool:
    """A folder is given by a path that begins with “/”, “.”, “~”, “\\” or a drive; no Hub id does."""
    return re.match(r"[/.~\\]|[A-Za-z]:", name) is not None


def allowed_folder(name: str, settings: LabSettings) -> Path:
    """The folder of that path, if it is there and lies under one that the settings name.

    Raises the same DemoError for a folder that is not there as for one that is not allowed: which of the two is not told.
    """
    _allow("folders", name, settings)
    wanted = Path(os.path.abspath(name))  # as text: takes out “..”, asks nothing of the disk
    for parent in settings.model_dirs:
        if wanted.is_relative_to(os.path.abspath(parent)):
            real = wanted.resolve()
            if real.is_relative_to(parent.resolve()) and real.is_dir():
                return real
    raise DemoError(f"“{name[:60]}” is not a folder under one of those that EXPLAINER_MODEL_DIRS names; give a model's folder that is.")


def _allow(what: str, name: str, settings: LabSettings) -> None:
    if settings.compare in (what, "both"):
        return
    how = {"hub": "Models from the Hub are opened only where EXPLAINER_COMPARE=hub is set",
           "folders": "Folders are opened only where EXPLAINER_COMPARE=folders and EXPLAINER_MODEL_DIRS are set"}[what]
    raise DemoError(f"“{name[:60]}” is not one of this app's models, which are {', '.join(CHECKPOINTS)}. {how}, as you can do when "
                    "you run this app yourself.")


def _download(name: str, done: float, settings: LabSettings) -> Generator[Progress, None, hub.Snapshot]:
    began, future = time.monotonic(), hub.start(name)
    while not future.done():
        seconds = time.monotonic() - began
        if seconds > 60 * settings.download_minutes:
            raise hub.too_slow(name)
        yield Progress(f"taking “{name}” from the Hub, {seconds:.0f} s so far", done)
        wait([future], timeout=min(TELL_SECONDS, 60 * settings.download_minutes))
    return future.result()


def _opened(found: Foreign, origin: str, code: str) -> Opened:
    return Opened(found.encoder, found.unused, origin, code)
