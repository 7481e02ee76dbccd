"""Statements against claims. The rules by example; precision and recall on the development set."""

import json
from pathlib import Path

import pytest

from bot.review import _judge, agrees, review, states
from knowledge import Claim, ClaimHit

STATEMENTS = [json.loads(line) for line in (Path(__file__).parents[1] / "evaluation" / "statements.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("statement", "wording", "agree"), [
    ("BERT weights are updated", "the weights of BERT are updated during fine-tuning", True),
    ("BERT weights are not updated", "the weights of BERT are updated during fine-tuning", False),
    ("the lower layers change most", "the upper layers change most", False),
    ("frozen is better", "frozen is worse", False),
    ("word2vec is contextual", "BERT is contextual", False),
    ("it doesn't move", "it does not move", True),
])
def test_negation_and_direction(statement, wording, agree):
    assert agrees(statement, wording) is agree


def test_the_founding_statements(index):
    found = {item.quote: item.verdict for item in review([
        "According to those categorizations, static word vector like word2vec is a feature extraction model, where each vector "
        "encodes the meaning of the word.", "By default, Bert is a fine-tuning model.", "Current models like Bert consider the context.",
        "These word2vec vectors do not differentiate between these meaning."], index)}
    assert found["By default, Bert is a fine-tuning model."] == "partly"
    assert found["static word vector like word2vec is a feature extraction model"] in {"partly", "wrong"}
    assert all(verdict == "right" for quote, verdict in found.items() if "context" in quote or "differentiate" in quote)


def test_statements_on_other_matters_are_left_alone(index):
    assert review(["I live in Berlin.", "My laptop has 16 GB of memory.", "Pizza is baked at 250 degrees."], index) == []


def test_precision_comes_before_recall(index):
    judged = [(row["verdict"], found[0].verdict) for row in STATEMENTS if (found := review([row["text"]], index))]
    given = [pair for pair in judged if pair[0] is not None]
    assert sum(gold == verdict for gold, verdict in given) >= 0.9 * len(given)
    assert ("right", "wrong") not in judged


@pytest.mark.parametrize(("claim", "narrower"), [
    ("Any extra text improves the model.", "Some extra text of mine improves the model."),
    ("All layers change alike.", "The layers of this block change alike.")])
def test_a_wrong_claim_about_everything_needs_a_statement_about_everything(claim, narrower):
    wrong = ClaimHit(Claim(text=claim, verdict="wrong", correction="No.", cites=("a",)), None, claim, 0.84)
    assert _judge(claim, [wrong]) is wrong and _judge(narrower, [wrong]) is None


def test_a_share_of_the_data_is_not_a_share_of_the_weights():
    assert not agrees("It trains one per cent of the weights.", "It trains on one per cent of the examples.")


def test_a_question_without_its_mark_is_no_statement():
    assert not states("should i finetune or keep bert frozen") and not states("is the frozen model the same file")
    assert not states("shuold i finetune or keep bert frozen") and states("so we must freeze the encoder first")
    assert states("the frozen model is the same file")


@pytest.mark.parametrize("fragment", [
    "Word vectors from a BERT encoder", "Fine-tuning a speech model with a new layer on top, 5 hours of clean speech.",
    "how do i stop bert itself from training and only fit the layer on top, pytorch"])
def test_headings_set_ups_and_requests_state_nothing(fragment):
    assert not states(fragment) and states("Fine-tuning rewires the attention in every layer.")
