"""The search encoder, as it came and as it was tuned."""

import json
import warnings

import numpy as np
import pytest
import torch
from peft import get_peft_model
from threadpoolctl import threadpool_info
from transformers import AutoModel, AutoTokenizer

from knowledge import SentenceEmbedder, read_articles
from knowledge.embedder import ADAPTER
from knowledge.library import MESSAGES
from tests.evaluation.encoder import LORA, Batches, read_pairs, train
from tests.evaluation.questions import lines

TEXTS = ["does freezing save gpu memory", "What do I do when memory runs out?"]


@pytest.fixture(scope="module")
def tuned():
    return SentenceEmbedder()


def test_the_adapter_is_merged_without_a_word(tuned):
    with warnings.catch_warnings(action="error"):
        vectors = tuned(TEXTS)
    assert vectors.dtype == np.float32 and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert not [name for name, _ in tuned._model.named_parameters() if "lora" in name]  # as fast as the untuned one


def test_numpy_takes_no_thread_from_pytorch(tuned):
    tuned(TEXTS)
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}


def test_tuned_and_untuned_differ_and_so_do_their_names(tuned):
    assert tuned.untuned.name != tuned.name and tuned.untuned.untuned is tuned.untuned
    cosines = (tuned(TEXTS) * tuned.untuned(TEXTS)).sum(axis=1)
    assert (cosines < 0.999).all() and (cosines > 0.5).all()


def test_the_adapter_says_what_it_belongs_to_and_not_where_it_was_made():
    config = json.loads((ADAPTER / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert sorted(path.name for path in ADAPTER.iterdir()) == ["adapter_config.json", "adapter_model.safetensors", "late.safetensors"]


def test_every_message_belongs_to_a_section_and_none_is_a_question_to_measure_with():
    pairs = read_pairs(list(read_articles()), lines(MESSAGES))  # raises KeyError for a section that does not exist
    messages = {text for rows in (*pairs.messages, *pairs.kept_out) for row in rows for text in row.values()}
    assert len(messages) > 3000 and 0.05 < sum(map(bool, pairs.kept_out)) / len(pairs.kept_out) < 0.15
    for name in ("questions", "unseen", "posts"):
        assert not messages & {row["question"] for row in lines(ADAPTER.parents[1] / "tests" / "evaluation" / f"{name}.jsonl")}


def test_a_batch_is_made_of_neighbours_and_asks_nothing_that_is_kept_out():
    pairs = read_pairs(list(read_articles()), lines(MESSAGES))
    vectors = np.random.default_rng(0).normal(size=(len(pairs.texts), 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    batches, kept_out = Batches(pairs, vectors, 0), {text for rows in pairs.kept_out for row in rows for text in row.values()}
    for _ in range(20):
        numbers, questions, answers, as_text, others = batches()
        assert len(set(numbers)) == len(numbers) == len(questions) == len(answers) and others
        assert not kept_out & set(questions)
        assert all((answer == pairs.texts[number]) == as_text for number, answer in zip(numbers, answers, strict=True))


def test_training_moves_only_the_small_matrices(tiny_encoder):
    pairs = read_pairs(list(read_articles())[:9], [])
    torch.manual_seed(0)
    model = get_peft_model(AutoModel.from_pretrained(tiny_encoder), LORA)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    batches = Batches(pairs, np.eye(len(pairs.texts)), 0)
    losses = list(train(model, AutoTokenizer.from_pretrained(tiny_encoder), pairs, batches, 3))
    moved = {name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])}
    assert np.isfinite(losses).all() and moved and all("lora_" in name for name in moved)
