"""What was embedded once is kept: of articles in the cache folder, by a digest of model and text; of readers' texts, the
latest ones, in memory."""

import hashlib
import logging
import os
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.embedder import Embedder, Reading, read_with

log = logging.getLogger(__name__)
FOLDER = "index"
KEPT = 256  # texts of readers: a message is looked at several times


class Latest:
    """Reads readers' texts; what was read lately is not read again. Safe to use from several threads."""

    def __init__(self, embed: Embedder) -> None:
        self._embed = embed
        self._kept: dict[str, Reading] = {}

    def __call__(self, texts: Sequence[str]) -> list[Reading]:
        """Of at least one text. Texts of unlike length are embedded apart, so that the short ones are not padded."""
        kept = dict(self._kept)
        todo = sorted({text for text in texts if text not in kept}, key=len)
        while todo:
            alike = [text for text in todo if len(text) <= 2 * len(todo[0]) + 40]
            kept |= zip(alike, read_with(self._embed, alike), strict=True)
            todo = todo[len(alike):]
        self._kept = dict(list(kept.items())[-KEPT:])  # exchanged whole, so that threads never see it half filled
        return [kept[text] for text in texts]


def cached_readings(texts: list[str], embed: Embedder, cache: Path | None, name: str = "vectors") -> list[Reading]:
    """Embed the texts, reading from the file `name` in the cache those that were embedded before; a damaged file is replaced.

    One changed article so costs only its own texts.
    """
    file = cache / FOLDER / f"{name}.npz" if cache else None
    keys = [hashlib.sha256(f"{embed.name}\0{text}".encode()).hexdigest()[:24] for text in texts]
    known = _load(file) if file else {}
    todo = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if todo:
        known |= zip(todo, read_with(embed, list(todo.values())), strict=True)
        if file:
            _save(file, {key: known[key] for key in keys})
    return [known[key] for key in keys]


def _load(file: Path) -> dict[str, Reading]:
    try:
        with np.load(file, allow_pickle=False) as saved:
            keys, vectors, pieces, counts = (saved[name] for name in ("keys", "vectors", "pieces", "counts"))
        if (vectors.dtype == np.float32 and pieces.dtype == np.float16 and vectors.ndim == pieces.ndim == 2
                and len(keys) == len(vectors) == len(counts) and counts.sum() == len(pieces)
                and np.isfinite(vectors).all() and np.isfinite(pieces).all()):
            parts = np.split(pieces, np.cumsum(counts)[:-1])
            return {key: Reading(*found) for key, *found in zip(keys.tolist(), vectors, parts, strict=True)}
        log.warning("The saved search index was damaged; it is built anew.")
    except (FileNotFoundError, KeyError):
        pass  # none yet, or one of an earlier version, which kept less
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        log.warning("The saved search index was damaged; it is built anew.")
    return {}


def _save(path: Path, known: dict[str, Reading]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npz")
        os.close(handle)
        np.savez(name, keys=np.array(list(known)), vectors=np.stack([found.vector for found in known.values()]).astype(np.float32),
                 pieces=np.concatenate([found.pieces for found in known.values()]), counts=[len(found.pieces) for found in known.values()])
        os.replace(name, path)
    except OSError as error:
        log.warning("The search index cannot be kept in the cache folder (%s); it is built anew at each start. "
                    "Set EXPLAINER_CACHE_DIR to a folder that can be written.", error.strerror)
