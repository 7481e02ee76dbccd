"""A message is searched for in its conversation."""

import pytest

from bot.follow import before, find
from bot.parts import Explanation
from bot.question import read


def test_what_was_asked_before_is_the_main_questions_without_small_talk():
    history = ["What is LoRA?", "I have 4,000 tickets. My boss likes BERT. Should I freeze it?", "thanks!", "Which rank?"]
    assert before(history).endswith("Which rank?") and "freeze" in before(history) and "LoRA" not in before(history)
    assert before([]) == before(["hello", ""]) == ""


@pytest.mark.parametrize(("history", "message", "word"), [
    (["Will there be a difference in results between LoRA and full fine-tuning? I have four small GPUs."], "what rank then?", "rank"),
    (["If we turn off the CRF and only use BERT in Flair, do we fine-tune BERT?"], "which learning rate then?", "rate"),
    (["How do I extract features from BERT?"], "does padding matter there?", "padding"),
])
def test_the_new_word_of_a_follow_up_decides(tutor, history, message, word):
    shown = next(part for part in tutor.answer(message, history, evidence=False) if isinstance(part, Explanation))
    assert word in shown.sections[0][0].heading.lower()


def test_what_was_just_shown_steps_back(index):
    history, message = ["Does fine-tuning BERT cause forgetting?"], "and how do I prevent it?"
    question = read(message, history)
    first = find(index, question, history)
    again = find(index, question, history, seen=[first[0].section])
    assert next(hit.score for hit in again if hit.section is first[0].section) < first[0].score
    assert [hit.score for hit in again] == sorted((hit.score for hit in again), reverse=True)


def test_a_new_topic_must_be_of_this_field_by_itself(index):
    history, message = ["Which layers change most when I fine-tune BERT?"], "How do I bake bread?"
    found = find(index, read(message, history), history)
    assert max(hit.confidence for hit in found[:3]) < 0.5


@pytest.mark.parametrize("history", [[""], ["thanks!"], ["x" * 5000], ["?", "…"]])
def test_a_history_that_asks_nothing_leaves_the_question_alone(tutor, history):
    question = "Which layers change most when I fine-tune BERT?"
    alone, after = (next(part for part in tutor.answer(question, earlier, evidence=False) if isinstance(part, Explanation))
                    for earlier in ((), history))
    assert after.sections == alone.sections


def test_a_message_that_says_enough_is_searched_for_by_itself(index):
    question, history = read("i get cosine 0.95 for everything with bert base, bug?"), ["can lora mess up my base model"]
    assert [hit.section for hit in find(index, question, history)] == [hit.section for hit in index.search(question.queries, 60)]


def test_what_steps_back_still_tells_that_the_question_is_covered(tutor):
    shown = [part for part in tutor.answer("and BitFit?", ["Do adapters slow down prediction?"], evidence=False)
             if isinstance(part, Explanation)]
    assert shown and "BitFit" in shown[0].sections[0][0].heading


def test_a_message_that_points_back_stays_with_what_was_shown(tutor):
    history = ["A new document has many words in a row that my doc2vec model never saw. How are they handled?"]
    shown = next(part for part in tutor.answer("cant i just put those new words in the model?", history, evidence=False)
                 if isinstance(part, Explanation))
    assert "doc2vec" in {article.slug.split("-")[0] for _, article in shown.sections}


def test_the_rest_of_the_articles_shown_comes_nearer(index):
    history, message = ["How are unknown words of a document handled by doc2vec?"], "and if it is long?"
    question, (first, *_) = read(message, history), index.search(read(history[0]).queries, 1)
    others = [hit for hit in find(index, question, history) if hit.article is first.article and hit.section is not first.section]
    nearer = {hit.section: hit.score for hit in find(index, question, history, seen=[first.section])}
    assert others and all(nearer[hit.section] > hit.score for hit in others)
