"""The only place that runs an encoder: word vectors at every layer, and sentence vectors.

Layer 0 is the embedding output (token + position + segment, normalised), layer k the output of block k. A word's vector
is the mean of its word pieces, found by character offsets: searching for the pieces of "bank" inside those of
"riverbank" would find a word that is not there.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from transformers import AutoModel, AutoTokenizer, BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase

from demos.lab import gpu
from demos.lab.evidence import DemoError, Receipt
from demos.lab.limit import check_limit
from demos.lab.settings import LabSettings

BATCH = 32


@dataclass(frozen=True, eq=False)
class Encoder:
    """A loaded model in eval mode with its tokenizer and receipt."""

    key: str
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    receipt: Receipt

    @property
    def layers(self) -> int:
        """Number of Transformer blocks; hidden states are counted from 0 to this number."""
        return self.model.config.num_hidden_layers


def read_encoder(folder: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, int]:
    """Load a BERT-like encoder in float32 and count the tensors found in its file.

    Raises DemoError if a tensor of the encoder is missing: transformers would fill it with random numbers and go on.
    """
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    model, info = AutoModel.from_pretrained(
        folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True, **options
    )
    missing = sorted(info["missing_keys"]) + sorted(str(key) for key in info["mismatched_keys"])
    if missing:
        raise DemoError(
            f"The checkpoint lacks {len(missing)} of the encoder's tensors (first: {missing[0]}), so its vectors would be "
            "partly random; it is refused."
        )
    tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    return model.eval(), tokenizer, len(model.state_dict())


def locate(word: str, sentence: str) -> tuple[int, int]:
    """Character offsets of the first whole-word occurrence, ignoring case.

    Raises DemoError if the sentence does not hold the word, with the nearest word that it does hold.
    """
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", sentence, re.IGNORECASE)
    if found:
        return found.span()
    near = difflib.get_close_matches(word.lower(), re.findall(r"\w+", sentence.lower()), n=1)
    hint = f" It holds “{near[0]}”: use that as the word." if near else ""
    raise DemoError(f"The word “{word}” is not in the sentence “{_short(sentence)}”.{hint or ' Choose a word that it holds.'}")


def word_vectors(encoder: Encoder, words: Sequence[str], sentences: Sequence[str]) -> np.ndarray:
    """The vector of words[i] in sentences[i] at every layer, the mean of its pieces: (n, layers + 1, d), float64.

    A sentence that stands in the list several times is encoded once. Raises DemoError if a word is not in its sentence,
    or if the tokenizer gives it no piece.
    """
    return np.stack([pieces.mean(axis=1) for pieces in piece_vectors(encoder, words, sentences)])


def piece_vectors(encoder: Encoder, words: Sequence[str], sentences: Sequence[str]) -> list[np.ndarray]:
    """The vectors of the pieces of words[i] in sentences[i] at every layer: (layers + 1, pieces, d) each, float64.

    Raises what word_vectors raises.
    """
    places: dict[str, list[tuple[int, str, int, int]]] = {}
    for number, (word, sentence) in enumerate(zip(words, sentences, strict=True)):
        places.setdefault(sentence, []).append((number, word, *locate(word, sentence)))
    found: dict[int, np.ndarray] = {}
    texts = sorted(places, key=len)  # texts of like length together: less padding
    for first in range(0, len(texts), BATCH):
        part = texts[first:first + BATCH]
        batch = _tokenize(encoder, part)
        hidden = _hidden_states(encoder, batch)
        for row, text in enumerate(part):
            offsets, special = batch["offset_mapping"][row], batch["special_tokens_mask"][row].bool()
            for number, word, start, end in places[text]:
                inside = (offsets[:, 0] < end) & (offsets[:, 1] > start) & ~special
                if not inside.any():
                    raise DemoError(f"The tokenizer has no piece for “{word}”; choose another word.")
                found[number] = hidden[row][:, inside].double().numpy()
    return [found[number] for number in range(len(found))]


def sentence_vectors(encoder: Encoder, sentences: Sequence[str]) -> np.ndarray:
    """Mean over the tokens of the last layer, [CLS] and [SEP] included as this encoder was trained: (n, d), float64."""
    out = []
    for first in range(0, len(sentences), BATCH):
        batch = _tokenize(encoder, sentences[first:first + BATCH])
        out.append(mean_pool(_hidden_states(encoder, batch)[:, -1], batch["attention_mask"]).double().numpy())
    return np.concatenate(out)


def sentence_states(encoder: Encoder, sentences: Sequence[str]) -> Iterator[np.ndarray]:
    """Every token's vector at every layer, a sentence at a time in the order given: (layers + 1, tokens, d), float64.

    The first token is [CLS] and the last [SEP]. Sentences of like length side by side need less padding.
    """
    for first in range(0, len(sentences), BATCH):
        batch = _tokenize(encoder, sentences[first:first + BATCH])
        hidden = _hidden_states(encoder, batch)
        for row, length in enumerate(batch["attention_mask"].sum(dim=1).tolist()):
            yield hidden[row][:, :length].double().numpy()


def mean_pool(hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """Mean over real tokens: (batch, tokens, d) and (batch, tokens) -> (batch, d)."""
    mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * mask).sum(dim=1) / mask.sum(dim=1)


def word_pieces(encoder: Encoder, word: str) -> list[str]:
    """How the tokenizer splits a word."""
    return encoder.tokenizer.tokenize(word)


def _tokenize(encoder: Encoder, sentences: Sequence[str]) -> BatchEncoding:
    batch = encoder.tokenizer(
        list(sentences), padding=True, return_tensors="pt", return_offsets_mapping=True, return_special_tokens_mask=True
    )
    limit = encoder.model.config.max_position_embeddings
    if batch["input_ids"].shape[1] > limit:
        longest = max(sentences, key=len)
        raise DemoError(f"The sentence “{_short(longest)}” is longer than the {limit} pieces this model reads; shorten it.")
    return batch


def _hidden_states(encoder: Encoder, batch: BatchEncoding) -> torch.Tensor:
    """(batch, layers + 1, tokens, d). Raises OutOfTime if the experiment's time is up."""
    check_limit()
    inputs = {name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids") if name in batch}
    if LabSettings().gpu and (folder := gpu.folder_of(encoder.model)):
        return torch.from_numpy(gpu.hidden_states(str(folder), {name: tensor.numpy() for name, tensor in inputs.items()}))
    with torch.inference_mode():
        return torch.stack(encoder.model(**inputs, output_hidden_states=True).hidden_states, dim=1)


def _short(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
