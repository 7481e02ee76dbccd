"""A small Hub of one's own, for the tests that take models from it."""

import threading

import pytest
from huggingface_hub import constants

from tests.demos.hub_server import HubServer


@pytest.fixture
def served(tiny_encoder, tmp_path, monkeypatch):
    """A running server that holds tiny/base; huggingface_hub asks it, and caches in a folder of the test's own."""
    server = HubServer()
    server.add("tiny/base", tiny_encoder)
    server.cache = tmp_path / "hub-cache"
    monkeypatch.setattr(constants, "ENDPOINT", server.endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.endpoint + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(server.cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield server
    server.close()
    # A download that was given up goes on until it fails; in the next test it would ask the next server. Offline, it fails at once.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    for thread in threading.enumerate():
        if thread.name.startswith("fetch "):
            thread.join(timeout=30)
            assert not thread.is_alive(), f"{thread.name} outlived its Hub"
