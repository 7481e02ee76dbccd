"""The quiz: its state is read from the messages; the experiment decides."""

import pytest

from bot import quiz
from bot.answer import answer
from bot.play import verdict
from bot.quiz import PREDICTIONS, Game, choice, follow
from bot.tutor import Evidence, Explanation, FollowUps, Reply
from demos import find_demos, run_demo


def test_the_state_is_read_from_the_messages():
    assert follow([]) == Game()
    assert follow(["Quiz me"]) == Game(1, open=True)
    assert follow(["Quiz me", "sentiment"]).just_played and follow(["Quiz me", "sentiment"]).topic == PREDICTIONS[0].topic
    assert follow(["quiz me!", "sentiment", "another one"]) == Game(2, open=True)
    assert not follow(["Quiz me", "stop"]).open
    assert not follow(["Quiz me", "What does fine-tuning change in BERT?"]).open
    assert follow(["Quiz me", "hm"]).open


@pytest.mark.parametrize("message", ["Quiz me", "quiz me please", "test my knowledge", "Quiz", "Give me a quiz", "Quiz me again"])
def test_ways_to_start(message):
    assert quiz.starts(message, Game())


@pytest.mark.parametrize("message", ["What is a quiz?", "another one", "How do I test my model?", "I failed my quiz about BERT"])
def test_what_does_not_start_one(message):
    assert not quiz.starts(message, Game())


@pytest.mark.parametrize(("message", "number"), [
    ("true", 0), ("False", 1), ("that's not true", 1), ("I think it is wrong", 1), ("no", 1), ("yes, correct", 0), ("maybe", None),
    ("true or false", None)])
def test_true_or_false_is_read(message, number):
    assert choice(message, quiz.Statement.__dataclass_fields__["choices"].default) == number


@pytest.mark.parametrize("item", PREDICTIONS, ids=lambda item: item.asks[:30])
def test_every_prediction_names_its_choices_and_a_short_experiment(item):
    for place, (shown, _) in enumerate(item.choices):
        for said in (shown, shown.lower() + ".", f"I say {shown.lower()}"):
            assert choice(said, item.choices) == place
    assert set(item.parameters) <= set(find_demos()[item.demo].parameters) and not find_demos()[item.demo].long


@pytest.mark.parametrize("item", PREDICTIONS, ids=lambda item: item.asks[:30])
def test_the_experiment_decides(item, tiny_zoo):
    evidence = run_demo(item.demo, tiny_zoo, **item.parameters)
    values = item.measure(evidence)
    assert len(values) == len(item.choices)
    best = values.index(max(values))
    close = max(values) - sorted(values)[-2] <= item.close
    expected = "Too close" if close else "Your prediction held"
    assert expected in verdict(item, best, evidence)
    if not close:
        assert "otherwise" in verdict(item, 1 - best if best < 2 else 0, evidence)


def test_a_round(tutor):
    asked = answer(tutor, "Quiz me").to_dict()
    assert "What do you predict?" in asked["answer"] and asked["follow_ups"] == ["Sentiment", "Question answering", "I don't know"]
    parts = list(tutor.answer("Sentiment", ["Quiz me"]))
    kinds = [type(part) for part in parts]
    assert kinds[0] is Reply and kinds[-1] is FollowUps and kinds.index(Evidence) < kinds.index(Explanation)


def test_a_round_without_the_experiment_says_so(tutor):
    found = answer(tutor, "question answering", ["Quiz me"], evidence=False).to_dict()
    assert "could not be run" in found["answer"] and found["sources"]


def test_true_or_false_comes_from_the_articles(tutor):
    history = ["Quiz me", "sentiment", "Quiz me"]
    asked = answer(tutor, "Quiz me", history[:2]).to_dict()["answer"]
    claims = {claim.text.rstrip("."): claim for article in tutor.index.articles for claim in article.claims}
    claim = claims[asked.partition("“")[2].rpartition("”")[0].rstrip(".")]
    right = "True" if claim.verdict == "right" else "False"
    found = answer(tutor, right, history, evidence=False).to_dict()
    assert found["answer"].startswith("**Right**") and "About the statement" in found["answer"]
    assert claim.correction.removeprefix("Right") in found["answer"]  # the word itself is shown in bold
    wrong = "False" if right == "True" else "True"
    assert answer(tutor, wrong, history, evidence=False).to_dict()["answer"].startswith("**No**")
