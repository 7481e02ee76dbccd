"""A message's wish to have something measured, read with its word, sentences, models, layer and lines."""

import pytest

from bot.question import read
from bot.request import labelled_lines, read_request, spoken
from demos import find_demos

LINES = "good, what a lovely day\nbad, this was awful\ngood, I liked it a lot\nbad, never again please"


def request(message, *history):
    return read_request(message, read(message, history), history)


@pytest.mark.parametrize(("message", "demo", "parameters"), [
    ("How far does 'apple' move between 'I ate an apple' and 'Apple released a phone'?", "word_drift",
     {"word": "apple", "sentences": ["I ate an apple", "Apple released a phone"]}),
    ("compare sentiment and QA on 'bank' at layer 4", "word_drift", {"word": "bank", "models": ["sentiment", "qa"], "layer": 4}),
    ("Which layers can I freeze?", "freeze_depth", {}),
    ("how many layers should i freeze with little data", "freeze_depth", {}),
    ("which words changed most for sentiment?", "nearest_words", {"models": ["sentiment"]}),
    ("what are the nearest words of \"spring\" before and after tuning, seed 3", "nearest_words", {"word": "spring", "seed": 3}),
    ("how is 'unbelievable' split by the tokenizer?", "word_pieces", {"word": "unbelievable"}),
    ("compare LoRA and full fine-tuning", "spectrum", {}),
    ("run isotropy", "isotropy", {}),
    ("which rows of the embedding table moved?", "input_embeddings", {}),
    ("fine-tune on these lines:\n" + LINES, "live_tuning", {"lines": LINES}),
    ("Should I fine-tune on these lines, or keep BERT frozen?\n" + LINES, "frozen_or_tuned", {"lines": LINES}),
    ("frozen or tuned on my lines:\n" + LINES, "frozen_or_tuned", {"lines": LINES}),
    ("should I fine-tune?", "frozen_or_tuned", {"task": "sentiment"}),
    ("Should I fine-tune BERT on my data or use frozen features?", "frozen_or_tuned", {"task": "sentiment"}),
    ("show me learning curves", "frozen_or_tuned", {"task": "sentiment"}),
    ("learning curves for tweets, seed 4", "frozen_or_tuned", {"task": "tweets", "models": ["tweets"], "seed": 4}),
    ("How far apart is “apple” in “I ate an apple” and “Apple released a phone”?", "word_drift",
     {"word": "apple", "sentences": ["I ate an apple", "Apple released a phone"]}),
    ("How different is the vector of 'apple' in 'I ate an apple' and in 'Apple released a phone'?", "word_drift",
     {"word": "apple", "sentences": ["I ate an apple", "Apple released a phone"]}),
    ("compare sentiment and qa on bank at layer 4", "word_drift", {"word": "bank", "models": ["sentiment", "qa"], "layer": 4}),
    ("sentiment vs QA for the word bank, fourth layer", "word_drift", {"word": "bank", "models": ["sentiment", "qa"], "layer": 4}),
    ("What do sentiment and QA do to 'bank' at layer four?", "word_drift",
     {"word": "bank", "models": ["sentiment", "qa"], "layer": 4}),
    ("How deep can I freeze?", "freeze_depth", {}),
    ("how many bottom layers can be frozen for free?", "freeze_depth", {}),
    ("Can I freeze the bottom layers without losing accuracy?", "freeze_depth", {}),
    ("what words moved the most for sentiment", "nearest_words", {"models": ["sentiment"]}),
    ("Here are my lines, fine-tune BERT:\n" + LINES, "live_tuning", {"lines": LINES}),
    ("compare google-bert/bert-base-uncased and ./tuned on 'bank'", "compare_models",
     {"word": "bank", "first": "google-bert/bert-base-uncased", "second": "./tuned"}),
    ("compare the models base and ~/tuned", "compare_models", {"first": "base", "second": "~/tuned"}),
    ("run live tuning on the cookbook data", "live_tuning", {"task": "cookbook", "models": ["cookbook"]}),
])
def test_what_is_to_be_measured(message, demo, parameters):
    if demo not in find_demos():
        pytest.fail(f"there is no experiment {demo}")
    found = request(message)
    assert found.demo == demo and found.parameters == parameters


@pytest.mark.parametrize("message", [
    "What is the difference between feature extraction and fine-tuning?", "Is BERT frozen by default?",
    "My model for sentiment has 12 layers, and I want to know which learning rate to take.", "thanks!",
    "I want to fine-tune BERT on my data: which learning rate do I take?", "Which layers are frozen by default?",
    "Should I fine-tune BERT before clustering texts?",
    "Compare the pros/cons and cost of both"])
def test_a_question_is_not_taken_for_a_wish(message):
    assert request(message).demo is None


def test_a_follow_up_takes_over_what_it_leaves_out():
    first = "compare sentiment and QA on 'bank' at layer 4"
    assert request("show me with 'apple'", first).parameters == {"word": "apple", "models": ["sentiment", "qa"], "layer": 4}
    assert request("and at layer 2?", first).parameters == {"word": "bank", "models": ["sentiment", "qa"], "layer": 2}
    assert request("and at layer 2?", first).demo == "word_drift"


def test_a_new_word_leaves_the_old_sentences():
    first = "How far does 'apple' move between 'I ate an apple' and 'Apple released a phone'?"
    assert request("now with 'bank'", first).parameters == {"word": "bank"}
    assert request("and at layer 3", first).parameters["sentences"] == ["I ate an apple", "Apple released a phone"]


def test_models_do_not_narrow_an_experiment_that_was_not_asked_for():
    found = request("Why do sentiment and QA models give \"bank\" different vectors?")
    assert found.demo is None and found.parameters_for("word_drift") == {"word": "bank"}


def test_a_sentence_without_the_word_is_not_left_out():
    found = request("How far does 'apple' move between 'I ate a pear' and 'Apple released a phone'?")
    assert found.parameters["sentences"] == ["I ate a pear", "Apple released a phone"]  # which the experiment refuses


@pytest.mark.parametrize("message", ["should I fine-tune?", "Should I fine-tune BERT on my data?"])
def test_whether_to_tune_is_asked_in_full(message):
    assert read(message).queries == ["When should I use feature extraction and when fine-tuning?"]


@pytest.mark.parametrize("given", ["good, a lovely day\nbad, this was awful", "good, a lovely day; bad, this was awful",
                                   "good, one\nfine, two of them\nwell, three of them\nbad, four of them"])
def test_lines_that_do_not_do_reach_the_experiment_which_says_why(given):
    found = request("fine-tune on these lines:\n" + given)
    assert found.demo == "live_tuning" and found.parameters == {"lines": given}  # never another task in their place


def test_a_readers_data_is_not_read_as_words_to_the_tutor():
    lines = LINES.replace("what a lovely day", 'a "lovely" day in layer 3 of qa')
    assert request("fine-tune on these lines:\n" + lines).parameters == {"lines": lines}
    assert spoken("Look:\n" + lines + "\nthanks") == "Look:\nthanks" and spoken("Is BERT frozen?") == "Is BERT frozen?"
    assert request(LINES).demo == "frozen_or_tuned" and spoken(LINES) == LINES


def test_lines_are_lines():
    assert labelled_lines("Hello, my friend there\nI have a question, please help me") == ""
    assert labelled_lines("look:\n" + LINES) == LINES
