"""Vectors that were embedded once are kept in the cache folder, by a digest of model and text."""

import hashlib
import logging
import os
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from knowledge.embedder import Embedder

log = logging.getLogger(__name__)
VECTORS = Path("index") / "vectors.npz"


def cached_vectors(texts: list[str], embed: Embedder, cache: Path | None) -> np.ndarray:
    """Embed the texts, reading from the cache those that were embedded before; a damaged file is replaced.

    One changed article so costs only its own texts.
    """
    keys = [hashlib.sha256(f"{embed.name}\0{text}".encode()).hexdigest()[:24] for text in texts]
    known = _read_vectors(cache) if cache else {}
    todo = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if todo:
        known |= zip(todo, embed(list(todo.values())), strict=True)
        if cache:
            _write_vectors(cache, {key: known[key] for key in keys})
    return np.ascontiguousarray([known[key] for key in keys], dtype=np.float32)


def _read_vectors(cache: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(cache / VECTORS, allow_pickle=False) as saved:
            keys, vectors = saved["keys"], saved["vectors"]
        if vectors.dtype == np.float32 and vectors.ndim == 2 and len(keys) == len(vectors) and np.isfinite(vectors).all():
            return dict(zip(keys.tolist(), vectors, strict=True))
        log.warning("The saved search index was damaged; it is built anew.")
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        log.warning("The saved search index was damaged; it is built anew.")
    return {}


def _write_vectors(cache: Path, known: dict[str, np.ndarray]) -> None:
    try:
        path = cache / VECTORS
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npz")
        os.close(handle)
        np.savez(name, keys=np.array(list(known)), vectors=np.stack(list(known.values())).astype(np.float32))
        os.replace(name, path)
    except OSError as error:
        log.warning("The search index cannot be kept in the cache folder (%s); it is built anew at each start. "
                    "Set EXPLAINER_CACHE_DIR to a folder that can be written.", error.strerror)
