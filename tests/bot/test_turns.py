"""Turns: what a browser keeps and gives back, the link to one answer, the conversation as a file."""

import io
import json
import re
import zipfile

import pytest

from bot.export import pack
from bot.links import Link, read_link
from bot.runs import Planned, Unavailable
from bot.show import question, reply
from bot.turns import Reader, answered, kept, measured, new_turn, own_link, questions, restored, said, stopped

GERMAN = Reader("de")
ASKED = "Is BERT a fine-tuning model?"
TRICK = "<script>alert(1)</script> ![x](http://example.org/x.png) By default, BERT is a fine-tuning model."


@pytest.fixture(scope="module")
def conversation(tutor):
    *_, first = answered(tutor, TRICK, [], GERMAN, ("a *note*",))
    *_, second = measured(tutor, Link(demo="word_drift", parameters={"word": "bank", "layer": 1}), GERMAN)
    return [said("only a note"), first, second]


def shown(turns):
    return "".join(piece.text for turn in turns for piece in (question(turn), *reply(turn, GERMAN.says)))


def test_furniture_is_in_the_readers_language_and_the_rest_is_marked_english(conversation):
    html = shown(conversation)
    assert "Quellen (" in html and "Link zu dieser Antwort kopieren" in html and "Verglichen mit." in html and "Copy link" not in html
    assert '<p class="claim" lang="en">' in html and "<script>" not in html
    assert html.count('<p class="note">') == 2 and '<p class="note">a *note*</p>' in html and conversation[1]["pending"] == ""


def test_what_is_under_way_is_said_in_both_languages(tutor):
    html = shown(measured(tutor, Link(demo="live_tuning", parameters={"steps": 4}), GERMAN))
    assert re.search(r'<p class="pending">Läuft: <span lang="en">[^<]+%\)</span> …', html)
    html = shown(measured(tutor, Link(demo="word_drift", parameters={"word": "not one word"}, notes=("<b>Hinweis",)), GERMAN))
    assert '<p lang="en">' in html and '<p class="note">&lt;b&gt;Hinweis</p>' in html


def test_what_is_refused_can_be_corrected_where_it_stands(tutor):
    refused = {"word": "bank", "sentences": ["A <b>river</b>."], "layer": 1}
    *_, turn = measured(tutor, Link(demo="word_drift", parameters=refused), GERMAN)
    (html,) = turn["cards"]
    assert html.index("is not in the sentence") < html.index('<form class="experiment"') and "<b>" not in html
    assert 'name="word" value="bank"' in html and ">A &lt;b&gt;river&lt;/b&gt;.</textarea>" in html and 'name="layer" value="1"' in html
    (back,) = restored(json.loads(json.dumps(kept([turn]))), tutor.runs, GERMAN)
    assert back["cards"] == turn["cards"]


def test_what_only_waits_for_a_model_has_nothing_to_correct(tutor, monkeypatch):
    parts = [Planned("word_drift", "t", {}), Unavailable("word_drift", "Wait.", waiting=True)]
    monkeypatch.setattr(tutor, "experiment", lambda *given: iter(parts))
    *_, turn = measured(tutor, Link(demo="word_drift"), GERMAN)
    assert turn["cards"] == ['<p lang="en">Wait.</p>']


def test_what_a_browser_keeps_comes_back_with_its_figures(conversation, tutor):
    saved = json.loads(json.dumps(kept(conversation)))
    assert "<" not in json.dumps([turn["items"] for turn in saved]) and len(saved) == 2
    back = restored(saved, tutor.runs, GERMAN)
    assert [turn["question"] for turn in back] == [turn["question"] for turn in conversation[1:]]
    assert back[1]["evidence"] and "<svg" in back[1]["cards"][0] and questions(back) == [TRICK]
    tutor.runs._done.clear()  # as after a restart
    again = restored(saved, tutor.runs, Reader("en"))[1]
    assert not again["evidence"] and "Run again:" in again["cards"][0] and "demo=word_drift&amp;word=bank" in again["cards"][0]


@pytest.mark.parametrize("stored", [None, "x", [1, None, "x", {}, {"question": "q"}], {"a": 1},
                                    [{**new_turn("q"), "items": [{"demo": "gone", "parameters": {}}]}],
                                    [{**new_turn("q"), "items": [{"demo": "word_drift"}]}],
                                    [{**new_turn("q"), "items": [{"says": "No.", "change": {"demo": "gone", "parameters": {}}}]}],
                                    [{**new_turn("q"), "items": [{"says": "No.", "change": {"demo": "word_drift", "parameters": "x"}}]}]])
def test_what_cannot_be_read_is_left_out(stored, tutor):
    assert restored(stored, tutor.runs, Reader()) == []


def test_the_link_to_one_answer_holds_what_it_goes_on_from():
    assert own_link(ASKED, ["What is word2vec?"], Reader()) == "?q=Is+BERT+a+fine-tuning+model%3F"
    link = read_link([tuple(pair.split("=")) for pair in own_link("Why?", [ASKED], Reader(topic="basics"))[1:].split("&")])
    assert link.topic == "basics" and len(link.after) == 1 and own_link(" ", [], Reader()) == ""


def test_a_stopped_turn_keeps_what_it_had():
    turn = stopped({**new_turn("q", pending="…"), "words": "w"}, GERMAN)
    assert turn["pending"] == "" and turn["words"] == "w" and "Angehalten." in turn["cards"][0]


def test_a_saved_conversation_is_markdown_with_its_figures_beside_it(conversation):
    with zipfile.ZipFile(io.BytesIO(pack([*conversation[:2], {**conversation[2]}], "https://example.org/"))) as archive:
        names = archive.namelist()
        text = archive.read("frozen-or-tuned/conversation.md").decode()
        assert not archive.testzip()
    assert r"## \<script\>alert(1)\</script\>" in text and "](http://example.org/x.png)" not in text.replace(r"\]", "")
    assert r"a \*note\*" in text and "**Caveat.**" in text and "https://example.org/?demo=word_drift&word=bank&" in text
    figures = [name for name in names if name.endswith(".svg")]
    assert figures and all(f"]({name.removeprefix('frozen-or-tuned/')})" in text for name in figures)


def test_a_conversation_without_results_has_links_in_their_place(conversation):
    lost = [{**turn, "evidence": {}} for turn in conversation]
    with zipfile.ZipFile(io.BytesIO(pack(lost, "https://example.org/"))) as archive:
        assert archive.namelist() == ["frozen-or-tuned/conversation.md"]
        assert "](https://example.org/?demo=word_drift" in archive.read(archive.namelist()[0]).decode()
