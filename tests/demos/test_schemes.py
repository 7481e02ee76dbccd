"""Which weights learn, exactly, and what must stay as it was."""

import pytest
import torch

from demos import DemoError
from demos.lab.encode import Encoder, read_encoder, word_vectors
from demos.lab.evidence import Receipt
from demos.lab.measure import drift
from demos.lab.recipe import Recipe
from demos.lab.schemes import SCHEMES, apply, freeze_bottom, layer_of, merged, scheme_of
from demos.lab.tasks import load_task
from demos.lab.tune import Step, finetune

RECIPE = Recipe(steps=3, batch=4)
WORDS, SENTENCES = ["bank", "apple"], ["The bank was closed.", "She ate an apple."]


def train(folder, scheme, **changes):
    *steps, tuned = finetune(folder, load_task("sentiment"), RECIPE, scheme=scheme, seed=1, **changes)
    return steps, tuned


def vectors(model, tokenizer):
    return word_vectors(Encoder("x", model, tokenizer, Receipt("x", None, "", 0, 0)), WORDS, SENTENCES)


def moved(folder, tuned):
    """Drift of two words by layer: (layers + 1,)."""
    model, tokenizer, _ = read_encoder(folder)
    return drift(vectors(model, tokenizer), vectors(tuned.model, tuned.tokenizer)).max(axis=0)


def test_layers_are_read_from_names():
    assert layer_of("embeddings.word_embeddings.weight") == 0
    assert layer_of("encoder.layer.0.attention.self.query.bias") == 1
    assert layer_of("encoder.layer.11.output.dense.weight") == 12
    assert layer_of("pooler.dense.weight") is None


@pytest.mark.parametrize(("key", "layers"), [
    ("frozen", set()), ("last_layer", {2}), ("top_half", {2}), ("bitfit", {0, 1, 2}), ("lora", set()), ("lp_ft", {0, 1, 2}),
    ("full", {0, 1, 2}), ("no_embeddings", {1, 2}),
])
def test_only_the_chosen_layers_change(tiny_encoder, key, layers):
    _, tuned = train(tiny_encoder, SCHEMES[key])
    assert {layer_of(name) for name in tuned.changed} == layers


def test_bitfit_changes_biases_alone_and_yet_every_layer_moves(tiny_encoder):
    _, tuned = train(tiny_encoder, SCHEMES["bitfit"])
    assert tuned.changed and all(name.endswith(".bias") for name in tuned.changed)
    assert (moved(tiny_encoder, tuned) > 0).all()


def test_lora_keeps_every_base_tensor_bit_equal_and_yet_vectors_move(tiny_encoder):
    """On the unmerged model: the base's tensors in it are the file's, and the merged model gives the unmerged one's vectors."""
    before, tokenizer, _ = read_encoder(tiny_encoder)
    model, _, _ = read_encoder(tiny_encoder)
    base = dict(model.named_parameters())
    module, learning = apply(SCHEMES["lora"], model)
    assert sum(weight.numel() for weight in learning) == 2 * 2 * 2 * 8 * 32  # blocks, query and value, A and B, rank, width
    with torch.no_grad():
        for weight in learning:
            weight.add_(0.1)
    assert all(torch.equal(weight, base[name]) for name, weight in before.named_parameters())
    unmerged = vectors(module.eval(), tokenizer)
    apart = drift(vectors(before, tokenizer), unmerged).max(axis=0)
    assert apart[0] == 0 and (apart[1:] > 1e-6).all()
    whole = merged(module)
    assert type(whole) is type(before) and set(whole.state_dict()) == set(before.state_dict())
    assert vectors(whole.eval(), tokenizer) == pytest.approx(unmerged, abs=1e-5)


def test_lora_training_learns_its_matrices_alone(tiny_encoder):
    _, tuned = train(tiny_encoder, SCHEMES["lora"])
    assert tuned.changed == frozenset() and moved(tiny_encoder, tuned)[-1] > 0
    assert tuned.trainable == 2 * 2 * 2 * 8 * 32 + sum(weight.numel() for weight in tuned.head.parameters())


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_below_the_frozen_bottom_nothing_moves_at_all(tiny_encoder, blocks):
    _, tuned = train(tiny_encoder, freeze_bottom(blocks))
    apart = moved(tiny_encoder, tuned)
    assert (apart[:blocks + 1] == 0).all() if blocks else apart[0] > 0
    assert (apart[blocks + 1:] > 0).all()


def test_all_blocks_frozen_is_the_head_alone(tiny_encoder):
    (_, bottom), (_, frozen) = train(tiny_encoder, freeze_bottom(2)), train(tiny_encoder, SCHEMES["frozen"])
    assert torch.equal(bottom.head.weight, frozen.head.weight) and bottom.trainable == frozen.trainable


def test_frozen_layers_run_without_dropout(tiny_encoder):
    model, _, _ = read_encoder(tiny_encoder)
    apply(freeze_bottom(1), model)
    assert [part.training for part in (model.embeddings, *model.encoder.layer)] == [False, False, True]
    dropouts = [part.training for part in model.encoder.layer[1].modules() if isinstance(part, torch.nn.Dropout)]
    assert dropouts and all(dropouts)


def test_the_probe_comes_first_and_the_encoder_gets_as_many_steps(tiny_encoder):
    steps, tuned = train(tiny_encoder, SCHEMES["lp_ft"])
    assert [step.step for step in steps if isinstance(step, Step)] == [1, 2, 3, 4, 5, 6] and steps[-1].steps == 6
    probe, _ = train(tiny_encoder, SCHEMES["frozen"])
    assert [step.loss for step in steps[:3]] == [step.loss for step in probe]
    full = train(tiny_encoder, SCHEMES["full"])[1]
    assert tuned.trainable == full.trainable and not torch.equal(tuned.head.weight, full.head.weight)


def test_an_unknown_scheme_gets_one_sentence():
    with pytest.raises(DemoError, match="no way of tuning called “adapters”; the ways are frozen, last_layer"):
        scheme_of("adapters")
