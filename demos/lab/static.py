"""Static word vectors: one vector a word form, whatever the sentence.

Two tables: a Word2Vec trained on the bundled text at first use, and the encoder's own input-embedding matrix, which is
BERT's context-free table before any layer has run. Vectors are kept in word2vec's text format; gensim's own `save` and
`load` are pickle and are not used.
"""

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from gensim.models import KeyedVectors, Word2Vec
from gensim.utils import simple_preprocess

from demos.lab.encode import Encoder
from demos.lab.tasks import data_digest, load_task, read_lines

CLASSIFICATION = ("sentiment", "tweets", "cookbook", "company")
SIZE, EPOCHS, SEED = 100, 40, 0


def bundled_sentences() -> list[list[str]]:
    """Every bundled text, in lower-cased words."""
    texts = [example.text for name in CLASSIFICATION for example in (*load_task(name).train, *load_task(name).test)]
    texts += dict.fromkeys(row["context"] for row in read_lines("qa"))
    texts += [row["text"] for name in ("senses", "words") for row in read_lines(name)]
    return [simple_preprocess(text, min_len=1) for text in texts]


def word2vec(folder: Path) -> KeyedVectors:
    """Word2Vec of the bundled text (100-d skip-gram), read from `folder` or trained in a few seconds and kept there."""
    digest = "-".join(data_digest(name)[:4] for name in (*CLASSIFICATION, "qa", "senses", "words"))
    return _read_or_train(folder / f"word2vec-{digest}.txt")


@cache
def _read_or_train(path: Path) -> KeyedVectors:
    try:
        return KeyedVectors.load_word2vec_format(path)
    except (OSError, ValueError, EOFError):  # not there yet, or damaged: train again
        pass
    # One worker and a fixed seed: the same vectors at every training.
    model = Word2Vec(bundled_sentences(), vector_size=SIZE, window=5, min_count=2, sg=1, epochs=EPOCHS, workers=1, seed=SEED)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    os.close(handle)
    model.wv.save_word2vec_format(name)
    os.replace(name, path)
    return KeyedVectors.load_word2vec_format(path)


def input_embeddings(encoder: Encoder) -> KeyedVectors:
    """The encoder's embedding matrix as KeyedVectors: whole words only, no continuation pieces, no special tokens."""
    model: Any = encoder.model  # transformers leaves this method untyped
    table = model.get_input_embeddings().weight.detach().numpy()
    words = [(word, row) for word, row in encoder.tokenizer.get_vocab().items() if word.isalpha()]
    vectors = KeyedVectors(table.shape[1])
    vectors.add_vectors([word for word, _ in words], table[[row for _, row in words]])
    return vectors
