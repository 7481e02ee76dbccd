"""The commands that other programs rely on, run as processes. Models of one training step stand in the cache."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app

ROOT = Path(__file__).parents[2]


def run(*words, stdin=None, **environment):
    return subprocess.run([sys.executable, *words], cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=280,
                          env={**os.environ, **environment}, check=False)


def test_ask_json():
    done = run("-m", "bot", "ask", "how do I prepare pizza?", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0 and found["status"] == "declined" and found["question"] == "how do I prepare pizza?"


def test_ask_batch_keeps_order_and_ids(tmp_path):
    lines = [{"id": "a", "question": "Is BERT a fine-tuning model?"}, {"id": "b", "question": ""},
             {"id": "c", "question": "why?", "history": ["Which layers change most when I fine-tune BERT?"]}]
    done = run("-m", "bot", "ask", "--batch", "-", "--no-evidence", stdin="\n".join(map(json.dumps, lines)) + "\n\n")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(item["id"], item["status"]) for item in found] == [("a", "answered"), ("b", "declined"), ("c", "answered")]
    (tmp_path / "q.jsonl").write_text(json.dumps(lines[0]))
    assert json.loads(run("-m", "bot", "ask", "--batch", str(tmp_path / "q.jsonl"), "--no-evidence").stdout)["id"] == "a"


@pytest.mark.parametrize("batch", ["nonsense", '{"id": "a"}', '{"question": 3}', '{"question": "x", "history": "y"}'])
def test_a_batch_that_is_no_batch(batch):
    done = CliRunner().invoke(app, ["ask", "--batch", "-"], input=batch)
    assert done.exit_code == 1 and "line 1 of the batch is not of the form" in done.output and isinstance(done.exception, SystemExit)


def test_models_and_list():
    rows = json.loads(run("-m", "demos", "models", "--json").stdout)
    assert rows[0]["key"] == "base" and rows[0]["base"] is None and rows[0]["tensors_loaded"] == 103
    assert {"key", "base", "task", "state", "path", "score", "chance", "tensors_loaded", "tensors_new"} <= set(rows[0])
    names = [row["name"] for row in json.loads(run("-m", "demos", "list", "--json").stdout)]
    assert "word_drift" in names


def test_run_static_or_contextual():
    found = json.loads(run("-m", "demos", "run", "static_or_contextual", "--word", "bank", "--json").stdout)
    assert found["demo"] == "static_or_contextual" and found["table"]["columns"][0] == "vectors"


@pytest.mark.parametrize(("words", "message"), [
    (("-m", "demos", "run", "nope"), "There is no experiment “nope”"),
    (("-m", "demos", "run", "word_drift", "--word", "bank", "--sentence", "No such word."), "is not in the sentence"),
    (("-m", "demos", "run", "word_drift", "--model", "gpt"), "There is no model “gpt”"),
    (("-m", "knowledge", "check", "no/such/folder"), "there is no folder no/such/folder"),
    (("app.py", "--knowledge", "no/such/folder"), "there is no folder no/such/folder"),
])
def test_bad_input_is_one_sentence_and_status_1(words, message):
    done = run(*words)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_cache_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = run("-m", "demos", "prepare", EXPLAINER_CACHE_DIR=str(tmp_path / "file"))
    assert done.returncode == 1 and "EXPLAINER_CACHE_DIR" in done.stderr and "Traceback" not in done.stderr


def test_a_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("app.py", "--port", str(taken.getsockname()[1]), EXPLAINER_PREPARE_MODELS="false")
    assert done.returncode == 1 and "choose another with --port" in done.stderr and "Traceback" not in done.stderr
