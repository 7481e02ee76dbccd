import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
from transformers import AutoModel

from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.evidence import DemoError, NotReady
from demos.lab.prepare import Background, Progress, prepare, read_progress
from demos.lab.recipe import Recipe
from demos.lab.status import status
from demos.lab.zoo import RECEIPT, Zoo, receipt_with_files, write_json

RECIPE = Recipe(steps=3, batch=4, span_batch=4)


@pytest.fixture
def copy(tiny_zoo, tmp_path):
    """A zoo of one's own, with trained models that may be damaged."""
    shutil.copytree(tiny_zoo.cache, tmp_path / "cache")
    return Zoo(tiny_zoo.base, tmp_path / "cache", RECIPE)


def test_every_row_is_ready_and_says_what_it_is(tiny_zoo):
    rows = {row.key: row for row in status(tiny_zoo)}
    assert list(rows) == ["base", "sentiment", "qa", "cookbook", "company", "tweets", "sentiment_seed2", "sentiment_frozen"]
    assert rows["base"].base is None and rows["base"].tensors_new == 0
    assert {row.state for row in rows.values()} == {"ready"}
    for key in set(rows) - {"base"}:
        assert rows[key].tensors_new == 2 and rows[key].tensors_loaded == rows["base"].tensors_loaded
        assert 0 <= rows[key].score <= 1 and 0 < rows[key].chance < 1


def test_a_model_is_an_ordinary_transformers_directory(tiny_zoo):
    model, info = AutoModel.from_pretrained(tiny_zoo.path("qa"), output_loading_info=True)
    assert not info["missing_keys"] and model.config.num_hidden_layers == 2
    assert not [path for path in tiny_zoo.path("qa").iterdir() if path.suffix in {".bin", ".pt", ".pkl"}]


def test_trained_models_are_reused(tiny_zoo, monkeypatch):
    monkeypatch.setattr("demos.lab.prepare._train", lambda *args: pytest.fail("trained again"))
    assert prepare(Zoo(tiny_zoo.base, tiny_zoo.cache, RECIPE)) == {}


def test_another_recipe_is_trained_anew(tiny_zoo):
    other = Zoo(tiny_zoo.base, tiny_zoo.cache, Recipe(steps=4))
    assert set(other.missing()) == set(CHECKPOINTS) - {"base"}


@pytest.mark.parametrize("moment", ["steps", "weights", "before the receipt", "receipt"])
def test_a_training_that_is_killed_leaves_no_model_and_nothing_behind(tiny_zoo, tmp_path, monkeypatch, moment):
    """Killed by SIGKILL, which no clean-up of ours outlives, in a process of its own."""
    killed = subprocess.run([sys.executable, "-c", f"""
import os, signal
from pathlib import Path
from demos.lab.zoo import RECEIPT, Zoo, write_json
zoo, moment = Zoo(Path({str(tiny_zoo.base)!r}), Path({str(tmp_path)!r})), {moment!r}
def die(at):
    if at == moment:
        os.kill(os.getpid(), signal.SIGKILL)
with zoo.training_lock():
    write_json(zoo.folder / "progress.json", dict(key="tweets", number=1, total=7, step=5, steps=40))
    die("steps")
    with zoo.writing("tweets") as folder:
        (folder / "model.safetensors").write_bytes(b"half")
        die("weights")
        (folder / "model.safetensors").write_bytes(b"half and half")
        die("before the receipt")
        (folder / RECEIPT).write_text("{{")
        die("receipt")
"""], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL
    zoo = Zoo(tiny_zoo.base, tmp_path)
    assert read_progress(zoo) is None and set(zoo.missing()) == set(CHECKPOINTS) - {"base"}
    with pytest.raises(NotReady):
        zoo.load("tweets")
    assert [path for path in zoo.folder.iterdir() if path.is_dir()] or moment == "steps"
    monkeypatch.setattr("demos.lab.prepare._train", lambda *given: None)
    prepare(zoo)
    assert [path.name for path in zoo.folder.iterdir()] == [".training.lock"]


@pytest.mark.parametrize("damage", ["truncated weights", "flipped byte", "no config", "unreadable receipt", "empty receipt"])
def test_a_damaged_model_is_removed_and_trained_again(copy, damage):
    folder, asked = copy.path("tweets"), []
    copy.on_missing = lambda: asked.append(True)
    weights = folder / "model.safetensors"
    match damage:
        case "truncated weights":
            weights.write_bytes(weights.read_bytes()[:1000])
        case "flipped byte":
            content = bytearray(weights.read_bytes())
            content[-3] ^= 255
            weights.write_bytes(content)
        case "no config":
            (folder / "config.json").unlink()
        case "unreadable receipt":
            (folder / RECEIPT).write_text("{")
        case "empty receipt":
            (folder / RECEIPT).write_text("{}")
    with pytest.raises(NotReady, match="was damaged .* trained again"):
        copy.load("tweets")
    assert asked and not folder.exists()
    assert prepare(copy) == {}
    assert copy.load("tweets").receipt.tensors_new == 2


def test_status_survives_a_damaged_receipt(copy):
    (copy.path("tweets") / RECEIPT).write_text("{")
    assert {row.key: row.state for row in status(copy)}["tweets"] == "missing"


def test_a_checkpoint_with_a_missing_encoder_tensor_is_refused(copy):
    folder = copy.path("company")
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.0.attention.self.query.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    record = json.loads((folder / RECEIPT).read_text())
    (folder / RECEIPT).unlink()
    write_json(folder / RECEIPT, receipt_with_files(folder, {k: v for k, v in record.items() if k != "files"}))
    with pytest.raises(DemoError, match="lacks 1 of the encoder's tensors"):
        copy.load("company")


def test_a_half_written_folder_does_not_count(copy):
    shutil.rmtree(copy.path("qa"))
    (copy.folder / ".qa-halfway").mkdir()
    assert copy.missing() == ["qa"]


def test_an_error_while_writing_leaves_nothing(copy):
    with pytest.raises(RuntimeError), copy.writing("qa") as folder:
        (folder / "x").write_text("x")
        raise RuntimeError
    assert not [path for path in copy.folder.iterdir() if path.name.startswith(".qa-")]
    assert copy.is_ready("qa")


def test_superseded_folders_are_removed(copy):
    old = copy.folder / "qa-0123456789ab"
    old.mkdir()
    with copy.writing("qa") as folder:
        (folder / RECEIPT).write_text("{}")
    assert not old.exists() and copy.path("qa").exists() and copy.path("sentiment_frozen").exists()


def test_one_failing_model_does_not_stop_the_others(copy, monkeypatch):
    from demos.lab import prepare as module

    shutil.rmtree(copy.path("qa"))
    shutil.rmtree(copy.path("tweets"))
    real = module._train
    monkeypatch.setattr(module, "_train", lambda zoo, key, report: (_ for _ in ()).throw(ValueError("no luck")) if key == "qa"
                        else real(zoo, key, report))
    assert prepare(copy) == {"qa": "Training failed: no luck"}
    states = {row.key: row for row in status(copy)}
    assert states["qa"].state == "failed" and "no luck" in states["qa"].progress and states["tweets"].state == "ready"


def test_progress_of_a_process_that_died_is_not_believed(copy):
    write_json(copy.folder / "progress.json", {"key": "qa", "number": 1, "total": 1, "step": 3, "steps": 9})
    assert read_progress(copy) is None


def test_progress_is_told_while_training(tiny_encoder, tmp_path):
    zoo, told = Zoo(tiny_encoder, tmp_path, RECIPE), []
    prepare(zoo, lambda progress: told.append((progress, {row.key: row.state for row in status(zoo)})))
    assert told[0][0] == Progress("sentiment", 1, 7, 0, 3, None, {})
    assert told[0][1]["sentiment"] == "training" and told[0][1]["qa"] == "waiting"
    assert str(told[1][0]) == "model 1 of 7 (sentiment), step 3 of 3"


def test_a_time_limit_stops_training_with_one_sentence(tiny_encoder, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLAINER_TRAINING_MINUTES", "0.00001")
    with pytest.raises(DemoError, match="took longer than EXPLAINER_TRAINING_MINUTES allows"):
        prepare(Zoo(tiny_encoder, tmp_path, RECIPE))


def test_a_cache_folder_that_cannot_be_written(tiny_encoder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DemoError, match="cannot be written .* EXPLAINER_CACHE_DIR"):
        prepare(Zoo(tiny_encoder, tmp_path / "file", RECIPE))
    assert {row.state for row in status(Zoo(tiny_encoder, tmp_path / "file", RECIPE))} == {"ready", "missing"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_cache_folder(tiny_encoder, tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(DemoError, match="cannot be written"):
        prepare(Zoo(tiny_encoder, tmp_path, RECIPE))


def test_an_unknown_model():
    from demos.lab.checkpoints import row_of

    with pytest.raises(DemoError, match="There is no model “nope”; the models are base, sentiment"):
        row_of("nope")


def test_the_background_process_is_not_started_when_nothing_is_missing(tiny_zoo, monkeypatch):
    monkeypatch.setattr("subprocess.Popen", lambda *args, **kwargs: pytest.fail("started"))
    Background(tiny_zoo).start()


def test_a_background_process_that_fails_twice_is_not_started_again(tiny_encoder, tmp_path, monkeypatch):
    class Failed:
        returncode, started = 1, 0

        def __init__(self, *args, **kwargs):
            Failed.started += 1

        def poll(self):
            return 1

    monkeypatch.setattr("subprocess.Popen", Failed)
    background = Background(Zoo(tiny_encoder, tmp_path, RECIPE))
    for _ in range(5):
        background.start()
    assert Failed.started == 2
