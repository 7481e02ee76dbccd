"""A family of models chosen for one run, with tiny models on a small server in place of the Hub."""

from pathlib import Path

import frontmatter
import pytest

from demos import DemoError, Zoo, run_demo
from demos.lab import families
from demos.lab.hub_models import HUB_MODELS, HubCheckpoint

ROWS = {row.key: row for row in (
    HubCheckpoint("base", "base", "tiny/base", "none", "-", read=False, base=None),
    HubCheckpoint("qa", "question answering", "tiny/qa", "questions", "1 epoch", read=True),
    HubCheckpoint("gone", "gone", "tiny/gone", "unknown", "-", read=False),
)}


@pytest.fixture
def zoo(served, tiny_zoo, tmp_path, monkeypatch):
    """A bundled zoo with a cache of its own; the server holds the base and one child of it, not the other."""
    served.add("tiny/qa", tiny_zoo.path("qa"))
    monkeypatch.setattr(families, "usable_rows", lambda cache: ROWS)
    return Zoo(tiny_zoo.base, tmp_path / "cache", tiny_zoo.recipe)


def test_what_is_neither_cached_nor_allowed_is_refused_without_a_word_to_the_network(zoo, served):
    with pytest.raises(DemoError, match=r"The models of the family bert-base are not all on this machine: “tiny/base” is not in") as caught:
        run_demo("word_drift", zoo, family="bert-base")
    assert "EXPLAINER_MODELS=bert-base python -m demos prepare" in str(caught.value) and served.asked == []


def test_what_the_settings_let_it_take_is_taken_and_used_from_the_cache_afterwards(zoo, served, tiny_zoo, monkeypatch):
    monkeypatch.setenv("EXPLAINER_COMPARE", "hub")
    found = run_demo("word_drift", zoo, family="bert-base")
    assert {row[0] for row in found.table.rows} == {"qa"} and "bert-base-uncased" in found.caveat
    assert [row[2:4] for row in found.table.rows] == [
        row[2:4] for row in run_demo("word_drift", tiny_zoo, models=["qa"]).table.rows if row[0] == "qa"]
    assert found.parameters["family"] == "bert-base" and 'os.environ["EXPLAINER_MODELS"] = "bert-base"' in found.reproduce
    served.down = True
    monkeypatch.delenv("EXPLAINER_COMPARE")
    for name in ("layer_by_layer", "static_or_contextual", "compare_models"):
        other = {"second": "qa"} if name == "compare_models" else {}
        assert "bert-base-uncased" in run_demo(name, Zoo(zoo.base, zoo.cache, zoo.recipe), family="bert-base", **other).caveat


def test_the_own_family_by_name_is_the_own_family(tiny_zoo):
    assert families.of_family(tiny_zoo, "bundled") is tiny_zoo is families.of_family(tiny_zoo, None)


def test_experiments_about_the_bundled_models_take_no_family(tiny_zoo):
    with pytest.raises(DemoError, match="has no parameter “family”"):
        run_demo("spectrum", tiny_zoo, family="bert-base")
    with pytest.raises(DemoError, match="The parameter “family” does not fit"):
        run_demo("word_drift", tiny_zoo, family="gpt")


def test_what_a_space_preloads_are_rows_of_the_table_at_the_commit_that_the_app_asks_for():
    known = {(row.repo, row.revision) for row in HUB_MODELS.values()}
    preloaded = frontmatter.loads((Path(__file__).parents[2] / "README.md").read_text()).metadata["preload_from_hub"]
    assert preloaded and {(line.split()[0], line.split()[2]) for line in preloaded} <= known
