"""Shared fixtures: a tiny BERT made from a config, and a zoo trained from it in seconds."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
if "PYTEST_XDIST_WORKER" in os.environ:  # two processes share two cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch
from filelock import FileLock
from transformers import AutoTokenizer, BertConfig, BertModel

from demos.lab.prepare import prepare
from demos.lab.recipe import Recipe
from demos.lab.zoo import Zoo, embedded_encoder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory):
    """A folder with a 2-layer BERT of width 32, random weights, and the real tokenizer."""
    folder = tmp_path_factory.mktemp("tiny") / "encoder"
    torch.manual_seed(0)
    config = BertConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    BertModel(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(embedded_encoder()).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_zoo(tiny_encoder, tmp_path_factory):
    """All models of the table, trained for a few steps from the tiny encoder."""
    zoo = Zoo(tiny_encoder, tmp_path_factory.mktemp("cache"), Recipe(steps=3, batch=4, span_batch=4))
    assert prepare(zoo) == {}
    return zoo


@pytest.fixture(scope="session")
def real_zoo(tmp_path_factory):
    """The embedded encoder with a few training steps a model: real vectors, half a minute."""
    zoo = Zoo(embedded_encoder(), tmp_path_factory.mktemp("real"), Recipe(steps=6, batch=8, span_batch=4))
    assert prepare(zoo) == {}
    return zoo


@pytest.fixture(scope="session")
def index():
    """The real search index over the bundled articles; its vectors are kept in the cache folder between runs."""
    from demos import find_demos
    from demos.lab.settings import LabSettings
    from knowledge import Index, SentenceEmbedder, read_articles

    cache = LabSettings().cache_dir
    cache.mkdir(parents=True, exist_ok=True)
    threads = torch.get_num_threads()
    with FileLock(cache / "tests.lock"):  # one process embeds, with both cores; the other then finds the vectors in the cache
        torch.set_num_threads(2)
        built = Index(read_articles(demos=list(find_demos())), SentenceEmbedder(), cache)
    torch.set_num_threads(threads)
    return built


@pytest.fixture(scope="session")
def tutor(index, tiny_zoo):
    """The real articles with tiny models."""
    from bot import Tutor

    return Tutor(index, tiny_zoo)


@pytest.fixture(scope="session")
def served(tutor):
    """The address of a running app over the real articles with tiny models."""
    import socket

    from bot.chat import launch

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    window = launch(tutor, "127.0.0.1", port, prevent_thread_lock=True, quiet=True)
    yield f"http://127.0.0.1:{port}"
    window.close()
