"""Follow-ups, corrections and new topics, on the words alone."""

import pytest

from bot.conversation import needs_topic, resolve, topic

LAYERS = "Does fine-tuning change the upper layers of BERT?"


@pytest.mark.parametrize(("message", "question"), [
    ("and the lower layers?", "Does fine-tuning change the lower layers of BERT?"),
    ("What about ELMo?", "Does fine-tuning change the upper layers of ELMo?"),
    ("no, I meant the input embeddings", "Does fine-tuning change the input embeddings of BERT?"),
    ("Sorry, I was asking about the attention weights.", "Does fine-tuning change the attention weights of BERT?"),
    ("why?", LAYERS), ("ok, but why is that?", LAYERS), ("Can you give code?", LAYERS), ("tell me more", LAYERS),
    ("and with little data?", f"little data: {LAYERS}"),
    ("then what happens to the words that are rare?", f"{LAYERS} then what happens to the words that are rare?"),
])
def test_a_follow_up_in_full(message, question):
    found = resolve(message, [LAYERS])
    assert found is not None and found.question == question and found.topic == LAYERS


@pytest.mark.parametrize("message", [
    "What is LoRA?", "Why are all cosines between BERT vectors so high?", "And should I freeze the embeddings of GloVe?",
    "How do I freeze the first six layers in PyTorch?", "My model has 12 layers and I freeze six of them; is this enough to save memory?"])
def test_a_message_that_stands_by_itself(message):
    assert resolve(message, [LAYERS]) is None


def test_the_topic_is_the_last_question_itself_resolved():
    assert topic([LAYERS, "thanks!", "and the lower layers?", "great"]) == "Does fine-tuning change the lower layers of BERT?"
    assert topic(["hello", "thanks"]) == "" and topic([]) == ""
    assert topic([LAYERS, "Quiz me", "sentiment"]).startswith("Why does the same word")


def test_a_word_to_show_it_with():
    for message in ("show me with apple", "and for the word 'apple'?", "try “apple”", "same for 'apple'"):
        found = resolve(message, ["How far does 'bank' move?"])
        assert found is not None and (found.kind, found.word) == ("word", "apple"), message
    found = resolve("what about BERT", ["Is word2vec frozen?"])
    assert found is not None and found.kind == "changed"


def test_what_needs_a_topic():
    assert needs_topic("why?") and needs_topic("code please") and not needs_topic("Why does BERT change?")
    assert resolve("why?", []) is None


@pytest.mark.parametrize("history", [["?"], [""], ["\u200b", "!!"], ["x" * 5000], ["and?"] * 30])
def test_odd_histories_do_no_harm(history):
    resolve("why?", history)
    resolve("and for QA?", history)


@pytest.mark.parametrize(("message", "kind"), [
    ("Why though?", "why"), ("I still don't understand why", "why"), ("eli5", "more"), ("what?", "more"), ("tl;dr", "short"),
    ("shorter please", "short"), ("do you have an example in pytorch?", "code"), ("can you give code for the first step", "code"),
    ("in code?", "code"),
    ("i was asking about word2vec, not bert", "changed"), ("that's not what I asked, I meant frozen BERT", "changed"),
    ("not bert, elmo", "changed"), ("ok thanks. and the pooler?", "changed"), ("which is better?", "goes on"),
    ("what is the learning rate then", "goes on"), ("so the embeddings stay frozen?", "goes on"), ("compare that to LoRA", "goes on")])
def test_more_ways_of_going_on(message, kind):
    found = resolve(message, ["Which layers change most when I fine-tune BERT?"])
    assert found is not None and found.kind == kind


@pytest.mark.parametrize("message", [
    "Thanks! One more question: does dropout matter?", "not sure, what is a pooler?",
    "I get RuntimeError: element 0 of tensors does not require grad"])
def test_what_stands_by_itself_is_left_by_itself(message):
    assert resolve(message, ["Which layers change most when I fine-tune BERT?"]) is None


@pytest.mark.parametrize("message", ["no I meant the first word not the last, should I use that one?", "no, first not last",
                                     "not the last, but the first"])
def test_a_word_that_is_taken_back_is_replaced_where_it_stood(message):
    found = resolve(message, ["Does the last token of GPT-2 give a good vector?"])
    assert found is not None and found.question == "Does the first token of GPT-2 give a good vector?"
