"""ZeroGPU's decorator: used where its package is, nothing elsewhere; the same numbers through it; arguments that can be pickled."""

import importlib
import pickle
import sys
import types

import numpy as np
import pytest

from demos.lab import encode, gpu

SENTENCE = "She sat on the bank of the river."


@pytest.fixture
def fresh():
    yield
    sys.modules.pop("spaces", None)
    importlib.reload(gpu)


def test_without_the_package_it_is_the_plain_function(fresh, monkeypatch):
    monkeypatch.setitem(sys.modules, "spaces", None)  # importing it fails
    importlib.reload(gpu)
    assert gpu.hidden_states.__module__ == "demos.lab.gpu" and not hasattr(gpu.hidden_states, "__wrapped__")


def test_with_the_package_its_decorator_is_worn_and_the_numbers_stay(fresh, monkeypatch, tiny_zoo):
    durations, calls = [], []

    def decorator(duration):
        durations.append(duration)

        def wear(function):
            def run(*arguments):
                calls.append(arguments)
                return function(*pickle.loads(pickle.dumps(arguments)))
            return run
        return wear

    monkeypatch.setitem(sys.modules, "spaces", types.SimpleNamespace(GPU=decorator))
    encoder = tiny_zoo.load("base")
    before = encode.word_vectors(encoder, ["bank"], [SENTENCE])
    importlib.reload(gpu)
    gpu.lies_in(encoder.model, tiny_zoo.path("base"))
    assert durations == [gpu.SECONDS] and not calls
    encode.word_vectors(encoder, ["bank"], [SENTENCE])
    assert not calls, "the CPU is the default"
    monkeypatch.setenv("EXPLAINER_GPU", "true")
    assert np.allclose(encode.word_vectors(encoder, ["bank"], [SENTENCE]), before, atol=1e-6) and len(calls) == 1


def test_a_model_that_was_not_noted_is_run_where_it_is(monkeypatch, tiny_zoo):
    """One that is being tuned has left its folder behind."""
    monkeypatch.setenv("EXPLAINER_GPU", "true")
    monkeypatch.setattr(gpu, "hidden_states", None)
    model, tokenizer, _ = encode.read_encoder(tiny_zoo.path("base"))
    tuning = encode.Encoder("sentiment", model, tokenizer, tiny_zoo.load("base").receipt)
    assert gpu.folder_of(model) is None and encode.word_vectors(tuning, ["bank"], [SENTENCE]).shape[0] == 1
