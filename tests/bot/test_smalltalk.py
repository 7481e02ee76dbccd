"""What is answered without a search, and what is not."""

import pytest

from bot.smalltalk import reply


@pytest.mark.parametrize(("message", "words"), [
    ("hi", "Hello"), ("Hey there!", "Hello"), ("Thanks a lot!", "welcome"), ("ok, thank you so much for the help", "welcome"),
    ("that makes sense, thanks", "welcome"), ("what can you do?", "12 reviewed articles"), ("what are your sources?", "papers"),
    ("where does this come "
     "from", "papers"), ("Which models does this app run?", "all-MiniLM-L6-v2"), ("are you an AI?", "No language model"),
    ("Are you sure?", "Check me"), ("That is not what I asked", "Sorry"), ("Which experiments can you run?", "You can ask for one"),
    ("Are you human?", "I am a program"), ("new question", "Go ahead"), ("can you help me?", "one full sentence"),
    ("I disagree", "state what you"),
    ("you suck", "Sorry"), ("lol", "quiz me"), ("what can u do", "12 reviewed articles"), ("where do you get this from?", "papers"),
    ("do you speak German?", "in English"), ("Do you store my data?", "read on the machine"), ("good night", "Goodbye")])
def test_answered_from_here(message, words):
    assert words in (reply(message, 12) or "")


@pytest.mark.parametrize("message", [
    "What can you do with frozen BERT?", "Which models are frozen?", "Thanks. Does BERT change?", "which model is fine-tuned for QA",
    "no, I meant the input embeddings", "Is it right that BERT is frozen?", "hi, does fine-tuning change the embeddings?", "",
    "Can you help me freeze BERT?", "This model is bad at NER, why?", "new question: does dropout matter?", "Is this layer frozen?",
    "where do the input embeddings come from", "how do you freeze BERT", "a " * 2000])
def test_left_to_the_articles(message):
    assert reply(message, 12) is None
