"""Taking models from a Hub: a real huggingface_hub against a small server that speaks its protocol."""

import time

import pytest
from huggingface_hub import constants
from safetensors.torch import load_file

from demos.lab import hub
from demos.lab.evidence import DemoError


@pytest.fixture
def cached(served):
    """The server holds tiny/base, which has been fetched once."""
    return hub.fetch("tiny/base")


def test_a_model_is_fetched_with_the_files_that_an_encoder_needs_and_no_others(served, tiny_encoder):
    served.models["tiny/base"] |= {"pytorch_model.bin": b"pickle", "modeling.py": b"print()", "README.md": b"# tiny", "big.onnx": b"1"}
    snapshot = hub.fetch("tiny/base")
    assert snapshot.commit == served.commit("tiny/base")
    assert {path.name for path in snapshot.folder.iterdir()} <= set(hub.FILES)
    assert load_file(snapshot.folder / "model.safetensors").keys() == load_file(tiny_encoder / "model.safetensors").keys()


def test_no_token_is_sent(served, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.fetch("tiny/base")
    assert served.headers and not any("authorization" in {name.lower() for name in sent} for sent in served.headers)


def test_a_cached_commit_needs_no_request(served, cached):
    served.asked.clear()
    assert hub.fetch("tiny/base", cached.commit) == cached
    assert served.asked == []


def test_a_new_commit_is_fetched_and_the_old_one_kept(served, cached):
    served.models["tiny/base"]["config.json"] += b"\n"
    again = hub.fetch("tiny/base")
    assert again.commit != cached.commit and cached.folder.exists()
    assert hub.fetch("tiny/base", cached.commit).folder == cached.folder


@pytest.mark.parametrize("away", ["down", "no server", "offline"])
def test_without_the_hub_the_cache_is_used_if_it_holds_the_model(served, cached, monkeypatch, away):
    match away:
        case "down":
            served.down = True
        case "no server":
            monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
        case "offline":
            monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert hub.fetch("tiny/base") == cached
    with pytest.raises(DemoError, match="Hub cannot be reached .*“tiny/other” is not in this machine's cache") as caught:
        hub.fetch("tiny/other")
    assert ("HF_HUB_OFFLINE is set" in str(caught.value)) == (away == "offline")


def test_a_cache_that_lost_its_weights_does_not_count(served, cached):
    (cached.folder / "model.safetensors").unlink()
    served.down = True
    with pytest.raises(DemoError, match="cannot be reached"):
        hub.fetch("tiny/base")
    served.down = False
    assert (hub.fetch("tiny/base").folder / "model.safetensors").exists()


def test_a_download_that_breaks_off_once_is_resumed(served, monkeypatch):
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    served.cut = 1000
    snapshot = hub.fetch("tiny/base")
    assert (snapshot.folder / "model.safetensors").read_bytes() == served.models["tiny/base"]["model.safetensors"]
    assert len([line for line in served.asked if line.startswith("GET /cdn")]) == 2


def test_a_truncated_download_is_refused_and_leaves_nothing_half_written(served):
    served.short = True
    with pytest.raises(DemoError, match=r"broke off \(OSError\)"):
        hub.fetch("tiny/base")
    assert not list(served.cache.rglob("*.incomplete")) and not list(served.cache.rglob("model.safetensors"))
    served.short = False
    assert hub.fetch("tiny/base").commit


def test_a_slow_hub_is_given_up_in_time(served, monkeypatch):
    monkeypatch.setenv("EXPLAINER_DOWNLOAD_MINUTES", "0.005")
    served.delay, began = 20, time.monotonic()
    with pytest.raises(DemoError, match=r"longer than the 0.005 minutes that EXPLAINER_DOWNLOAD_MINUTES allows"):
        hub.fetch("tiny/base")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("repo", "revision", "message"), [
    ("tiny/nothing", "main", "The Hub has no public model “tiny/nothing”"),
    ("tiny/base", "v9", "“tiny/base” has no revision “v9”"),
    ("tiny/base", "0" * 40, "has no revision"),
    ("tiny/pickled", "main", "“tiny/pickled” offers its weights only pickled"),
    ("tiny/empty", "main", "“tiny/empty” has no model.safetensors"),
])
def test_what_is_not_there_is_refused_before_any_download(served, tiny_encoder, repo, revision, message):
    served.add("tiny/pickled", tiny_encoder, leave_out=("model.safetensors",), pytorch_model__bin=b"pickle")
    served.add("tiny/empty", tiny_encoder, leave_out=("model.safetensors",))
    with pytest.raises(DemoError, match=message):
        hub.fetch(repo, revision)
    assert not [line for line in served.asked if "resolve" in line or "cdn" in line]


def test_too_large_a_model_is_refused_before_any_download(served, monkeypatch):
    monkeypatch.setenv("EXPLAINER_DOWNLOAD_MEGABYTES", "2")
    with pytest.raises(DemoError, match=r"has [\d.]+ MB, more than the 2 MB that EXPLAINER_DOWNLOAD_MEGABYTES allows"):
        hub.fetch("tiny/base")
    assert not [line for line in served.asked if "resolve" in line]


@pytest.mark.parametrize("repo", ["../etc", "a/../b", "/etc/passwd", "a/b/c", "a b", "", "a--b", "https://a.org/b", "a\\b", "x" * 99])
def test_what_is_not_an_id_reaches_no_hub(served, repo):
    with pytest.raises(DemoError, match="is not a Hub id"):
        hub.fetch(repo)
    assert served.asked == []
