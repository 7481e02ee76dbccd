"""The one function that may run on a Space's shared GPU (ZeroGPU). Everywhere else it is an ordinary function, and unused.

The CPU is the default on ZeroGPU too: these models are small, a call there waits for a GPU and spends the visitor's quota, and the
digits that an experiment promises to repeat are the CPU's. But ZeroGPU starts no app that has no such function, and with
`EXPLAINER_GPU=true` the Hub's larger models are run by it. It runs in a process of its own, so it takes a folder and arrays, which
can be pickled, and reads the model there.
"""

import weakref
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

SECONDS = 30  # that one call may hold the GPU
_folders: "weakref.WeakKeyDictionary[torch.nn.Module, Path]" = weakref.WeakKeyDictionary()


def on_gpu(seconds: int) -> Callable[[Callable], Callable]:
    """ZeroGPU's decorator where the package `spaces` is installed (there it does nothing but on ZeroGPU); else none."""
    try:
        from spaces import GPU
    except ImportError:
        return lambda function: function
    return GPU(duration=seconds)


def lies_in(model: torch.nn.Module, folder: Path) -> None:
    """Note that a model is what lies in a folder; one that learns after that must not be noted."""
    _folders[model] = folder


def folder_of(model: torch.nn.Module) -> Path | None:
    """The folder that holds exactly this model, if it was noted."""
    return _folders.get(model)


@on_gpu(SECONDS)
def hidden_states(folder: str, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Every layer's output for a batch of the model in a folder: (batch, layers + 1, tokens, d), float32."""
    model = _model(folder)
    tensors: dict[str, Any] = {name: torch.from_numpy(array).to(model.device) for name, array in inputs.items()}
    with torch.inference_mode():
        return torch.stack(model(**tensors, output_hidden_states=True).hidden_states, dim=1).cpu().numpy()


@lru_cache(maxsize=8)
def _model(folder: str) -> Any:
    from demos.lab.encode import read_encoder  # it stands beside this module

    model, _, _ = read_encoder(Path(folder))
    module: torch.nn.Module = model
    return module.to("cuda" if torch.cuda.is_available() else "cpu")
