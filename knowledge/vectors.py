"""Vectors that were embedded once are kept: of articles in the cache folder, by a digest of model and text; of readers' texts, the
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

from knowledge.embedder import Embedder

log = logging.getLogger(__name__)
FOLDER = "index"
KEPT = 256  # texts of readers: a message is looked at several times


class Latest:
    """Embeds readers' texts; what was embedded lately is not embedded again. Safe to use from several threads."""

    def __init__(self, embed: Embedder) -> None:
        self._embed = embed
        self._kept: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) unit vectors of at least one text. Texts of unlike length are embedded apart, so that the short ones are not padded."""
        kept = dict(self._kept)
        todo = sorted({text for text in texts if text not in kept}, key=len)
        while todo:
            alike = [text for text in todo if len(text) <= 2 * len(todo[0]) + 40]
            kept |= zip(alike, self._embed(alike), strict=True)
            todo = todo[len(alike):]
        self._kept = dict(list(kept.items())[-KEPT:])  # exchanged whole, so that threads never see it half filled
        return np.stack([kept[text] for text in texts])


def cached_vectors(texts: list[str], embed: Embedder, cache: Path | None, name: str = "vectors") -> np.ndarray:
    """Embed the texts, reading from the file `name` in the cache those that were embedded before; a damaged file is replaced.

    One changed article so costs only its own texts. (n, d); (0, 0) for no texts.
    """
    file = cache / FOLDER / f"{name}.npz" if cache else None
    keys = [hashlib.sha256(f"{embed.name}\0{text}".encode()).hexdigest()[:24] for text in texts]
    known = _read_vectors(file) if file else {}
    todo = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if todo:
        known |= zip(todo, embed(list(todo.values())), strict=True)
        if file:
            _write_vectors(file, {key: known[key] for key in keys})
    return np.ascontiguousarray([known[key] for key in keys], dtype=np.float32).reshape(len(keys), -1 if keys else 0)


def _read_vectors(file: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as saved:
            keys, vectors = saved["keys"], saved["vectors"]
        if vectors.dtype == np.float32 and vectors.ndim == 2 and len(keys) == len(vectors) and np.isfinite(vectors).all():
            return dict(zip(keys.tolist(), vectors, strict=True))
        log.warning("The saved search index was damaged; it is built anew.")
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        log.warning("The saved search index was damaged; it is built anew.")
    return {}


def _write_vectors(path: Path, known: dict[str, np.ndarray]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npz")
        os.close(handle)
        np.savez(name, keys=np.array(list(known)), vectors=np.stack(list(known.values())).astype(np.float32))
        os.replace(name, path)
    except OSError as error:
        log.warning("The search index cannot be kept in the cache folder (%s); it is built anew at each start. "
                    "Set EXPLAINER_CACHE_DIR to a folder that can be written.", error.strerror)
