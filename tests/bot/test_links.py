"""Links, forms and cards: what is typed into them comes out as it was meant, and nothing else."""

import base64
import csv
import io
import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl

import pytest

from bot.card import card, table_csv
from bot.form import form
from bot.links import experiment_link, question_link, read_link
from bot.words import words
from demos import find_demos, run_demo
from demos.lab.evidence import Table


def parse(query):
    return read_link(parse_qsl(query.removeprefix("?"), keep_blank_values=True))


def test_a_question_comes_back():
    assert parse(question_link("Are “frozen” & tuned, 50 % equal? #1")).question == "Are “frozen” & tuned, 50 % equal? #1"


def test_an_experiment_comes_back():
    given = {"word": "bank", "sentences": ["A bank, here.", "The bank & co?"], "models": ["qa", "sentiment"], "layer": 4, "seed": 0}
    link = parse(experiment_link("word_drift", given))
    assert link.demo == "word_drift" and link.notes == ()
    assert link.parameters == {**given, "layer": "4", "seed": "0"}  # pydantic reads the numbers


def test_plural_names_and_lines_of_a_form():
    link = parse("?demo=word_drift&models=qa,%20sentiment&sentence=One+bank.%0D%0ATwo+bank.%0D%0A&layer=")
    assert link.parameters == {"models": ["qa", "sentiment"], "sentences": ["One bank.", "Two bank."]}


@pytest.mark.parametrize(("query", "note"), [
    ("demo=rm_rf", "not here: rm_rf"), ("demo=word_drift&colour=red", "ignored: colour"), ("utm_source=x", "ignored: utm_source"),
    ("q=" + "a" * 20_000, "4,000 characters")])
def test_what_is_not_understood_is_a_note(query, note):
    link = parse(query)
    assert note in " ".join(link.notes) and len(link.question or "") <= 4000


def test_the_pages_own_parts_are_no_mistake():
    assert parse("?lang=de&theme=dark&embed=1&__theme=dark") == read_link([])
    assert parse("?topic=practice").topic == "practice" and parse("?topic=practice").notes == ()


def test_several_questions_and_one_that_goes_on():
    link = parse("?q=Is+word2vec+frozen%3F&q=+&q=And+BERT%3F")
    assert link.questions == ("Is word2vec frozen?", "And BERT?") and link.question == "Is word2vec frozen?"
    many = parse("?" + "&".join(f"q=question+{number}" for number in range(40)))
    assert len(many.questions) == 12 and "more than 12 questions" in many.notes[0]
    again = parse(question_link("Why?", ["Is word2vec frozen?"], "static"))
    assert (again.questions, again.after, again.topic) == (("Why?",), ("Is word2vec frozen?",), "static")


def test_notes_are_in_the_readers_language():
    assert read_link([("demo", "rm_rf")], words("de")).notes == ("Der Link nennt ein Experiment, das es hier nicht gibt: rm_rf.",)


class Fields(HTMLParser):
    def __init__(self):
        super().__init__()
        self.names, self.tags = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.names += [value for name, value in attributes if name == "name"]


@pytest.mark.parametrize("name", list(find_demos()))
def test_every_parameter_has_a_field_that_the_link_reader_knows(name):
    fields = Fields()
    fields.feed(form(name, {}))
    demo = find_demos()[name]
    link = read_link([(field, "1") for field in fields.names if field != "demo"] + [("demo", name)])
    assert set(link.parameters or {}) == set(demo.parameters) and link.notes == ()


def test_a_form_escapes():
    fields = Fields()
    fields.feed(form("word_drift", {"word": '"><script>', "sentences": ["</textarea><img src=x>"]}))
    assert "script" not in fields.tags and "img" not in fields.tags


def test_a_card_can_be_kept(tiny_zoo):
    found = run_demo("word_drift", tiny_zoo, word="bank")
    html = card(found, 1, "Title")
    files = dict(re.findall(r'download="word_drift\.(csv|svg)" href="data:[^;]+;base64,([^"]+)"', html))
    rows = list(csv.reader(io.StringIO(base64.b64decode(files["csv"]).decode())))
    assert tuple(rows[0]) == found.table.columns and len(rows) == len(found.table.rows) + 1
    assert base64.b64decode(files["svg"]).decode().startswith("<svg") and "Ran just now" in html
    link = read_link(parse_qsl(re.search(r'data-copy="\?([^"]+)"', html)[1].replace("&amp;", "&")))
    again = run_demo(link.demo, tiny_zoo, **link.parameters)
    assert again.table == found.table and again.claim == found.claim


def test_a_spreadsheet_sees_no_formula():
    assert table_csv(Table(("word", "drift"), (("=1+1", -0.5), ("bank", 0.1)))) == "word,drift\n'=1+1,-0.5\nbank,0.1\n"


def test_a_choice_that_may_be_left_open_can_be_left_open():
    assert '<select name="task"><option selected></option><option>sentiment</option>' in form("frozen_or_tuned", {"task": ""})
    assert '<option selected>tweets</option>' in form("frozen_or_tuned", {"task": "tweets"})
    assert "<option></option>" not in form("spectrum", {"task": "tweets"})
