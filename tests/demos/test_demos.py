"""One contract for every experiment, on tiny models; the numbers themselves on the real encoder."""

import ast
import contextlib
import io
import json
import re
import time
from xml.etree import ElementTree

import pytest

from demos import DemoError, NotReady, Zoo, find_demos, run_demo
from demos.lab.recipe import Recipe
from demos.lab.reproduce import PATHS, literal
from demos.lab.status import status

NAMES = list(find_demos())
# These need no stored model but the base; those that train do it as they run.
BASE_ONLY = {"static_or_contextual", "learning_rate", "pooling", "spectrum", "static_tuned", "live_tuning"}


@pytest.fixture(scope="module")
def evidence(tiny_zoo):
    return {name: run_demo(name, tiny_zoo) for name in NAMES}


def run_snippet(zoo, code):
    """Execute a reproduce script with this zoo's paths; returns its printed rows."""
    assert PATHS in code
    paths = {row.key: row.path for row in status(zoo)}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code.replace(PATHS, "import json\n"), "snippet", "exec"), {"paths": paths, "__name__": "snippet"})
    return [line.split("\t") for line in out.getvalue().splitlines()]


def same_numbers(zoo, found, columns=(0, 1, 2, 3, 4)):
    """The script prints these columns of the table: words alike, numbers within 1e-4."""
    printed = run_snippet(zoo, found.reproduce)
    assert len(printed) == len(found.table.rows)
    for line, row in zip(printed, found.table.rows, strict=True):
        for shown, cell in zip(line, (row[column] for column in columns), strict=True):
            assert shown == cell if isinstance(cell, str) else float(shown) == pytest.approx(cell, abs=1e-4)


def test_the_experiments_are_there():
    assert set(NAMES) == {
        "word_drift", "static_or_contextual", "frozen_or_tuned", "layer_by_layer", "domain_words", "nearest_words", "sense_separation",
        "spectrum", "freeze_depth", "learning_rate", "forgetting", "similarity_of_layers", "isotropy", "pooling", "input_embeddings",
        "word_pieces", "static_tuned", "live_tuning", "compare_models"}


@pytest.mark.parametrize("name", NAMES)
def test_contract(name, evidence, tiny_zoo):
    found = evidence[name]
    assert found.demo == name and len(find_demos()[name].title) > 10 and find_demos()[name].about
    for text in (found.claim, found.caveat, found.baseline):
        assert len(text) > 40 and text.endswith(".") and "nan" not in text.lower().split() and "  " not in text
    assert re.search(r"\d", found.claim) and "already tuned once" in found.caveat
    assert found.receipts[0].key == "base" and all(receipt.tensors_loaded for receipt in found.receipts)
    assert found.table.rows and all(len(row) == len(found.table.columns) for row in found.table.rows)
    assert 0 < found.seconds < 60
    svg = ElementTree.fromstring(found.figure.svg)
    assert svg.get("role") == "img" and svg.get("aria-label") == found.figure.alt and svg.get("viewBox")
    assert "script" not in found.figure.svg and "currentColor" in found.figure.svg
    json.dumps(found.to_dict(), allow_nan=False)
    ast.parse(found.reproduce)
    assert found.reproduce.startswith(f"# The same numbers: python -m demos run {name}")
    for finding in found.findings:
        assert finding.says.endswith(".") and finding.because.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_a_similarity_stands_beside_that_of_what_has_nothing_in_common_and_of_another_seed(name, evidence):
    found = evidence[name]
    if not re.search("drift|cosine|distance|CKA|within a sense|random pairs", " ".join(found.table.columns)):
        return
    said = f"{found.baseline} {found.claim}"
    assert re.search(r"[Dd]ifferent words in different sentences|random (words|lists|rows|pairs)|tokens of one model shuffled|"
                     "without polarity are the reference", said)
    assert re.search(r"(an|o)ther seed|only in the( random)? seed|different seeds", said)
    trains = "trained just now" in " ".join(receipt.task for receipt in found.receipts)
    assert re.search(r"\bseeds?\b" if trains else r"\b(once|seeds?|one\s+training)\b", found.caveat)


@pytest.mark.parametrize("name", [name for name in NAMES if "models" in find_demos()[name].parameters])
def test_the_other_seed_stands_beside_whatever_models_are_chosen(name, tiny_zoo):
    found = run_demo(name, tiny_zoo, models=["qa"])
    assert re.search(r"(an|o)ther seed|only in the( random)? seed", found.baseline)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_parameters_give_the_same_numbers(name, evidence, tiny_zoo):
    again = run_demo(name, Zoo(tiny_zoo.base, tiny_zoo.cache, tiny_zoo.recipe), **evidence[name].parameters)
    assert again.table == evidence[name].table and again.figure == evidence[name].figure and again.claim == evidence[name].claim


def test_word_drift_table(evidence, tiny_zoo):
    found = evidence["word_drift"]
    assert found.table.columns == ("model", "sentence", "layer", "drift", "baseline")
    assert len(found.table.rows) == 7 * 2 * 3  # models, sentences, layers 0 to 2 of the tiny encoder
    frozen = [row for row in found.table.rows if row[0] == "sentiment_frozen"]
    assert frozen and all(row[3] == 0 and row[4] == 0 for row in frozen)
    assert {row[0] for row in found.table.rows} >= {"sentiment", "qa", "sentiment_seed2"}
    assert any(row[3] > 0 for row in found.table.rows) and any(row[4] > 0 for row in found.table.rows)


def test_word_drift_of_controls_alone_says_so(tiny_zoo):
    found = run_demo("word_drift", tiny_zoo, models=["sentiment_seed2"], sentences=["The bank is closed."])
    assert found.claim.startswith("Only control models were chosen")


def test_word_drift_equals_plain_transformers(real_zoo):
    """To 1e-4, from the saved checkpoints, by the script that the card shows."""
    found = run_demo("word_drift", real_zoo, word="spring", sentences=["The spring in the mattress broke.", "Spring came late."])
    same_numbers(real_zoo, found)
    assert all(receipt.tensors_loaded == 103 for receipt in found.receipts)


def test_the_other_scripts_print_the_same_numbers(real_zoo):
    static = run_demo("static_or_contextual", real_zoo)
    printed = {int(layer): (float(separation), float(accuracy))
               for _, layer, separation, accuracy in run_snippet(real_zoo, static.reproduce)}
    for name, layer, _, separation, accuracy, _ in static.table.rows:
        if layer == "-":
            assert separation == pytest.approx(0, abs=1e-6) and accuracy == pytest.approx(0.5)
        else:
            assert printed[layer] == pytest.approx((separation, accuracy), abs=1e-4), name
    same_numbers(real_zoo, run_demo("layer_by_layer", real_zoo, models=["qa"]), columns=(0, 1, 2, 3))
    same_numbers(real_zoo, run_demo("frozen_or_tuned", real_zoo), columns=(0, 1, 2, 4))
    same_numbers(real_zoo, run_demo("domain_words", real_zoo), columns=(0, 1, 2, 3, 4))


def test_frozen_or_tuned_says_exactly_zero(evidence):
    frozen, tuned = evidence["frozen_or_tuned"].table.rows
    assert frozen[4] == 0 and tuned[4] > 0 and frozen[2] < tuned[2]
    assert "exactly 0 when frozen" in evidence["frozen_or_tuned"].claim
    assert re.search(r"With data like these, (tune|keep it frozen)\b.*\.$", evidence["frozen_or_tuned"].claim)


def test_static_vectors_are_one_and_contextual_ones_many(real_zoo):
    rows = run_demo("static_or_contextual", real_zoo).table.rows
    assert [row[2] for row in rows if row[1] == "-"] == [1, 1]
    assert {row[2] for row in rows if row[0] == "frozen encoder" and row[1] > 0} == {24}


def test_readers_words_can_not_become_code(tiny_zoo):
    sentence = 'He said "bank" 😀; \' + __import__("os").abort() + \' and {0} \\ left.'
    found = run_demo("word_drift", tiny_zoo, word="bank", sentences=[sentence], models=["qa"])
    rows = run_snippet(tiny_zoo, found.reproduce)
    assert rows and all(row[1] == sentence for row in rows)


@pytest.mark.parametrize("value", ["caf\xe9 😀 \u2028 \\ud83d", "\ud83d alone", ["a", {"b'\"": [1, 0.5]}], "line\nbreak\x00"])
def test_a_value_as_source_is_read_back_the_same(value):
    assert literal(value).isascii() and ast.literal_eval(literal(value)) == value


def test_a_word_of_the_readers_own_without_sentences(tiny_zoo):
    found = run_demo("word_drift", tiny_zoo, word="mouse")
    assert len({row[1] for row in found.table.rows}) == 2


@pytest.mark.parametrize(("name", "parameters", "message"), [
    ("nope", {}, "There is no experiment “nope”; the experiments are"),
    ("word_drift", {"colour": 1}, "has no parameter “colour”; it takes: word, sentences, models, layer, seed"),
    ("word_drift", {"word": "bank", "sentences": ["The river was cold."]}, "The word “bank” is not in the sentence"),
    ("word_drift", {"word": "xyzzyx"}, "No bundled sentence holds “xyzzyx”; give one or more"),
    ("word_drift", {"word": ""}, "The parameter “word” does not fit"),
    ("word_drift", {"word": "b" * 41}, "at most 40 characters"),
    ("word_drift", {"word": "bank", "sentences": ["bank " * 100]}, "at most 400 characters"),
    ("word_drift", {"sentences": ["bank"] * 9}, "at most 8 items"),
    ("word_drift", {"models": ["gpt"]}, "There is no model “gpt”; the models are base"),
    ("word_drift", {"layer": 7}, "There is no layer 7; this encoder has layers 0 (embeddings) to 2"),
    ("sense_separation", {"examples": "the bank,bank,river\n" * 20_000},
     "The parameter “examples” is too long: 20,000 lines with 400,000 characters were given"),
    ("live_tuning", {"lines": "good, a day"}, "1 labelled line was given; give between 8 and"),
    ("word_drift", {"layer": "top"}, "The parameter “layer” does not fit"),
    ("word_drift", {"seed": -1}, "The parameter “seed” does not fit"),
    ("static_or_contextual", {"word": "table"}, "no sentences with marked senses for “table”; choose one of: "),
])
def test_bad_input_gets_one_sentence(tiny_zoo, name, parameters, message):
    with pytest.raises(DemoError) as caught:
        run_demo(name, tiny_zoo, **parameters)
    assert message in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize("name", NAMES)
def test_a_job_that_outlives_its_limit_is_stopped_and_says_so(name, tiny_zoo, monkeypatch):
    """Whether or not it has anything to report."""
    monkeypatch.setenv("EXPLAINER_EXPERIMENT_SECONDS", "0.001")
    with pytest.raises(DemoError, match=r"reached its limit of 0 s and was stopped( at “.+”)?; choose fewer models, steps or lines\.$"):
        run_demo(name, Zoo(tiny_zoo.base, tiny_zoo.cache, tiny_zoo.recipe))


def test_without_a_report_it_is_stopped_at_the_next_batch(tiny_zoo, monkeypatch):
    import demos.lab.encode

    read, hidden = [], demos.lab.encode._hidden_states
    monkeypatch.setattr(demos.lab.encode, "_hidden_states", lambda *given: (read.append(time.sleep(0.1)), hidden(*given))[1])
    monkeypatch.setenv("EXPLAINER_EXPERIMENT_SECONDS", "0.5")
    zoo = Zoo(tiny_zoo.base, tiny_zoo.cache, tiny_zoo.recipe)
    with pytest.raises(DemoError, match="was stopped; choose"):
        run_demo("word_drift", zoo)
    assert 0 < len(read) <= 6
    monkeypatch.setenv("EXPLAINER_EXPERIMENT_SECONDS", "60")
    assert run_demo("word_drift", zoo) and len(read) > 12  # all of it, and the limit before does not linger


@pytest.mark.parametrize("name", NAMES)
def test_models_that_are_not_trained_yet(name, tiny_encoder, tmp_path):
    asked = []
    zoo = Zoo(tiny_encoder, tmp_path, Recipe(steps=3), on_missing=lambda: asked.append(True))
    if name in BASE_ONLY:
        assert run_demo(name, zoo)
    else:
        with pytest.raises(NotReady, match="still being trained"):
            run_demo(name, zoo)
        assert asked
