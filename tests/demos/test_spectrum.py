"""Seven ways of tuning on tiny models: what must be exactly so, and the script that trains again."""

import pytest

from demos import DemoError, Evidence, Progress, follow_demo, run_demo
from tests.demos.test_demos import same_numbers


@pytest.fixture(scope="module")
def found(tiny_zoo):
    return run_demo("spectrum", tiny_zoo, steps=3)


def rows(found):
    return {row[0]: dict(zip(found.table.columns, row, strict=True)) for row in found.table.rows}


def test_what_is_exact(found):
    by = rows(found)
    assert list(by) == ["frozen", "last layer", "top half", "BitFit", "LoRA", "LP-FT", "full", "full, other seed"]
    assert all(by["frozen"][f"drift at layer {layer}"] == 0 for layer in range(3)) and by["frozen"]["base tensors changed"] == 0
    assert by["last layer"]["drift at layer 1"] == 0 < by["last layer"]["drift at layer 2"]
    assert by["LoRA"]["base tensors changed"] == 0 < by["LoRA"]["drift at layer 2"]
    assert by["full"]["share that learnt"] == by["LP-FT"]["share that learnt"] == 1 > by["BitFit"]["share that learnt"] > 0
    assert by["full"]["drift at layer 2"] != by["full, other seed"]["drift at layer 2"]
    assert "words moved by exactly 0;" in found.claim
    assert [finding.source_key for finding in found.findings] == ["kumar2022", "benzaken2022", "hu2021"] and found.findings[2].holds


def test_the_script_trains_again_and_prints_the_same_numbers(found, tiny_zoo):
    same_numbers(tiny_zoo, found, columns=range(len(found.table.columns)))


def test_progress_and_stopping(tiny_zoo):
    running = follow_demo("spectrum", tiny_zoo, steps=1, task="tweets")
    news = [next(running), next(running)]
    assert news[0].doing.startswith("training “frozen”: step 1 of 1") and news[0].figure is None
    assert news[1].figure is not None and news[1].done == pytest.approx(2 / 9)
    running.close()
    assert all(isinstance(item, Progress) and not isinstance(item, Evidence) for item in news) and list(running) == []


@pytest.mark.parametrize("name", ["spectrum", "freeze_depth", "learning_rate"])
@pytest.mark.parametrize(("parameters", "message"), [
    ({"task": "qa"}, "The parameter “task” does not fit: input should be 'sentiment', 'tweets', 'cookbook' or 'company'."),
    ({"steps": 0}, "The parameter “steps” does not fit: input should be greater than or equal to 1."),
    ({"steps": 101}, "The parameter “steps” does not fit: input should be less than or equal to 100."),
])
def test_bad_input_gets_one_sentence(tiny_zoo, name, parameters, message):
    with pytest.raises(DemoError) as caught:
        run_demo(name, tiny_zoo, **parameters)
    assert str(caught.value) == message
