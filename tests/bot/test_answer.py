"""The tutor and the JSON of an answer, with the real articles and tiny models."""

import json
import re

import pytest

from bot.answer import Answer, answer, as_text, escape_markdown_maths
from bot.card import card
from bot.tutor import Evidence, Explanation, FollowUps, Planned, Tutor, Unavailable, Waiting
from demos import Zoo, run_demo
from demos.lab.recipe import Recipe
from knowledge.article import Article, Section, Source

QUESTION = (
    "There are two types of transfer learning model. One is feature extraction, where the weights of the pre-trained model are not "
    "changed while training on the actual task and other is the weights of the pre-trained model can be changed. According to those "
    "categorizations, static word vector like word2vec is a feature extraction model, where each vector encodes the meaning of the "
    'word. The meaning of the word changes context. For example, "Bank of the river" vs "Bank as a financial institute". These '
    "word2vec vectors do not differentiate between these meaning. Current models like Bert consider the context. By default, Bert is "
    "a fine-tuning model. If we fine tune, by definition, the weights of the lower level (language representation layer) will change "
    "at least a bit, that means the vector of the word will also change (if we compare before and after fine tune). I can not "
    "comprehend this phenomenon: for example, the word vectors of task sentiment analysis are different that the word vectors (of "
    "the same word) of task question answering. Please correct me if anything above is wrong.")
KEYS = {"id", "question", "status", "answer", "claims", "sources", "evidence", "unavailable", "follow_ups", "seconds"}


@pytest.fixture(scope="module")
def founding(tutor):
    return answer(tutor, QUESTION, name="q1").to_dict()


def test_the_founding_question(founding):
    assert founding["status"] == "answered" and set(founding) == KEYS and founding["id"] == "q1"
    verdicts = {claim["quote"]: claim["verdict"] for claim in founding["claims"]}
    assert len(verdicts) >= 4 and all(quote in QUESTION for quote in verdicts)
    assert verdicts["By default, Bert is a fine-tuning model."] != "right"
    assert next(v for q, v in verdicts.items() if "word2vec is a feature extraction model" in q) != "right"
    words = founding["answer"].lower()
    for needed in ("copy", "frozen", "domain", "same labelled data", "context"):
        assert needed in words, needed


def test_its_evidence(founding):
    drift = next(item for item in founding["evidence"] if item["demo"] == "word_drift")
    assert {row[0] for row in drift["table"]["rows"]} >= {"sentiment", "qa", "sentiment_seed2", "sentiment_frozen"}
    assert {"label", "demo", "claim", "caveat", "baseline", "table", "receipts", "findings", "seed", "seconds", "reproduce"} <= set(drift)
    assert f"[{drift['label']}]" in founding["answer"]


def test_every_mark_has_its_source_and_every_source_is_used(founding):
    marks = set(re.findall(r"(?<!\\)\[(\d+)\]", founding["answer"]))
    assert marks == {source["label"] for source in founding["sources"]}
    assert all(source["url"].startswith("https://") and source["citation"] for source in founding["sources"])
    assert not re.search(r"\[@", founding["answer"])
    json.dumps(founding, allow_nan=False)


def test_nothing_is_said_twice(founding):
    sentences = re.split(r"(?<=[.!?]) ", founding["answer"])
    long = [sentence for sentence in sentences if len(sentence) > 60]
    assert len(long) == len(set(long))


@pytest.mark.parametrize("message", [
    "how do I prepare pizza?", "what is the capital of France", "Excel formula for the last Friday of a month"])
def test_other_fields_are_declined_with_the_nearest_questions(tutor, message):
    found = answer(tutor, message).to_dict()
    assert found["status"] == "declined" and not found["evidence"] and not found["sources"]
    assert "I don't cover that" in found["answer"] and 1 <= len(found["follow_ups"]) <= 3


@pytest.mark.parametrize(("message", "sentence"), [
    ("", "Please type a question"), ("a" * 20_000, "20,000 characters"), ("\u200b", "Please type a question")])
def test_a_message_that_cannot_be_read(tutor, message, sentence):
    found = answer(tutor, message).to_dict()
    assert found["status"] == "declined" and sentence in found["answer"] and set(found) == KEYS


@pytest.mark.parametrize(("message", "words"), [
    ("hi", "Hello"), ("Thanks a lot!", "welcome"), ("what can you do?", "reviewed articles"),
    ("which models do you use?", "all-MiniLM-L6-v2"), ("what are your sources?", "papers")])
def test_small_talk(tutor, message, words):
    found = answer(tutor, message).to_dict()
    assert found["status"] == "answered" and words in found["answer"]


def test_the_readers_own_word_is_measured(tutor):
    found = answer(tutor, 'How far does the vector of "piano" move when BERT is tuned on sentiment or on question answering?').to_dict()
    demos = {item["demo"]: item for item in found["evidence"]}
    missing = {item["demo"]: item["reason"] for item in found["unavailable"]}
    assert "piano" in demos["word_drift"]["claim"] if "word_drift" in demos else "piano" in missing["word_drift"]


def test_words_come_before_evidence(tutor):
    kinds = [type(part) for part in tutor.answer("Why does the same word get different vectors in a sentiment and a QA model?")]
    assert kinds[0] is Explanation and kinds[-1] is FollowUps
    assert kinds.index(Explanation) < kinds.index(Planned) < kinds.index(Evidence)


def test_without_evidence(tutor):
    found = answer(tutor, "Which layers change most when I fine-tune BERT?", evidence=False).to_dict()
    assert found["status"] == "answered" and found["evidence"] == []


def test_while_models_are_trained_the_words_come_and_the_experiment_says_why_not(index, tiny_encoder, tmp_path):
    untrained = Tutor(index, Zoo(tiny_encoder, tmp_path, Recipe(steps=3)))
    parts = list(untrained.answer("Which layers change most when I fine-tune BERT?"))
    assert isinstance(parts[0], Explanation)
    reasons = [part for part in parts if isinstance(part, Unavailable)]
    assert reasons and all(part.waiting and "still being trained" in part.reason for part in reasons)
    assert any(isinstance(part, Waiting) for part in untrained.experiment("word_drift", {}, patience=0.5))


def test_a_readers_markup_does_nothing():
    assert as_text("![x](http://e.org) <b> $a$ _i_ *j*") == r"\!\[x\](http://e.org) \<b\> \$a\$ \_i\_ \*j\*"
    assert escape_markdown_maths("costs $5 and $6, `$x`") == r"costs \$5 and \$6, `$x`"


def test_a_card_escapes_everything(tiny_zoo):
    nasty = 'The bank <img src=x onerror=alert(1)> & "more" </script><script>alert(2)</script>.'
    html = card(run_demo("word_drift", tiny_zoo, word="bank", sentences=[nasty]), 1, "A <title>")
    assert "<script" not in html and "<img" not in html and "&lt;img" in html and "<title>" not in html


def test_what_is_only_begun_is_a_list_and_a_block_stays_out_of_it():
    source = Source(authors="A", year=2020, title="T", venue="V", url="https://example.org")
    texts = ("It is. [@a]", "Freeze the encoder first and train\nthe head on it for an epoch. [@b] Then open it. Then all.",
             "Do this:\n\n- one")
    sections = tuple(Section("a", f"Is it {n}?", text, ()) for n, text in enumerate(texts))
    article = Article("a", "Is it 0?", "toys", sections, (), (), {"a": source, "b": source.model_copy(update={"url": "https://example.org/b"})})
    result = Answer("x")
    result.add(Explanation(tuple((section, article) for section in sections), whole=1))
    assert result.to_dict()["answer"].endswith(
        "- **Is it 1?** Freeze the encoder first and train the head on it for an epoch. [2] Then open it.\n- **Is it 2?**")
    assert len(result.sources) == 2


def test_sources_are_numbered_in_order_of_use(founding):
    order = list(dict.fromkeys(re.findall(r"(?<!\\)\[(\d+)\]", founding["answer"])))
    assert order == sorted(order, key=int)


def test_an_answer_in_parts_only_grows(tutor):
    result, lengths = Answer("q"), []
    for part in tutor.answer("Is BERT a fine-tuning model?"):
        result.add(part)
        lengths.append(len(result.markdown()))
    assert lengths == sorted(lengths)
