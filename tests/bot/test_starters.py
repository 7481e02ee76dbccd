"""Questions to begin with, and a topic: each is answered from its topic; other questions of the field are answered too."""

import pytest

from bot.answer import answer
from bot.parts import Explanation
from bot.starters import STARTERS, starters, topics

ALL = [(topic, text) for topic, texts in STARTERS.items() for text in texts]


def first(tutor, question, topic=None):
    parts = list(tutor.answer(question, evidence=False, topic=topic))
    return next(part for part in parts if isinstance(part, Explanation)), parts


def test_the_topics_are_the_folders(index):
    assert topics(index) == ("basics", "static", "contextual", "change", "measure", "practice")
    assert all(len(set(starters(index, topic))) == 4 for topic in (*topics(index), None, "nothing"))


@pytest.mark.parametrize(("topic", "text"), ALL, ids=[text[:40] for _, text in ALL])
def test_every_starter_is_answered_from_its_topic(tutor, topic, text):
    explained, _ = first(tutor, text, topic)
    assert not explained.doubt and explained.sections[0][1].topic == topic
    assert not first(tutor, text)[0].doubt


def test_another_topics_question_is_answered_with_a_note(tutor):
    question = "How do I freeze layers of a pretrained model in PyTorch?"
    explained, _ = first(tutor, question, "static")
    assert explained.sections[0][1].topic == "practice"
    assert "Outside the topic “static”" in answer(tutor, question, evidence=False, topic="static").markdown()
    assert "Outside" not in answer(tutor, question, evidence=False, topic="practice").markdown()
    assert answer(tutor, "how do I prepare pizza?", topic="static").status == "declined"


def test_an_unknown_topic_is_a_note(tutor):
    said = answer(tutor, "Is ELMo frozen or fine-tuned?", evidence=False, topic="<b>*x*").markdown()
    assert r"There is no topic “\<b\>\*x\*” here" in said and "practice" in said


def test_a_topic_decides_between_sections_that_answer_about_as_well(index):
    asked = ["Can the vectors be frozen?"]
    plain, narrowed = index.search(asked), index.preferring("static").search(asked)
    assert sum(hit.article.topic == "static" for hit in narrowed) > sum(hit.article.topic == "static" for hit in plain)
    assert index.search(asked) == plain, "the index itself is not changed"


def test_an_instructors_topic_begins_with_its_own_questions():
    from types import SimpleNamespace

    week = SimpleNamespace(topic="week3")
    index = SimpleNamespace(articles=(week,), sections=[(SimpleNamespace(heading=heading), week) for heading in ("Lab", "What is lab 3?")])
    assert topics(index) == ("week3",)
    assert starters(index, "week3") == ("What is lab 3?", *STARTERS["basics"][:3])
