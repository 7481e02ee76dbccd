import itertools

import pytest
import torch

from demos.lab import heads
from demos.lab.encode import Encoder, read_encoder, word_vectors
from demos.lab.evidence import Receipt
from demos.lab.recipe import Recipe
from demos.lab.schemes import SCHEMES
from demos.lab.tasks import load_task
from demos.lab.tune import Step, Tuned, batches, finetune, measuring

RECIPE = Recipe(steps=3, batch=4, span_batch=4)


def train(folder, name="sentiment", scheme="full", seed=1):
    *steps, tuned = finetune(folder, load_task(name), RECIPE, scheme=SCHEMES[scheme], seed=seed)
    assert all(isinstance(step, Step) for step in steps) and isinstance(tuned, Tuned)
    return steps, tuned


@pytest.mark.parametrize("name", ["sentiment", "qa"])
def test_a_frozen_encoder_is_bit_equal_and_only_the_head_learns(tiny_encoder, name):
    base, _, count = read_encoder(tiny_encoder)
    _, tuned = train(tiny_encoder, name, "frozen")
    after = tuned.model.state_dict()
    assert all(torch.equal(weight, after[key]) for key, weight in base.state_dict().items())
    assert tuned.trainable == sum(weight.numel() for weight in tuned.head.parameters())
    assert tuned.tensors_loaded == count and tuned.changed == frozenset()


def test_full_tuning_moves_every_block_but_not_the_unused_pooler(tiny_encoder):
    base, _, _ = read_encoder(tiny_encoder)
    _, tuned = train(tiny_encoder)
    after = tuned.model.state_dict()
    moved = {key for key, weight in base.state_dict().items() if not torch.equal(weight, after[key])}
    assert any(key.startswith("encoder.layer.0.") for key in moved)
    assert any(key.startswith("encoder.layer.1.") for key in moved)
    assert "embeddings.word_embeddings.weight" in moved
    assert not any(key.startswith("pooler.") for key in moved)
    assert moved == tuned.changed


def test_rows_of_tokens_that_never_occurred_do_not_move(tiny_encoder):
    base, tokenizer, _ = read_encoder(tiny_encoder)
    _, tuned = train(tiny_encoder)
    row = tokenizer.convert_tokens_to_ids("zeppelin")
    before, after = (m.get_input_embeddings().weight[row] for m in (base, tuned.model))
    assert torch.equal(before, after)


def test_the_same_seed_gives_the_same_model_and_another_seed_does_not(tiny_encoder):
    (_, first), (_, again), (_, other) = train(tiny_encoder), train(tiny_encoder), train(tiny_encoder, seed=2)
    assert torch.equal(first.head.weight, again.head.weight)
    assert not torch.equal(first.head.weight, other.head.weight)


def test_training_leaves_the_callers_random_state_alone(tiny_encoder):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    train(tiny_encoder)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("scheme", ["full", "lora"])
def test_measuring_in_mid_training_changes_nothing(tiny_encoder, scheme):
    _, undisturbed = train(tiny_encoder, scheme=scheme)
    seen = []
    for result in finetune(tiny_encoder, load_task("sentiment"), RECIPE, scheme=SCHEMES[scheme], seed=1):
        if isinstance(result, Step):
            with measuring(result.model):
                encoder = Encoder("now", result.model, undisturbed.tokenizer, Receipt("now", "base", "", 0, 0))
                seen.append(word_vectors(encoder, ["bank"], ["The bank was closed."]))
    assert torch.equal(result.head.weight, undisturbed.head.weight)
    assert all((before != after).any() for before, after in itertools.pairwise(seen))


def test_every_task_gets_the_same_number_of_steps():
    for name in ("sentiment", "qa", "cookbook"):
        assert len(list(batches(load_task(name), Recipe(steps=57, batch=16, span_batch=8), seed=1))) == 57


def test_an_epoch_holds_every_example_once():
    task = load_task("cookbook")
    recipe = Recipe(steps=-(-len(task.train) // 16), batch=16)
    seen = [example.text for batch in batches(task, recipe, seed=3) for example in batch]
    assert sorted(seen) == sorted(example.text for example in task.train)


def test_token_f1_by_hand():
    assert heads.token_f1("the red boat", "red boat") == pytest.approx(2 * 2 / 5)
    assert heads.token_f1("Red boat.", "red boat") == 1
    assert heads.token_f1("", "red") == 0


def test_spans_are_read_back_from_the_passage(tiny_zoo):
    task = load_task("qa")
    encoder = tiny_zoo.load("qa")
    answers = heads.predict(encoder.model, encoder.tokenizer, tiny_zoo.load_head("qa"), task.test[:8], task)
    assert all(answer and answer in example.text for answer, example in zip(answers, task.test[:8], strict=True))


def test_gold_spans_survive_tokenization(tiny_zoo):
    """The tokens that training aims at are the answer, in every example."""
    tokenizer, task = tiny_zoo.load("base").tokenizer, load_task("qa")
    for example in (*task.train, *task.test):
        batch = heads.tokenize(tokenizer, [example], task)
        first, last = heads._answer_tokens(batch, 0, example)
        offsets = batch["offset_mapping"][0]
        assert offsets[first][0] <= example.start and offsets[last][1] >= example.start + len(example.label)


def test_chance_is_below_what_a_label_or_a_span_needs():
    assert heads.chance(load_task("sentiment")) == pytest.approx(0.5, abs=0.03)
    assert heads.chance(load_task("cookbook")) == pytest.approx(0.25, abs=0.03)
    assert 0 < heads.chance(load_task("qa")) < 0.2
