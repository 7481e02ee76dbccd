"""The conversation in the terminal: order, tables that fit, bad input, the end of the input."""

import io

import pytest
from rich.console import Console

from bot import terminal
from bot.runs import Runs
from demos.lab.evidence import Table


def console(width=80, **options):
    return Console(file=io.StringIO(), width=width, **options)


def said(tutor, message, evidence=True, width=80):
    out = console(width)
    result = terminal.say(tutor, message, [], evidence, out)
    return result, out.file.getvalue()


def talked(tutor, monkeypatch, *messages):
    waiting = list(messages)
    out = console()

    def read(*_, **__):
        if not waiting:
            raise EOFError
        message = waiting.pop(0)
        if isinstance(message, BaseException):
            raise message
        return message

    monkeypatch.setattr(out, "input", read)
    terminal.talk(tutor, False, out)
    return out.file.getvalue()


def test_words_come_first_then_numbers_then_sources(tutor):
    _, text = said(tutor, "How far does “bank” move when the model is tuned?")
    places = [text.index(part) for part in ("[1]", "E1. How far", "drift, by layer", "Compared with.", "Caveat.", "You could ask:")]
    assert places == sorted(places) and "Merchant" in text


@pytest.mark.parametrize("width", [72, 140])
def test_numbers_are_never_cut(tutor, width):
    _, text = said(tutor, "How far does “bank” move when the model is tuned?", width=width)
    assert all(len(line) <= width for line in text.splitlines())
    rows = [line.split("│")[-4:-1] for line in text.splitlines() if line.startswith("│ sentiment") or line.startswith("│ qa")]
    assert rows and not any("…" in cell for row in rows for cell in row)


def test_a_measure_that_does_not_differ_by_sentence_has_no_column_for_it():
    rows = tuple((model, sentence, layer, drift, layer / 10) for model in ("a", "b") for sentence, drift in (("x", 0.1), ("y", 0.2))
                 for layer in (0, 1))
    drift, baseline = terminal.by_layer(Table(("model", "sentence", "layer", "drift", "baseline"), rows))
    assert drift == ("drift, by layer", Table(("model", "sentence", "0", "1"), (
        ("a", "x", 0.1, 0.1), ("a", "y", 0.2, 0.2), ("b", "x", 0.1, 0.1), ("b", "y", 0.2, 0.2))))
    assert baseline == ("baseline, by layer", Table(("model", "0", "1"), (("a", 0.0, 0.1), ("b", 0.0, 0.1))))


def test_a_conversation_goes_on_from_what_was_said_and_ends_with_the_input(tutor, monkeypatch):
    text = talked(tutor, monkeypatch, "Which layers change most when I fine-tune BERT?", "why?", "how do I prepare pizza?")
    assert "will not guess" in text and terminal.talk.__doc__
    assert "Please say what you mean" not in text, "“why?” is read with the question before it"


@pytest.mark.parametrize("end", ["", EOFError(), KeyboardInterrupt()])
def test_ways_to_end(tutor, monkeypatch, end):
    assert "why?" not in talked(tutor, monkeypatch, end, "why?")


def test_markup_and_bad_input_are_text(tutor, monkeypatch):
    text = talked(tutor, monkeypatch, "[bold]By default, BERT is a [red]fine-tuning[/red] model.[/bold]", "x" * 5000)
    assert "4,000" in text


def test_ctrl_c_stops_the_experiment_and_not_the_conversation(tutor, monkeypatch):
    stopped = []
    monkeypatch.setattr(Runs, "stop", lambda self, name, parameters: stopped.append(name))

    def interrupted(self, name, parameters, patience=0):
        yield next(Runs.follow(self.runs, name, parameters))
        raise KeyboardInterrupt

    monkeypatch.setattr(type(tutor), "experiment", interrupted)
    _, text = said(tutor, "How far does “bank” move when the model is tuned?")
    assert stopped == ["word_drift"] and "Stopped." in text and "[1]" in text
