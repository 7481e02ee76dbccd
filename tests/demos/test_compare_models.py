"""Comparing two models that a reader names: what the settings allow, and numbers that plain transformers gives too."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from demos import DemoError, Evidence, Progress, follow_demo, run_demo
from demos.lab import named_models
from demos.lab.encode import word_vectors
from demos.lab.measure import drift
from tests.demos.test_demos import same_numbers
from tests.demos.test_foreign import change

SENTENCES = ["She sat on the bank.", "The bank was closed."]


@pytest.fixture
def child(tiny_zoo, tmp_path):
    """A folder with a tuned child of the tiny encoder, as its makers would save it."""
    return shutil.copytree(tiny_zoo.path("qa"), tmp_path / "models" / "child")


def test_two_of_the_apps_own_models_need_no_permission(tiny_zoo):
    found = run_demo("compare_models", tiny_zoo, first="sentiment", second="qa", sentences=SENTENCES)
    one, two = (word_vectors(tiny_zoo.load(key), ["bank", "bank"], SENTENCES) for key in ("sentiment", "qa"))
    assert np.allclose([row[2] for row in found.table.rows], drift(one, two).ravel(), atol=1e-6)
    assert [receipt.key for receipt in found.receipts] == ["sentiment", "qa"]


def test_identical_models_are_exactly_0_apart_and_no_finding_is_claimed(tiny_zoo):
    found = run_demo("compare_models", tiny_zoo, second="sentiment_frozen")
    assert {row[2] for row in found.table.rows} == {0} and found.findings[0].holds is None and "0.00 apart" in found.claim


def test_the_script_prints_the_same_numbers(tiny_zoo):
    same_numbers(tiny_zoo, run_demo("compare_models", tiny_zoo))


def test_from_the_hub(served, tiny_zoo, child, monkeypatch):
    monkeypatch.setenv("EXPLAINER_COMPARE", "hub")
    commit = served.add("tiny/child", child)
    *told, found = follow_demo("compare_models", tiny_zoo, first="tiny/base", second="tiny/child", sentences=SENTENCES)
    assert isinstance(found, Evidence) and all(isinstance(item, Progress) for item in told)
    assert "from the Hub" in told[0].doing and any(item.figure for item in told)
    own = run_demo("compare_models", tiny_zoo, second="qa", sentences=SENTENCES)
    assert found.table == own.table
    assert found.controls.rows[1][1] == f"the Hub, commit {commit[:12]}" and "How these models were trained is not known" in found.caveat
    assert commit in found.reproduce
    same_numbers(tiny_zoo, found)


def test_tensors_that_are_not_used_are_reported(served, tiny_zoo, child, monkeypatch):
    import torch

    change(child, lambda tensors: tensors.update({"qa_outputs.weight": torch.zeros(2, 32), "qa_outputs.bias": torch.zeros(2)}))
    served.add("tiny/child", child)
    monkeypatch.setenv("EXPLAINER_COMPARE", "hub")
    rows = run_demo("compare_models", tiny_zoo, second="tiny/child", sentences=SENTENCES).controls.rows
    assert rows[0] == ("base", "this app's own", 39, 0, "-")
    assert rows[1][2:] == (37, 4, "pooler.dense.bias, pooler.dense.weight, qa_outputs.bias …")


def test_from_a_folder(tiny_zoo, child, monkeypatch):
    monkeypatch.setenv("EXPLAINER_COMPARE", "folders")
    monkeypatch.setenv("EXPLAINER_MODEL_DIRS", f"/nowhere, {child.parent}")
    found = run_demo("compare_models", tiny_zoo, second=str(child), sentences=SENTENCES)
    assert found.table == run_demo("compare_models", tiny_zoo, second="qa", sentences=SENTENCES).table
    assert found.controls.rows[1][1] == "a folder" and f"paths[{json.dumps(str(child))}] = {json.dumps(str(child))}" in found.reproduce


@pytest.mark.parametrize("compare", ["off", "hub"])
@pytest.mark.parametrize("name", ["/etc/passwd", "../secret", "./models", "~/models", "C:\\models", "\\\\host\\share", "/", "."])
def test_without_permission_a_path_reaches_neither_disk_nor_network(served, tiny_zoo, monkeypatch, name, compare):
    monkeypatch.setenv("EXPLAINER_COMPARE", compare)
    tiny_zoo.load("base")
    for function in ("stat", "lstat", "open", "scandir", "listdir", "readlink"):
        monkeypatch.setattr(os, function, lambda *args, **kwargs: pytest.fail(f"the disk was asked: {args}"))
    with pytest.raises(DemoError, match="Folders are opened only where EXPLAINER_COMPARE=folders"):
        next(named_models.open_model(tiny_zoo, name, 0))
    assert served.asked == []


@pytest.mark.parametrize("compare", ["off", "folders"])
def test_without_permission_the_hub_is_not_asked(served, tiny_zoo, monkeypatch, compare):
    monkeypatch.setenv("EXPLAINER_COMPARE", compare)
    with pytest.raises(DemoError, match="“tiny/base” is not one of this app's models, .* only where EXPLAINER_COMPARE=hub is set"):
        run_demo("compare_models", tiny_zoo, second="tiny/base")
    assert served.asked == []


def test_only_folders_under_the_named_ones_are_opened(tiny_zoo, child, tmp_path, monkeypatch):
    allowed = child.parent
    monkeypatch.setenv("EXPLAINER_COMPARE", "both")
    monkeypatch.setenv("EXPLAINER_MODEL_DIRS", str(allowed))
    outside = shutil.copytree(child, tmp_path / "outside")
    beside = shutil.copytree(child, tmp_path / "models-2")
    (allowed / "link").symlink_to(outside)
    tricks = [outside, beside, allowed / ".." / "outside", allowed / "link", allowed / "nothing", allowed / "child" / "config.json"]
    messages = set()
    for trick in tricks:
        with pytest.raises(DemoError, match="is not a folder under one of those") as caught:
            run_demo("compare_models", tiny_zoo, second=str(trick))
        messages.add(str(caught.value).split("”")[1])
    assert len(messages) == 1  # whether something is there is not told
    monkeypatch.chdir(allowed)
    assert run_demo("compare_models", tiny_zoo, second="./child")


@pytest.mark.parametrize(("parameters", "message"), [
    ({"second": "base"}, "Both models are “base”; name two different ones"),
    ({"second": "sentimnt"}, "“sentimnt” is not one of this app's models, which are base, sentiment"),
    ({"second": ""}, "The parameter “second” does not fit"),
    ({"first": "x" * 301}, "The parameter “first” does not fit"),
    ({"layer": 3}, "There is no layer 3"),
    ({"word": "river", "sentences": ["The bank."]}, "“river” is not in the sentence"),
])
def test_bad_input_gets_one_sentence(tiny_zoo, parameters, message):
    with pytest.raises(DemoError, match=message):
        run_demo("compare_models", tiny_zoo, **parameters)


def test_a_slow_download_tells_that_it_goes_on_and_is_given_up(served, tiny_zoo, monkeypatch):
    monkeypatch.setenv("EXPLAINER_COMPARE", "hub")
    monkeypatch.setenv("EXPLAINER_DOWNLOAD_MINUTES", "0.01")
    monkeypatch.setattr(named_models, "TELL_SECONDS", 0.2)
    served.delay, told = 20, []
    with pytest.raises(DemoError, match="took longer than the 0.01 minutes"):
        for item in follow_demo("compare_models", tiny_zoo, second="tiny/base"):
            told.append(item)
    assert len([item for item in told if "from the Hub" in item.doing]) > 1


def test_closing_it_stops_it(served, tiny_zoo, monkeypatch):
    monkeypatch.setenv("EXPLAINER_COMPARE", "hub")
    served.delay = 20
    running = follow_demo("compare_models", tiny_zoo, first="tiny/base")
    assert "from the Hub" in next(running).doing
    running.close()


def test_the_command_line_takes_models_from_the_hub_that_the_environment_names(served, child, tmp_path):
    """The real thing: another process, HF_ENDPOINT and HF_HOME, nothing patched."""
    served.add("tiny/child", child)
    environment = {**os.environ, "HF_ENDPOINT": served.endpoint, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0",
                   "EXPLAINER_COMPARE": "hub", "EXPLAINER_CACHE_DIR": str(tmp_path / "cache")}
    ran = subprocess.run(
        [sys.executable, "-m", "demos", "run", "compare_models", "--first", "tiny/base", "--second", "tiny/child", "--json"],
        cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert "“tiny/base” and “tiny/child”" in json.loads(ran.stdout)["claim"] and "from the Hub" in ran.stderr
    assert (tmp_path / "home" / "hub" / "models--tiny--child").is_dir()
