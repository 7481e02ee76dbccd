"""Runs: one at a time, joined by a second reader, stopped on demand or when nobody follows, kept when done."""

import threading

import pytest

import bot.runs
from bot.runs import Planned, Runs, Unavailable, Waiting
from demos import DemoError, Evidence, Progress, run_demo


class Bench:
    """Stands for follow_demo: each run tells its progress when it is let go on, and counts."""

    def __init__(self, evidence):
        self.evidence, self.go, self.started, self.closed = evidence, threading.Semaphore(0), 0, 0

    def __call__(self, name, zoo, **parameters):
        self.started += 1
        try:
            for step in range(3):
                yield Progress(f"step {step}", step / 3)
                assert self.go.acquire(timeout=20)
            if parameters.get("word") == "bad":
                raise DemoError("No.")
            if parameters.get("word") == "fault":
                raise ZeroDivisionError
            yield self.evidence
        finally:
            self.closed += 1


@pytest.fixture
def bench(monkeypatch, tiny_zoo):
    bench = Bench(run_demo("static_or_contextual", tiny_zoo))
    monkeypatch.setattr(bot.runs, "follow_demo", bench)
    monkeypatch.setattr(bot.runs, "POLL", 0.01)
    return bench


def until(parts, kind):
    return next(part for part in parts if isinstance(part, kind))


def test_the_same_run_is_joined_and_then_kept(bench, tiny_zoo):
    runs = Runs(tiny_zoo)
    first, second = runs.follow("word_drift", {"word": "bank", "layer": None}), runs.follow("word_drift", {"word": "bank"})
    assert isinstance(next(first), Planned)
    assert until(first, Progress) == until(second, Progress) == Progress("step 0", 0.0)
    bench.go.release(3)
    assert until(first, Evidence) == until(second, Evidence) == bench.evidence
    assert until(runs.follow("word_drift", {"word": "bank"}), Evidence) == bench.evidence and bench.started == 1
    bench.go.release(3)
    until(runs.follow("word_drift", {"word": "tree"}), Evidence)
    assert bench.started == 2


def test_another_run_waits_for_its_turn(bench, tiny_zoo):
    runs = Runs(tiny_zoo)
    first, second = runs.follow("word_drift", {"word": "bank"}), runs.follow("word_drift", {"word": "tree"})
    until(first, Progress)
    assert "this one is next" in until(second, Waiting).reason and bench.started == 1
    bench.go.release(6)
    until(first, Evidence)
    until(second, Evidence)


def test_a_reader_who_reloads_finds_the_run_again(bench, tiny_zoo):
    runs = Runs(tiny_zoo)
    first = runs.follow("word_drift", {})
    until(first, Progress)
    first.close()
    again = runs.follow("word_drift", {})
    until(again, Progress)
    bench.go.release(3)
    until(again, Evidence)
    assert bench.started == 1


def test_a_run_that_nobody_follows_is_stopped(bench, tiny_zoo, monkeypatch):
    monkeypatch.setattr(bot.runs, "ABANDONED", 0.0)
    runs = Runs(tiny_zoo)
    first = runs.follow("word_drift", {})
    until(first, Progress)
    first.close()
    bench.go.release(1)
    until(other := runs.follow("word_drift", {"word": "tree"}), Progress)  # has its turn: the first one let go
    assert bench.closed == 1
    bench.go.release(3)
    until(other, Evidence)


def test_stop(bench, tiny_zoo):
    runs = Runs(tiny_zoo)
    first = runs.follow("word_drift", {"word": "bank"})
    until(first, Progress)
    runs.stop("word_drift", {"word": "bank", "seed": None})
    bench.go.release(1)
    assert until(first, Unavailable).reason == "The experiment was stopped." and bench.closed == 1


def test_after_a_stop_the_same_can_be_started_at_once(bench, tiny_zoo):
    runs = Runs(tiny_zoo)
    until(first := runs.follow("word_drift", {}), Progress)
    runs.stop("word_drift", {})
    again = runs.follow("word_drift", {})
    assert until(again, Waiting)
    bench.go.release(4)
    assert until(first, Unavailable).reason == "The experiment was stopped."
    assert until(again, Evidence) == bench.evidence and bench.started == 2


def test_what_a_reader_names_may_change_under_its_name_and_is_not_kept(bench, tiny_zoo):
    runs, named, own = Runs(tiny_zoo), {"first": "base", "second": "/models/mine"}, {"first": "base", "second": "qa"}
    bench.go.release(9)
    for parameters in (named, named, own, own):
        until(runs.follow("compare_models", parameters), Evidence)
    assert bench.started == 3 and not runs.kept("compare_models", named) and runs.kept("compare_models", own)


def test_the_other_familys_models_belong_to_what_is_kept(bench, tiny_zoo, tmp_path, monkeypatch):
    monkeypatch.setattr(tiny_zoo, "cache", tmp_path)
    monkeypatch.setattr("demos.lab.hub_zoo.HubZoo.identity", lambda zoo: [str(commit)])
    runs, commit = Runs(tiny_zoo), 1
    bench.go.release(6)
    until(runs.follow("word_drift", {"family": "bert-base"}), Evidence)
    assert runs.kept("word_drift", {"family": "bert-base"})
    commit = 2
    assert not runs.kept("word_drift", {"family": "bert-base"}) and not runs.kept("word_drift", {})


@pytest.mark.parametrize(("word", "says"), [("bad", "No."), ("fault", "a fault in this app")])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_goes_wrong_is_said_and_the_next_run_is_served(bench, tiny_zoo, word, says):
    runs = Runs(tiny_zoo)
    bench.go.release(6)
    assert says in until(runs.follow("word_drift", {"word": word}), Unavailable).reason
    until(runs.follow("word_drift", {"word": "bank"}), Evidence)
