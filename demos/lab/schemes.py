"""Which weights of the encoder learn, from none to all. The head always does.

Layers are counted as hidden states are: 0 is the embeddings, k is block k. The pooler, which no head here reads, never learns.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn
from transformers import PreTrainedModel

from demos.lab.evidence import DemoError

LORA: dict[str, Any] = {"r": 8, "lora_alpha": 16, "target_modules": ["query", "value"]}  # where LoRA's authors put it: queries and values


@dataclass(frozen=True)
class Scheme:
    """One way to tune. `learns(name, layer, layers)`: whether a weight of that layer, of `layers` blocks, does.

    `rate` multiplies the recipe's encoder rate: where few numbers learn, each must move farther. `lora`: the base's weights
    are still, and small matrices beside them learn. `probe_first`: the head learns alone before everything does.
    """

    key: str
    name: str  # as readers see it
    learns: Callable[[str, int, int], bool]
    rate: float = 1.0
    lora: bool = False
    probe_first: bool = False


SCHEMES = {scheme.key: scheme for scheme in (
    Scheme("frozen", "frozen", lambda name, layer, layers: False),
    Scheme("last_layer", "last layer", lambda name, layer, layers: layer == layers),
    Scheme("top_half", "top half", lambda name, layer, layers: layer > layers / 2),
    Scheme("bitfit", "BitFit", lambda name, layer, layers: name.endswith(".bias"), rate=10),
    Scheme("lora", "LoRA", lambda name, layer, layers: False, rate=10, lora=True),
    Scheme("lp_ft", "LP-FT", lambda name, layer, layers: True, probe_first=True),
    Scheme("full", "full", lambda name, layer, layers: True),
    Scheme("no_embeddings", "all but the embeddings", lambda name, layer, layers: layer > 0),
)}


def scheme_of(key: str) -> Scheme:
    """The scheme of a key. Raises DemoError for an unknown one."""
    if key not in SCHEMES:
        raise DemoError(f"There is no way of tuning called “{key[:40]}”; the ways are {', '.join(SCHEMES)}.")
    return SCHEMES[key]


def freeze_bottom(blocks: int) -> Scheme:
    """Freeze the embeddings and the lowest `blocks` blocks; 0 freezes nothing, the embeddings included.

    With as many blocks as the encoder has, only the head learns. SCHEMES["no_embeddings"] freezes the embeddings alone.
    """
    if blocks == 0:
        return SCHEMES["full"]
    return Scheme(f"freeze_{blocks}", f"lowest {blocks} frozen", lambda name, layer, layers: layer > blocks)


def layer_of(name: str) -> int | None:
    """The layer of a weight by its name in a BERT-like encoder; None for the pooler's."""
    block = re.match(r"encoder\.layer\.(\d+)\.", name)
    if block:
        return int(block[1]) + 1
    return 0 if name.startswith("embeddings.") else None


def apply(scheme: Scheme, model: Any) -> tuple[Any, list[nn.Parameter]]:
    """Set, in place, what learns in an encoder; returns the module to train and those of its weights that learn.

    The module is the encoder itself, or LoRA's wrapper around it. A layer in which nothing learns runs in eval mode: with
    dropout there, the weights above would be trained on other vectors than they read afterwards.
    """
    layers = model.config.num_hidden_layers
    for name, weight in model.named_parameters():
        layer = layer_of(name)
        weight.requires_grad_(layer is not None and scheme.learns(name, layer, layers))
    module = model
    if scheme.lora:
        from peft import LoraConfig, get_peft_model  # a slow import that only this scheme needs

        module = get_peft_model(model, LoraConfig(**LORA))  # freezes every weight but its own
    model.eval()
    for part in (model.embeddings, *model.encoder.layer):
        part.train(any(weight.requires_grad for weight in part.parameters()))
    return module, [weight for weight in module.parameters() if weight.requires_grad]


def merged(module: Any) -> PreTrainedModel:
    """An ordinary encoder again: LoRA's matrices are added into the weights that they stand beside."""
    return module if isinstance(module, PreTrainedModel) else module.merge_and_unload()
