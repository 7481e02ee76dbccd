"""The zoo over models from the Hub: the same questions as to the zoo that is trained here, answered from downloaded files.

Nothing is downloaded by asking: `load` uses what `fetch` (run by `python -m demos prepare`) has taken, checked and recorded.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from demos.lab import hub
from demos.lab.evidence import DemoError, NotReady
from demos.lab.hub_models import BASE_NAME, HUB_MODELS, HubCheckpoint, refusal
from demos.lab.zoo import Zoo, write_json


class HubZoo(Zoo):
    """bert-base-uncased and its children. `rows` is the table; a row's record in the cache folder says which commit it is."""

    family = "bert-base"
    about_base = f"{BASE_NAME}, pretrained on text and not tuned"
    about_models = ("The tuned models come from the Hugging Face Hub, made by different people with different rates and numbers of "
                    "steps; drift grows with steps, so their order says little about the tasks.")
    # The others read heads or data of the bundled models, or speak of them in their caveats.
    experiments = frozenset({"word_drift", "layer_by_layer", "static_or_contextual", "compare_models"})

    def __init__(self, cache: Path, rows: Mapping[str, HubCheckpoint] = HUB_MODELS,
                 on_missing: Callable[[], object] = lambda: None) -> None:
        super().__init__(cache / "hub" / "base", cache, on_missing=on_missing)
        self.rows = rows

    @property
    def folder(self) -> Path:
        """Where the records lie; the models' files are in the Hub's own cache."""
        return self.cache / "hub"

    def fetch(self, key: str, network: bool = True) -> None:
        """Take a model from the Hub (without `network`, from its cache on this machine), make sure that it is whole and a child of the
        base, and record its commit and files.

        Raises hub.Unreachable if it cannot be had now, and DemoError if it cannot be used; that is recorded too, so that the
        others can be used without it.
        """
        from demos.lab.foreign import read_foreign  # torch is imported when a model is first read
        from demos.lab.kinship import check_kinship

        row, began = self.row(key), time.monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            snapshot = hub.fetch(row.repo, row.revision) if network else hub.cached(row.repo, row.revision)
            found = read_foreign(snapshot.folder, key, row.base, row.task)
            if row.base is not None:
                check_kinship(self.load("base"), found.encoder)
        except (hub.Unreachable, NotReady):
            raise
        except DemoError as error:
            write_json(refusal(self.cache, key), {"repo": row.repo, "revision": row.revision, "reason": str(error)})
            raise
        write_json(self._record_file(key), {
            "key": key, "base": row.base, "task": row.task, "repo": snapshot.repo, "commit": snapshot.commit,
            "training": row.training, "folder": str(snapshot.folder), "tensors_loaded": found.encoder.receipt.tensors_loaded,
            "tensors_new": 0, "unused": list(found.unused), "metric": None, "score": None, "chance": None,
            "seconds": round(time.monotonic() - began, 1), "files": _digests(snapshot.folder)})

    def load(self, key: str) -> Any:
        """The encoder of a row, read once per process. Raises DemoError for an unknown key, NotReady if it must be fetched."""
        from demos.lab.foreign import read_foreign

        row = self.row(key)
        with self._lock:
            record = self._verified(key)
            path = Path(record["folder"])
            if path not in self._loaded:
                self._loaded[path] = read_foreign(path, key, row.base, row.task).encoder
            return self._loaded[path]

    def is_ready(self, key: str) -> bool:
        """Whether the model has been fetched, and its weights are still where they were."""
        self.row(key)
        try:
            return (Path(self.training_record(key)["folder"]) / hub.WEIGHTS).exists()
        except (OSError, ValueError, KeyError):
            return False

    def missing(self) -> list[str]:
        """Keys still to be fetched, the base first; without those that were refused."""
        return [key for key in self.rows if not self.is_ready(key) and not refusal(self.cache, key).exists()]

    def path(self, key: str) -> Path:
        """The folder of a model, if it has been fetched; else where its record would be."""
        return Path(self.training_record(key)["folder"]) if self.is_ready(key) else self._record_file(key)

    def digest(self, key: str) -> str:
        """What determines a row: the id and its commit."""
        record = self.training_record(key)
        return hashlib.sha256(f"{record['repo']}\0{record['commit']}".encode()).hexdigest()[:12]

    def identity(self) -> list[str]:
        """What tells these models from any others: the commits of those that are there."""
        return [f"{self.row(key).repo}@{self.training_record(key)['commit']}" for key in self.rows if self.is_ready(key)]

    def training_record(self, key: str) -> dict:
        """What was written down when the row was fetched. Raises OSError if it has not been."""
        return json.loads(self._record_file(key).read_text(encoding="utf-8"))

    def load_head(self, key: str) -> NoReturn:
        """Heads from the Hub differ in kind and are not read. Raises DemoError."""
        raise DemoError("This experiment reads a task head that was trained here, and models from the Hub have none of that kind; "
                        "it needs the bundled models (EXPLAINER_MODELS=bundled).")

    def row(self, key: str) -> HubCheckpoint:
        """The row of a key. Raises DemoError for an unknown one."""
        if key not in self.rows:
            raise DemoError(f"There is no model “{key[:40]}” among those from the Hub, which are {', '.join(self.rows)}; an experiment "
                            "that needs it needs the bundled models (EXPLAINER_MODELS=bundled).")
        return self.rows[key]

    def _record_file(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _verified(self, key: str) -> dict:
        """The record of a row whose files are as they were fetched; a record that is wrong is removed."""
        row = self.row(key)
        if not self.is_ready(key):
            if refusal(self.cache, key).exists():
                reason = json.loads(refusal(self.cache, key).read_text(encoding="utf-8"))["reason"]
                raise DemoError(f"The model “{row.name}” ({row.repo}) cannot be used. {reason} When the app is started again, it is "
                                "left out.")
            self.on_missing()
            raise NotReady(f"The model “{row.name}” ({row.repo}) has still to be taken from the Hub; this takes some minutes at first "
                           "use. `python -m demos prepare` takes all models now.")
        record = self.training_record(key)
        if Path(record["folder"]) not in self._loaded and _digests(Path(record["folder"])) != record["files"]:
            self._record_file(key).unlink()
            self.on_missing()
            raise NotReady(f"The files of “{row.name}” ({row.repo}) are not as they were taken from the Hub; they are taken again.")
        return record


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of the files that are used."""
    found = {}
    for name in hub.FILES:
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
