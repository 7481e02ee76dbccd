"""Checkpoints that others made: what is refused, and with which reason; what is read, and what is left out."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForQuestionAnswering, BertForSequenceClassification, BertModel, DistilBertConfig, DistilBertModel

from demos.lab.encode import word_vectors
from demos.lab.evidence import DemoError
from demos.lab.foreign import read_foreign
from demos.lab.kinship import check_kinship, position_cosine

SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


@pytest.fixture
def folder(tiny_encoder, tmp_path):
    """A copy of the tiny encoder that may be spoilt."""
    return shutil.copytree(tiny_encoder, tmp_path / "model")


def change(folder, edit):
    """Rewrite the weights of a folder."""
    tensors = load_file(folder / "model.safetensors")
    edit(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def configure(folder, name="config.json", **fields):
    content = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(content | fields))


def save(model, folder, tokenizer_of):
    """Save a model of another kind with the tiny encoder's tokenizer."""
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tokenizer_of / name, folder)
    return folder


@pytest.mark.parametrize("kind", [BertForQuestionAnswering, BertForSequenceClassification])
def test_a_model_with_a_head_gives_its_encoder_and_names_what_is_not_used(kind, tiny_encoder, tmp_path):
    torch.manual_seed(1)
    model = kind(BertConfig(**SHAPE))
    found = read_foreign(save(model, tmp_path / "head", tiny_encoder), "theirs")
    head = {"qa_outputs.weight", "qa_outputs.bias"} if kind is BertForQuestionAnswering else {
        "classifier.weight", "classifier.bias", "bert.pooler.dense.weight", "bert.pooler.dense.bias"}
    assert set(found.unused) == head
    weights = {name: tensor for name, tensor in model.bert.state_dict().items() if not name.startswith("pooler.")}
    assert found.encoder.receipt.tensors_loaded == len(weights) and found.encoder.receipt.tensors_new == 0
    for name, tensor in found.encoder.model.state_dict().items():
        assert torch.equal(tensor, weights[name])


def test_the_names_of_old_checkpoints_are_understood(folder, tiny_encoder):
    """bert-base-uncased itself calls its layer norms gamma and beta and has a saved position_ids."""
    def age(tensors):
        for name in list(tensors):
            old = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
            tensors["bert." + old] = tensors.pop(name)
        tensors["bert.embeddings.position_ids"] = torch.arange(512)[None]
        tensors["cls.predictions.bias"] = torch.zeros(3)

    change(folder, age)
    old, new = read_foreign(folder, "old"), read_foreign(tiny_encoder, "new")
    assert "cls.predictions.bias" in old.unused
    vectors = [word_vectors(found.encoder, ["bank"], ["The bank."]) for found in (old, new)]
    assert np.array_equal(*vectors)


def test_half_precision_is_read_as_float32(folder):
    change(folder, lambda tensors: tensors.update({name: tensor.half() for name, tensor in tensors.items()}))
    assert {tensor.dtype for tensor in read_foreign(folder, "half").encoder.model.state_dict().values()} == {torch.float32}


def spoil(folder, fault):
    """Make a folder wrong in one way."""
    match fault:
        case "missing tensor":
            change(folder, lambda tensors: tensors.pop("encoder.layer.1.output.dense.weight"))
        case "no tensor fits":
            change(folder, lambda tensors: [tensors.update({"model." + name + ".x": tensors.pop(name)}) for name in list(tensors)])
        case "config of fewer layers":
            configure(folder, num_hidden_layers=1)
        case "config of another width":
            configure(folder, hidden_size=64)
        case "NaN":
            change(folder, lambda tensors: tensors["encoder.layer.0.output.dense.bias"].__setitem__(3, float("nan")))
        case "infinite":
            change(folder, lambda tensors: tensors["embeddings.word_embeddings.weight"].__setitem__((7, 7), float("inf")))
        case "pickle only":
            (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
        case "no weights":
            (folder / "model.safetensors").unlink()
        case "truncated":
            content = (folder / "model.safetensors").read_bytes()
            (folder / "model.safetensors").write_bytes(content[: len(content) // 2])
        case "auto_map":
            configure(folder, auto_map={"AutoModel": "modeling.Mine"})
        case "auto_map of the tokenizer":
            configure(folder, "tokenizer_config.json", auto_map={"AutoTokenizer": ["tokenization.Mine", None]})
        case "another architecture":
            configure(folder, model_type="gpt2")
        case "no architecture":
            configure(folder, model_type=None)
        case "adapter":
            (folder / "adapter_config.json").write_text("{}")
        case "too many layers":
            configure(folder, num_hidden_layers=10**9)
        case "too wide":
            configure(folder, hidden_size=2**17, num_attention_heads=2)
        case "nonsense number":
            configure(folder, hidden_size="many")
        case "no config":
            (folder / "config.json").unlink()
        case "config is a list":
            (folder / "config.json").write_text("[]")
        case "config is not JSON":
            (folder / "config.json").write_text("{")
        case "another's tokenizer":
            edit_vocabulary(folder, lambda vocabulary: vocabulary.update(onemore=len(vocabulary)))
        case "no tokenizer":
            for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
                (folder / name).unlink(missing_ok=True)


@pytest.mark.parametrize(("fault", "message"), [
    ("missing tensor", r"“theirs” lacks 1 of the encoder's tensors \(first: encoder.layer.1.output.dense.weight\)"),
    ("no tensor fits", "lacks 3[0-9] of the encoder's tensors"),
    ("config of fewer layers", "holds 16 tensors of an encoder that its config does not describe"),
    ("config of another width", "cannot be read as a model"),
    ("NaN", r"not numbers \(NaN or infinite\) in 1 of its tensors \(first: encoder.layer.0.output.dense.bias\)"),
    ("infinite", "not numbers"),
    ("pickle only", "only pickled weights, a format that can run code"),
    ("no weights", "has no weights; a model with model.safetensors is needed"),
    ("truncated", r"cannot be read as a model \(SafetensorError\)"),
    ("auto_map", r"brings its own program code \(auto_map\)"),
    ("auto_map of the tokenizer", r"brings its own program code \(auto_map\)"),
    ("another architecture", "has the architecture “gpt2”; those that can be compared here are bert"),
    ("no architecture", "has the architecture “None”"),
    ("adapter", "is an adapter for another model"),
    ("too many layers", "claims 1000000000 layers; 1 to 48"),
    ("too wide", r"describes a model of [\d,]+ MB, more than the 600 MB"),
    ("nonsense number", "config of “theirs” does not describe a model"),
    ("no config", "has no config.json"),
    ("config is a list", "not what it should be"),
    ("config is not JSON", "config.json of “theirs” cannot be read"),
    ("no tokenizer", "has no tokenizer; its folder needs one of tokenizer.json"),
    ("another's tokenizer", "The tokenizer of “theirs” knows 30,523 pieces and the model 30,522"),
])
def test_a_wrong_checkpoint_is_refused_with_the_reason(folder, fault, message):
    spoil(folder, fault)
    with pytest.raises(DemoError, match=message) as caught:
        read_foreign(folder, "theirs")
    assert "\n" not in str(caught.value) and str(folder) not in str(caught.value)


@pytest.fixture(scope="module")
def base(tiny_encoder):
    return read_foreign(tiny_encoder, "base").encoder


def test_a_child_is_known_by_its_position_embeddings(base, folder):
    change(folder, lambda tensors: tensors["encoder.layer.0.output.dense.weight"].mul_(1.5))
    assert check_kinship(base, read_foreign(folder, "child").encoder) == pytest.approx(1)


def test_position_cosine_by_hand():
    first, second = np.array([[3.0, 4.0], [1.0, 0.0]]), np.array([[6.0, 8.0], [0.0, 2.0]])
    assert position_cosine(first, second) == pytest.approx(0.5)  # one row the same direction, one at right angles


def edit_vocabulary(folder, edit):
    content = json.loads((folder / "tokenizer.json").read_text())
    edit(content["model"]["vocab"])
    (folder / "tokenizer.json").write_text(json.dumps(content))


@pytest.mark.parametrize(("difference", "message"), [
    ({"do_lower_case": False}, "“base” reads text in lower case and “other” does not"),
    ({"strip_accents": False}, "split the same text differently"),
    ({}, r"their vocabularies differ \(in 4 entries\)"),
])
def test_other_tokenizers_are_told_apart(base, folder, difference, message):
    if difference:
        configure(folder, "tokenizer_config.json", **difference)
    else:
        edit_vocabulary(folder, lambda vocabulary: vocabulary.update(bank=vocabulary["river"], river=vocabulary["bank"]))
    with pytest.raises(DemoError, match=message):
        check_kinship(base, read_foreign(folder, "other").encoder)


@pytest.mark.parametrize(("shape", "message"), [
    ({"num_hidden_layers": 3}, r"the number of layers differs \(2 and 3\)"),
    ({"hidden_size": 64}, r"the width differs \(32 and 64\)"),
    ({"num_attention_heads": 4}, "the number of attention heads differs"),
    ({"max_position_embeddings": 256}, "the number of positions differs"),
    ({}, r"position embeddings have a mean cosine of -?0\.\d\d .* did not grow from the same base"),
])
def test_models_of_other_shapes_or_another_pretraining_are_told_apart(base, tiny_encoder, tmp_path, shape, message):
    torch.manual_seed(9)
    other = save(BertModel(BertConfig(**(SHAPE | shape))), tmp_path / "other", tiny_encoder)
    with pytest.raises(DemoError, match=message):
        check_kinship(base, read_foreign(other, "other").encoder)


def test_another_architecture_is_told_apart(base, tiny_encoder, tmp_path):
    config = DistilBertConfig(dim=32, n_layers=2, n_heads=2, hidden_dim=64)
    other = read_foreign(save(DistilBertModel(config), tmp_path / "distil", tiny_encoder), "distil").encoder
    assert word_vectors(other, ["bank"], ["The bank."]).shape == (1, 3, 32)
    with pytest.raises(DemoError, match=r"the architecture differs \(bert and distilbert\)"):
        check_kinship(base, other)
