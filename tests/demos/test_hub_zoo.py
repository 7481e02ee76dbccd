"""The family of models from the Hub, on tiny models that a small server holds."""

import shutil

import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering, BertModel

from demos.lab import hub
from demos.lab.evidence import DemoError, NotReady
from demos.lab.hub_models import HUB_MODELS, HubCheckpoint, usable_rows
from demos.lab.hub_zoo import HubZoo
from tests.demos.test_foreign import SHAPE, save

ROWS = {row.key: row for row in (
    HubCheckpoint("base", "base", "tiny/base", "none", "-", read=False, base=None),
    HubCheckpoint("qa", "question answering", "tiny/qa", "questions", "1 epoch", read=True),
    HubCheckpoint("stranger", "stranger", "tiny/stranger", "unknown", "-", read=False),
)}


@pytest.fixture
def zoo(served, tiny_zoo, tiny_encoder, tmp_path):
    """A zoo whose rows are on the server: the tiny base, a child of it with a head and without a pooler, and a stranger."""
    child = BertForQuestionAnswering(BertConfig(**SHAPE))
    child.bert.load_state_dict({name: tensor for name, tensor in tiny_zoo.load("qa").model.state_dict().items() if "pooler" not in name})
    served.add("tiny/qa", save(child, tmp_path / "qa", tiny_encoder))
    torch.manual_seed(5)
    served.add("tiny/stranger", save(BertModel(BertConfig(**SHAPE)), tmp_path / "stranger", tiny_encoder))
    return HubZoo(tmp_path / "cache", ROWS)


@pytest.fixture
def fetched(zoo):
    """The same with base and child taken."""
    zoo.fetch("base")
    zoo.fetch("qa")
    return zoo


def test_what_is_not_fetched_is_asked_for_and_never_downloaded_by_asking(zoo, served):
    asked = []
    zoo.on_missing = lambda: asked.append(True)
    with pytest.raises(NotReady, match=r"“question answering” \(tiny/qa\) has still to be taken from the Hub"):
        zoo.load("qa")
    assert asked and zoo.missing() == ["base", "qa", "stranger"] and served.asked == []


def test_a_fetched_model_is_the_one_on_the_hub(fetched, tiny_zoo, served):
    found, own = fetched.load("qa"), tiny_zoo.load("qa").model.state_dict()
    assert all(torch.equal(tensor, own[name]) for name, tensor in found.model.state_dict().items())
    assert (found.receipt.key, found.receipt.base, found.receipt.tensors_new) == ("qa", "base", 0)
    record = fetched.training_record("qa")
    assert record["commit"] == served.commit("tiny/qa") and record["unused"] == ["qa_outputs.bias", "qa_outputs.weight"]
    assert fetched.missing() == ["stranger"] and fetched.load("qa") is found


def test_the_recorded_commit_stays_in_use_when_the_hub_moves_on_or_is_gone(fetched, served, monkeypatch):
    before, identity = fetched.digest("qa"), fetched.identity()
    served.models["tiny/qa"]["config.json"] += b"\n"
    served.down = True
    served.asked.clear()
    again = HubZoo(fetched.cache, ROWS)
    assert again.load("qa").key == "qa" and again.digest("qa") == before and served.asked == []
    served.down = False
    again.fetch("qa")
    assert again.digest("qa") != before and again.identity() != identity


def test_what_is_not_a_child_of_the_base_is_refused_and_not_recorded(fetched):
    with pytest.raises(DemoError, match="“base” and “stranger” cannot be compared: .* did not grow from the same base"):
        fetched.fetch("stranger")
    assert fetched.missing() == [] and not fetched.is_ready("stranger")
    with pytest.raises(DemoError, match=r"“stranger” \(tiny/stranger\) cannot be used. .* same base. When the app is started again"):
        fetched.load("stranger")


def test_a_row_that_was_refused_leaves_the_table_and_one_that_could_not_be_reached_does_not(served, tmp_path):
    zoo = HubZoo(tmp_path)
    assert usable_rows(tmp_path) == HUB_MODELS
    with pytest.raises(DemoError, match="The Hub has no public model “ProsusAI/finbert”"):
        zoo.fetch("finance")
    served.down = True
    with pytest.raises(DemoError, match="cannot be reached"):
        zoo.fetch("qa")
    assert set(HUB_MODELS) - set(usable_rows(tmp_path)) == {"finance"}


def test_a_changed_file_is_noticed(fetched):
    weights = fetched.path("qa") / hub.WEIGHTS
    content = bytearray(weights.read_bytes())
    content[-1] ^= 255
    weights.unlink()
    weights.write_bytes(content)
    asked = []
    again = HubZoo(fetched.cache, ROWS, on_missing=lambda: asked.append(True))
    with pytest.raises(NotReady, match="are not as they were taken from the Hub"):
        again.load("qa")
    assert asked and not again.is_ready("qa")


def test_a_removed_cache_is_noticed(fetched, served):
    shutil.rmtree(served.cache)
    assert HubZoo(fetched.cache, ROWS).missing() == list(ROWS)


def test_a_damaged_record_counts_as_missing(fetched):
    (fetched.folder / "qa.json").write_text("{")
    assert "qa" in fetched.missing()


def test_what_only_the_bundled_family_has_is_said(fetched):
    with pytest.raises(DemoError, match="no model “cookbook” among those from the Hub, which are base, qa, stranger; .* bundled models"):
        fetched.load("cookbook")
    with pytest.raises(DemoError, match="reads a task head .* needs the bundled models"):
        fetched.load_head("qa")


def test_the_table_is_whole():
    assert next(iter(HUB_MODELS)) == "base" and HUB_MODELS["base"].base is None
    for key, row in HUB_MODELS.items():
        hub.check_id(row.repo)
        assert row.key == key and row.task and row.training and (row.read or key == "base")
