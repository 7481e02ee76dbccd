"""The setting EXPLAINER_MODELS=bert-base, as it is used: in processes of its own, with tiny models under the table's ids."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from demos.lab.hub_models import HUB_MODELS

EXPERIMENTS = """
import json
from demos import DemoError, run_demo
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.status import status
from demos.lab.zoo import default_zoo
zoo = default_zoo()
print(json.dumps({"keys": list(CHECKPOINTS), "states": [row.state for row in status(zoo)]}))
for name in ("word_drift", "layer_by_layer", "static_or_contextual", "compare_models", "frozen_or_tuned"):
    try:
        print(json.dumps(run_demo(name, zoo).to_dict()))
    except DemoError as error:
        print(json.dumps(str(error)))
print(json.dumps(run_demo("word_drift", zoo, models=["qa"]).to_dict()))
"""


@pytest.fixture
def run(served, tiny_zoo, tmp_path):
    """Runs Python in the project's folder with the family from the server: each child is one of the tiny zoo's models."""
    served.models.clear()
    trained = {"base": "base", "qa": "qa", "ner": "company", "paraphrase": "cookbook", "sentiment_other": "sentiment_seed2"}
    for key, row in HUB_MODELS.items():
        pickled = key == "finance"
        if row.revision != "main":
            served.commits[row.repo] = row.revision
        served.add(row.repo, tiny_zoo.path(trained.get(key, "sentiment")), leave_out=("model.safetensors",) * pickled,
                   **({"pytorch_model__bin": b""} if pickled else {}))
    environment = {**os.environ, "HF_ENDPOINT": served.endpoint, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0",
                   "EXPLAINER_MODELS": "bert-base", "EXPLAINER_CACHE_DIR": str(tmp_path / "cache"),
                   "GENSIM_DATA_DIR": str(tmp_path / "gensim-data"), "https_proxy": "http://127.0.0.1:9"}  # gensim's list is not asked for

    def start(*arguments):
        return subprocess.run([sys.executable, *arguments], cwd=Path(__file__).parents[2], env=environment, capture_output=True,
                              text=True, timeout=200, check=False)

    return start


@pytest.mark.slow
def test_the_experiments_run_with_the_family_from_the_hub(run, served):
    prepared = run("-m", "demos", "prepare")
    assert prepared.returncode == 1 and "finance: “ProsusAI/finbert” offers its weights only pickled" in prepared.stderr
    served.down = True  # what was taken is enough from now on
    ran = run("-c", EXPERIMENTS)
    assert ran.returncode == 0, ran.stderr
    about, drift, layers, static, compare, frozen, chosen = map(json.loads, ran.stdout.splitlines())
    assert about["keys"] == [key for key in HUB_MODELS if key != "finance"] and set(about["states"]) == {"ready"}
    assert {row[0] for row in drift["table"]["rows"]} == set(about["keys"]) - {"base"}
    for found in (drift, layers, static):
        assert "bert-base-uncased" in found["caveat"] and "MiniLM" not in json.dumps(found)
    assert "“base” and “sentiment”" in compare["claim"] and "bert-base-uncased" in compare["caveat"]
    assert "frozen_or_tuned is about the bundled models and needs them (EXPLAINER_MODELS=bundled)" in frozen
    assert {row[0] for row in chosen["table"]["rows"]} == {"qa"}
