"""Reading the data sets, and the table; with files made here."""

import pytest

from demos.lab.evidence import DemoError
from demos.lab.recipe import Recipe
from tests.evaluation import real_data
from tests.evaluation.real_data import WAYS, measure, read_task, table


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "trec").mkdir()
    (tmp_path / "trec" / "train.txt").write_bytes("".join(f"{i % 2} What is thing {i} ?\n" for i in range(20)).encode() + b"1 caf\xe9 ?\n")
    (tmp_path / "trec" / "test.txt").write_text("0 What is thing 2 ?\n1 Who was it ?\n0 Where is it ?\n0 Why ?\n")
    return tmp_path


def test_reading(folder):
    task = read_task(folder, "trec", 2)
    assert task.labels == ("0", "1") and len(task.train) == 21 and task.train[1].text == "What is thing 1 ?"
    assert len(task.test) == 2 and len(read_task(folder, "trec", 9).test) == 3  # the text that stands in both is left out


def test_what_is_missing_is_said(folder):
    with pytest.raises(DemoError, match="--data takes the folder that holds sst2 and trec"):
        read_task(folder, "sst2", 9)
    (folder / "trec" / "test.txt").write_text("nolabel\n")
    with pytest.raises(DemoError, match="a line without a label"):
        read_task(folder, "trec", 9)


def test_every_way_is_measured(folder, tiny_zoo, monkeypatch):
    monkeypatch.setattr(real_data, "default_zoo", lambda: tiny_zoo)
    found = measure(read_task(folder, "trec", 9), 6, Recipe(steps=2, batch=4), 2)
    assert list(found) == list(WAYS) and all(len(scores) == 2 and 0 <= min(scores) <= max(scores) <= 1 for scores in found.values())


def test_table_by_hand():
    text = table({16: {way: [0.5, 0.7] for way in WAYS}, 64: {way: [0.75] for way in WAYS}})
    assert "| 16 | 60.0% (50.0% to 70.0%) |" in text and "| 64 | 75.0% |" in text
