import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer

from demos.lab import encode
from demos.lab.evidence import DemoError


def test_locate_finds_whole_words_only():
    assert encode.locate("bank", "The riverbank is no bank.") == (20, 24)
    assert encode.locate("Bank", "the BANK") == (4, 8)


def test_locate_names_the_nearest_word():
    with pytest.raises(DemoError, match="It holds “banks”"):
        encode.locate("bank", "All banks were closed")


@pytest.mark.parametrize("word", ["c++", "(x", "a.b", "*"])
def test_a_word_is_never_a_pattern(word):
    with pytest.raises(DemoError):
        encode.locate(word, "cab and a long sentence")


def test_word_vectors_equal_plain_transformers_whatever_the_padding(tiny_zoo, tiny_encoder):
    sentences = ["The bank.", "A much longer sentence about the unbelievable bank of the river in spring.", "bank"]
    words = ["bank", "unbelievable", "bank"]
    ours = encode.word_vectors(tiny_zoo.load("base"), words, sentences)
    tokenizer, model = AutoTokenizer.from_pretrained(tiny_encoder), AutoModel.from_pretrained(tiny_encoder).eval()
    for row, (word, sentence) in enumerate(zip(words, sentences, strict=True)):
        start = sentence.index(word)
        batch = tokenizer(sentence, return_tensors="pt", return_offsets_mapping=True)
        inside = [i for i, (a, b) in enumerate(batch.pop("offset_mapping")[0].tolist()) if a < start + len(word) and b > start]
        with torch.no_grad():
            hidden = model(**batch, output_hidden_states=True).hidden_states
        expected = np.stack([layer[0, inside].mean(0).numpy() for layer in hidden])
        assert np.abs(ours[row] - expected).max() < 1e-5
    assert ours.shape == (3, 3, 32)


def test_a_word_of_several_pieces_is_their_mean(tiny_zoo):
    encoder = tiny_zoo.load("base")
    assert len(encode.word_pieces(encoder, "unbelievableness")) > 1


def test_too_long_a_sentence_is_refused(tiny_zoo):
    with pytest.raises(DemoError, match="longer than the 512 pieces"):
        encode.word_vectors(tiny_zoo.load("base"), ["bank"], ["bank " * 600])


def test_a_checkpoint_without_a_tensor_is_refused(tiny_encoder, tmp_path):
    for file in tiny_encoder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(DemoError, match=r"lacks 1 of the encoder's tensors \(first: encoder.layer.1.output.dense.weight\)"):
        encode.read_encoder(tmp_path)
