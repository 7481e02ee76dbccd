"""Which sections an answer shows, on hits made for it."""

import pytest

from bot.compose import SAME, TIE, WHOLE, compose, in_short
from bot.question import read
from knowledge import Hit
from knowledge.article import Article, Section


class Toy:
    """An index whose sections share nothing, and whose headings are as near as `near` says."""

    def __init__(self, near=None):
        self.near, self.asked = near or {}, []

    def similarity(self, first, second):
        return float(first is second)

    def nearness(self, asked, section):
        return self.near.get(section.heading, 0.0)

    def search_each(self, questions, limit=8):
        self.asked += questions
        return [[] for _ in questions]


def article(slug, *headings):
    return Article(slug, headings[0], "toys", tuple(Section(slug, heading, "Text.", ()) for heading in headings), (), (), {})


ONE, TWO = article("one", "Is it one?", "How do I make one?", "Why one?"), article("two", "Is it two?", "How do I make two?")


def hit(article, number, score):
    return Hit(article.sections[number], article, score, *[0.0] * 10, confidence=1.0)


def headings(question, hits, toy=None):
    return [section.heading for section, _ in compose(toy or Toy(), read(question), hits).sections]


def test_the_best_hit_answers_and_one_as_near_comes_second():
    assert headings("How do I make one of BERT?", [hit(ONE, 0, 0.40), hit(TWO, 1, 0.40 * TIE)]) == ["Is it one?", "How do I make two?"]
    assert headings("How do I make one of BERT?", [hit(ONE, 0, 0.40), hit(TWO, 1, 0.39 * TIE)]) == ["Is it one?"]


@pytest.mark.parametrize(("share", "added"), [(SAME + 0.01, True), (SAME - 0.01, False)])
def test_a_section_of_the_same_article_may_be_farther(share, added):
    assert ("Why one?" in headings("Is BERT one or two?", [hit(ONE, 0, 0.4), hit(ONE, 2, 0.4 * share)])) is added


def test_other_questions_are_searched_for_together_and_empty_ones_not():
    toy = Toy()

    def search_each(questions, limit=8):
        toy.asked.append(questions)
        return [[hit(TWO, 0, 0.3)] for _ in questions]

    toy.search_each = search_each
    message = "Does tuning change the layers of BERT? Is it OK? Which learning rate does the frozen head need?"
    shown = headings(message, [hit(ONE, 0, 0.5)], toy)
    assert shown == ["Is it one?", "Is it two?"] and len(toy.asked) == 1 and len(toy.asked[0]) == 2


def test_what_may_add_is_only_begun():
    message = "We tune BERT on few labels and wonder whether it is one. " * 5 + "Is BERT one or two?"
    composed = compose(Toy(), read(message), [hit(ONE, n, 0.4) for n in range(3)] + [hit(TWO, n, 0.4) for n in range(2)])
    assert len(composed.sections) > composed.whole == WHOLE


@pytest.mark.parametrize(("text", "begun"), [
    ("Freeze it first. Then open the top. Then all.", "Freeze it first. Then open the top. Then all."),
    ("Freeze the encoder first and train the head [@a]. Then open its top layers at a small rate. Then all.",
     "Freeze the encoder first and train the head [@a]. Then open its top layers at a small rate."),
    ("Freeze the encoder first. Do this:\n\n- one\n- two", "Freeze the encoder first."),
    ("Do this:\n\n- one\n- two", "Do this:\n\n- one\n- two"),
])
def test_a_beginning_announces_nothing_that_does_not_follow(text, begun):
    assert in_short(Section("one", "How?", text, ())).text == begun
