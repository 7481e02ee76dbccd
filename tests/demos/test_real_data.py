"""Real data from a folder as what a reader could give; with files made here."""

import json
import shlex

import pytest

import demos.__main__
from demos.lab.evidence import DemoError
from demos.lab.labelled_lines import task_from_lines
from demos.lab.real_data import parameters_from
from demos.lab.sense_lines import read_examples


@pytest.fixture
def folder(tmp_path):
    for name in ("sst2", "trec"):
        (tmp_path / name).mkdir()
        lines = "".join(f"{i % 2} What is thing {i} ?\n" for i in range(20))
        (tmp_path / name / "train.txt").write_bytes(lines.encode() + b"1 caf\xe9 ?\n")
    (tmp_path / "coarsewsd20" / "bank").mkdir(parents=True)
    lines = [("3\tshe saw the bank near me", 0), ("1\tthe bank of the river", 0), ("1\tmy bank lent it", 1), ("1\ta bank is here", 1),
             ("3\tthis bank or bank that", 0), ("1\tno bank " + "x" * 400, 1)]
    (tmp_path / "coarsewsd20" / "bank" / "train.data.txt").write_text("".join(f"{line}\n" for line, _ in lines))
    (tmp_path / "coarsewsd20" / "bank" / "train.gold.txt").write_text("".join(f"{sense}\n" for _, sense in lines))
    return tmp_path


def test_labelled_sets_become_lines(folder):
    runs = [run.parameters for run in parameters_from(folder, "frozen_or_tuned", {"seed": "3"})]
    assert [run["seed"] for run in runs] == ["3", "3"] and "task" not in runs[0]
    task = task_from_lines(runs[0]["lines"])
    assert task.labels == ("0", "1") and len(task.train) + len(task.test) == 20  # the line that is not UTF-8 is left out
    assert len(list(parameters_from(folder, "frozen_or_tuned", {"task": "trec"}))) == 1


def test_senses_become_examples(folder):
    ((only, _),) = parameters_from(folder, "sense_separation", {"word": "bank", "layer": "4"})
    uses = read_examples(only["examples"])
    assert only["layer"] == "4" and {use.word for use in uses} == {"bank"}
    # Neither the one in which another "bank" is meant, nor the one that is too long.
    assert sorted((use.sense, use.text) for use in uses) == [
        ("0", "she saw the bank near me"), ("0", "the bank of the river"), ("1", "a bank is here"), ("1", "my bank lent it")]


@pytest.mark.parametrize(("demo", "options", "says"), [
    ("frozen_or_tuned", ["--seed", "3"], ["--task sst2 --seed 3 --data", "--task trec --seed 3 --data"]),
    ("sense_separation", ["--layer", "1"], ["--word bank --layer 1 --seed 0 --data"]),
])
def test_the_command_on_the_card_names_the_folder_and_prints_the_same_numbers(folder, tiny_zoo, monkeypatch, capsys, demo, options, says):
    monkeypatch.setattr(demos.__main__, "default_zoo", lambda: tiny_zoo)

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            demos.__main__.app(["run", *words, "--json"])
        assert not ended.value.code
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    cards = run(demo, *options, "--data", str(folder))
    assert len(cards) == len(says)
    for card, said in zip(cards, says, strict=True):
        first = card["reproduce"].splitlines()[0]
        assert first == f"# The same numbers: python -m demos run {demo} {said} {folder}"
        again = run(*shlex.split(first.partition("demos run ")[2]))
        assert [one["table"] for one in again] == [card["table"]]


def test_a_readers_own_file_is_named_as_they_named_it(tmp_path, tiny_zoo, monkeypatch, capsys):
    monkeypatch.setattr(demos.__main__, "default_zoo", lambda: tiny_zoo)
    (tmp_path / "my uses.csv").write_text("the bank is wet,bank,river\nthe bank is rich,bank,money\n" "a bank of sand,bank,river\n"
                                          "a bank of coins,bank,money\n")
    with pytest.raises(SystemExit):
        demos.__main__.app(["run", "sense_separation", "--examples", f"@{tmp_path}/my uses.csv", "--json"])
    first = json.loads(capsys.readouterr().out)["reproduce"].splitlines()[0]
    assert first.endswith(f"run sense_separation --word bank --examples '@{tmp_path}/my uses.csv' --layer 2 --seed 0")


@pytest.mark.parametrize(("demo", "given", "says"), [
    ("word_drift", {}, "takes no --data"), ("frozen_or_tuned", {"task": "imdb"}, "task is sst2 or trec"),
    ("sense_separation", {"word": "lamp"}, "its words are bank"),
])
def test_what_is_not_there_is_said(folder, demo, given, says):
    with pytest.raises(DemoError, match=says):
        list(parameters_from(folder, demo, given))


def test_an_empty_folder(tmp_path):
    for demo, says in (("frozen_or_tuned", "sst2/train.txt cannot be read"), ("sense_separation", "the folder that holds coarsewsd20")):
        with pytest.raises(DemoError, match=says):
            list(parameters_from(tmp_path, demo, {}))
