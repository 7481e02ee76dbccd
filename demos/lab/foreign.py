"""Reads a checkpoint that others made, from a folder. Nothing in it is trusted: no code, no pickle, no half-loaded model.

transformers would fill a missing tensor with random numbers, leave out one that has no place, and go on. Here the first is
refused; the second is refused too if it belongs to the encoder, and otherwise (a task head) reported.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModel, AutoTokenizer

from demos.lab.encode import Encoder
from demos.lab.evidence import DemoError, Receipt
from demos.lab.settings import LabSettings

POOLED = ("bert", "roberta")  # these take add_pooling_layer
ENCODERS = (*POOLED, "distilbert", "electra")
VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json")
MAX_LAYERS = 48  # a config may claim any number; this many modules are built before the size is known


@dataclass(frozen=True, eq=False)
class Foreign:
    """A loaded encoder, and the tensors of its file that the encoder does not use: heads, and the pooler."""

    encoder: Encoder
    unused: tuple[str, ...] = ()


def read_foreign(folder: Path, name: str, base: str | None = None, task: str = "not known here") -> Foreign:
    """The encoder of any checkpoint of a BERT-like architecture, in float32, as `name`.

    The pooler is left out: no hidden state depends on it, and models for questions or tokens are saved without one.
    Raises DemoError, with the reason, for whatever is not exactly one whole encoder in safetensors.
    """
    options = _check_folder(folder, name)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        model, info = AutoModel.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True, **options)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError,
            StrictDataclassError) as error:
        raise DemoError(f"The files of “{name}” cannot be read as a model ({type(error).__name__}): they are damaged, or do not "
                        "belong together.") from error
    missing = sorted(info["missing_keys"]) + sorted(str(key) for key in info["mismatched_keys"])
    if missing:
        raise DemoError(f"“{name}” lacks {len(missing)} of the encoder's tensors (first: {missing[0]}), so its vectors would be "
                        "partly random; it is refused.")
    unused = tuple(sorted(info["unexpected_keys"]))
    if left_out := [key for key in unused if re.search(r"(^|\.)(embeddings|layer)\.(?!position_ids)", key)]:
        raise DemoError(f"The file of “{name}” holds {len(left_out)} tensors of an encoder that its config does not describe "
                        f"(first: {left_out[0]}); it is refused, since a part of it would be left out.")
    if broken := [key for key, tensor in model.state_dict().items() if not torch.isfinite(tensor).all()]:
        raise DemoError(f"“{name}” holds values that are not numbers (NaN or infinite) in {len(broken)} of its tensors (first: "
                        f"{broken[0]}); it is refused.")
    if not tokenizer.is_fast:
        raise DemoError(f"The tokenizer of “{name}” cannot tell which characters a piece covers; it is refused.")
    if max(tokenizer.get_vocab().values()) >= model.config.vocab_size:
        raise DemoError(f"The tokenizer of “{name}” knows {len(tokenizer):,} pieces and the model {model.config.vocab_size:,}; they do "
                        "not belong together.")
    receipt = Receipt(name, base, task, tensors_loaded=len(model.state_dict()), tensors_new=0)
    return Foreign(Encoder(name, model.eval(), tokenizer, receipt), unused)


def _check_folder(folder: Path, name: str) -> dict[str, Any]:
    """What can be refused before any weight is read; the options with which to read them."""
    config = _json(folder / "config.json", name)
    if "auto_map" in config or "auto_map" in _json(folder / "tokenizer_config.json", name, needed=False):
        raise DemoError(f"“{name}” brings its own program code (auto_map), which is never run here; it is refused.")
    kind = config.get("model_type")
    if kind not in ENCODERS:
        raise DemoError(f"“{name}” has the architecture “{str(kind)[:30]}”; those that can be compared here are {', '.join(ENCODERS)}.")
    if (folder / "adapter_config.json").exists():
        raise DemoError(f"“{name}” is an adapter for another model, not a whole model; merge it first.")
    if not (folder / "model.safetensors").is_file():
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt"))
        why = "only pickled weights, a format that can run code when it is opened" if pickled else "no weights"
        raise DemoError(f"“{name}” has {why}; a model with model.safetensors is needed.")
    if not any((folder / file).is_file() for file in VOCABULARIES):  # transformers would go on with an empty vocabulary
        raise DemoError(f"“{name}” has no tokenizer; its folder needs one of {', '.join(VOCABULARIES)}.")
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    _check_size(folder, name, options)
    return options | ({"add_pooling_layer": False} if kind in POOLED else {})


def _check_size(folder: Path, name: str, options: dict[str, Any]) -> None:
    """Would the model that the config describes fit? Built without memory: a config may claim any size."""
    try:
        config = AutoConfig.from_pretrained(folder, **options)
        if not 1 <= config.num_hidden_layers <= MAX_LAYERS:
            raise DemoError(f"The config of “{name}” claims {config.num_hidden_layers} layers; 1 to {MAX_LAYERS} can be read here.")
        with torch.device("meta"):
            megabytes = AutoModel.from_config(config).num_parameters() * 4 / 1e6
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, ArithmeticError,
            StrictDataclassError) as error:
        raise DemoError(f"The config of “{name}” does not describe a model ({type(error).__name__}).") from error
    limit = LabSettings().download_megabytes
    if megabytes > limit:
        raise DemoError(f"The config of “{name}” describes a model of {megabytes:,.0f} MB, more than the {limit:,g} MB that "
                        "EXPLAINER_DOWNLOAD_MEGABYTES allows.")


def _json(path: Path, name: str, needed: bool = True) -> dict:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if not needed:
            return {}
        raise DemoError(f"“{name}” has no {path.name}, so it is not a model's folder.") from error
    except (OSError, ValueError) as error:
        raise DemoError(f"The {path.name} of “{name}” cannot be read ({type(error).__name__}).") from error
    if not isinstance(content, dict):
        raise DemoError(f"The {path.name} of “{name}” is not what it should be: a JSON object.")
    return content
