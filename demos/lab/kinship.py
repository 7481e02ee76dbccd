"""Are two models tuned from one base? Only then do their vectors share coordinates, and a cosine between them says something.

A name or a card is not enough: a "bert-base-uncased" model may have been tuned from the cased one.
"""

import numpy as np
from transformers import PreTrainedTokenizerBase

from demos.lab.encode import Encoder
from demos.lab.evidence import DemoError
from demos.lab.measure import unit

# Tuning hardly moves the position embeddings; models that were pretrained apart have unrelated ones.
SAME_POSITIONS = 0.99
PROBE = "The Bank of Québec re-opened, didn't it?"


def check_kinship(first: Encoder, second: Encoder) -> float:
    """The mean cosine of the two models' position embeddings, which says that they grew from one base.

    Raises DemoError, with the first reason found, if the two cannot be compared.
    """
    names = f"“{first.key}” and “{second.key}” cannot be compared"
    for what, field in (("the architecture", "model_type"), ("the number of layers", "num_hidden_layers"),
                        ("the width", "hidden_size"), ("the number of attention heads", "num_attention_heads"),
                        ("the number of positions", "max_position_embeddings")):
        one, other = getattr(first.model.config, field), getattr(second.model.config, field)
        if one != other:
            raise DemoError(f"{names}: {what} differs ({one} and {other}).")
    ours, theirs = first.tokenizer.get_vocab(), second.tokenizer.get_vocab()
    if ours != theirs:
        differing = len(ours.items() ^ theirs.items())
        raise DemoError(f"{names}: their vocabularies differ (in {differing:,} entries), so they do not read the same pieces.")
    if lower_cases(first.tokenizer) != lower_cases(second.tokenizer):
        lower, other = (first, second) if lower_cases(first.tokenizer) else (second, first)
        raise DemoError(f"{names}: “{lower.key}” reads text in lower case and “{other.key}” does not.")
    if first.tokenizer.tokenize(PROBE) != second.tokenizer.tokenize(PROBE):
        raise DemoError(f"{names}: their tokenizers split the same text differently.")
    cosine = position_cosine(_positions(first), _positions(second))
    if cosine < SAME_POSITIONS:
        raise DemoError(f"{names}: their position embeddings have a mean cosine of {cosine:.2f} (above {SAME_POSITIONS} if one was "
                        "tuned from the other), so they did not grow from the same base.")
    return cosine


def position_cosine(first: np.ndarray, second: np.ndarray) -> float:
    """Mean cosine of paired rows (positions, d)."""
    return float(np.sum(unit(first) * unit(second), axis=-1).mean())


def lower_cases(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether capitals make no difference. Asked of the tokenizer itself: the flag in its config is not always true."""
    return tokenizer.tokenize("Bank BANK") == tokenizer.tokenize("bank bank")


def _positions(encoder: Encoder) -> np.ndarray:
    return encoder.model.get_parameter("embeddings.position_embeddings.weight").detach().double().numpy()
