"""What becomes a row, and what the page may send about it."""

import json
import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.answer import Answer, answer
from bot.consent import Keeping
from bot.feedback import REASONS, Forget, Rating
from bot.links import Link
from bot.ratings import rating_routes, record_answer, record_of, start_recorder, watched
from bot.show import reply
from bot.turns import Reader, answered, kept, measured, restored

READER = Reader()


def thumbs(turn):
    """The places for thumbs in what is shown of a turn."""
    return [piece.text for piece in reply(turn, READER.says) if "rating" in piece.text and piece.html]


class Kept:
    """A recorder that only remembers."""

    def __init__(self, room=True):
        self.changes, self.room = [], room

    def record(self, record):
        self.changes.append(record)
        return self.room

    rate = record

    def forget(self, ids):
        return self.record(Forget(tuple(ids)))


def play(tutor, question, past=(), recorder=None):
    recorder = recorder or Kept()
    return list(watched(answered(tutor, question, [turn["question"] for turn in past], READER), list(past), recorder))[-1], recorder.changes


def test_an_answered_question_becomes_a_row(tutor):
    turn, (row,) = play(tutor, "Which layers change most when I fine-tune?")
    assert (row.id, row.kind, row.question, row.status) == (turn["id"], "question", turn["question"], "answered")
    assert row.article in {article.slug for article in tutor.index.articles} and 0.5 < row.confidence <= 1
    assert row.experiments and row.seconds > 0 and row.at.minute == 0 and row.thumb is None
    assert thumbs(turn) == [f'<div class="rating" data-id="{row.id}"></div>']


def test_a_decline_a_greeting_a_quiz_and_an_experiment(tutor):
    _, (row,) = play(tutor, "how do I prepare pizza?")
    assert (row.kind, row.status, row.article) == ("question", "declined", None) and row.confidence < 0.5
    assert play(tutor, "thank you")[1][0].kind == "talk"
    turn, (row,) = play(tutor, "quiz me")
    assert row.kind == "quiz" and play(tutor, turn["follow_ups"][0], [turn])[1][0].kind == "quiz"
    recorder = Kept()
    list(watched(measured(tutor, Link(demo="word_drift", parameters={"word": "bank"}), READER), [], recorder))
    assert [(row.kind, row.question, row.experiments) for row in recorder.changes] == [("experiment", "", ("word_drift",))]
    recorder = Kept()
    list(watched(measured(tutor, Link(demo="word_drift", parameters={"word": "not one word"}), READER), [], recorder))
    assert [(row.status, row.experiments) for row in recorder.changes] == [("no result", ())]


def test_what_cannot_be_read_is_no_row(tutor):
    turn, changes = play(tutor, "?" * 5)
    assert changes == [] and thumbs(turn) == []


def test_one_who_leaves_in_the_middle_is_recorded_once(tutor):
    recorder = Kept()
    growing = watched(answered(tutor, "Which layers change most when I fine-tune?", [], READER), [], recorder)
    turns = [next(growing), next(growing)]
    growing.close()
    assert [row.id for row in recorder.changes] == [turns[0]["id"]]
    again = list(watched(answered(tutor, turns[0]["question"], [], READER, name=turns[1]["id"]), [], recorder))[-1]
    assert again["id"] == turns[0]["id"] == recorder.changes[1].id


def test_not_kept_is_not_kept(tutor):
    turn = list(watched(answered(tutor, "how do I prepare pizza?", [], READER), [], None))[-1]
    assert thumbs(turn) == [] and turn["kept_as"] == ""


def test_a_kept_turn_comes_back_from_the_browser_with_its_thumbs(tutor):
    turn, (row,) = play(tutor, "how do I prepare pizza?")
    again, = restored(json.loads(json.dumps(kept([turn]))), tutor.runs, READER)
    assert thumbs(again) == thumbs(turn) and again["id"] == row.id
    older = [{name: value for name, value in turn.items() if name not in ("id", "kept_as", "outcome")}]
    assert thumbs(restored(kept(older), tutor.runs, READER)[0]) == []


def test_an_id_from_the_browser_may_hold_anything(tutor):
    for name in ('"><script>alert(1)</script>', "x" * 9999, "a" * 13):
        recorder = Kept()
        turn = list(watched(answered(tutor, "how do I prepare pizza?", [], READER, name=name), [], recorder))[-1]
        assert recorder.changes == [] and thumbs(turn) == []
        assert "<script" not in "".join(thumbs({**turn, "kept_as": name}))


def test_a_call_that_cannot_be_read_is_no_row(tutor):
    recorder = Kept()
    for message in ("", "x" * 5000, None):
        record_answer(answer(tutor, message), (), recorder)
    assert recorder.changes == []
    record_answer(answer(tutor, "how do I prepare pizza?"), (), recorder)
    assert [row.status for row in recorder.changes] == ["declined"]


def test_the_answers_json_is_as_it_was(tutor):
    found = answer(tutor, "Which layers change most when I fine-tune?", evidence=False)
    assert list(found.to_dict()) == ["id", "question", "status", "answer", "claims", "sources", "evidence", "unavailable",
                                     "follow_ups", "seconds"]
    assert record_of(found.id, found.question, (), found.outcome()).id == found.id
    assert Answer("x").outcome() == {"status": "answered", "article": None, "confidence": None, "experiments": [], "seconds": 0.0}


@pytest.mark.parametrize(("feedback", "choice", "headers", "is_kept"), [
    ("off", "yes", {}, False), ("off", "", {}, False), ("opt-in", "", {}, False), ("opt-in", "yes", {}, True), ("opt-in", "no", {}, False),
    ("opt-out", "", {}, True), ("opt-out", "no", {}, False), ("opt-out", "yes", {"sec-gpc": "1"}, True),
    ("opt-out", "", {"sec-gpc": "1"}, False), ("opt-out", "", {"dnt": "1"}, False), ("opt-out", ["nonsense"], {}, True)])
def test_whose_questions_are_kept(settings, feedback, choice, headers, is_kept):
    keeping = Keeping(settings(feedback=feedback))
    request = type("Request", (), {"headers": headers})
    try:
        assert (keeping.of_page(choice, request) is not None) == is_kept
        if not headers and isinstance(choice, str):
            assert (keeping.of_program({"yes": True, "no": False, "": None}[choice]) is not None) == is_kept
        assert bool(keeping.head()) == bool(keeping.recorder) == (feedback != "off")
    finally:
        if keeping.recorder:
            keeping.recorder.close()


def test_off_is_off(settings, tmp_path):
    keeping = Keeping(settings(feedback="off", cache_dir=tmp_path / "none"))
    assert start_recorder(settings(feedback="off")) is None and keeping.routes(None) == [] and not (tmp_path / "none").exists()


@pytest.fixture
def sent():
    recorder = Kept()
    client = TestClient(Starlette(routes=rating_routes(recorder)))
    return lambda body, **more: (client.post("/feedback", **({"json": body} | more)).status_code, recorder.changes)


@pytest.mark.parametrize("reason", [*REASONS, None])
def test_a_thumb(sent, reason):
    assert sent({"id": "a" * 12, "thumb": "down", "reason": reason}) == (202, [Rating("a" * 12, "down", reason)])


def test_a_thumb_up_has_no_reason_and_can_be_taken_back(sent):
    assert sent({"id": "a" * 12, "thumb": "up", "reason": "wrong"})[1] == [Rating("a" * 12, "up", None)]
    assert sent({"id": "a" * 12, "thumb": None})[1][1:] == [Rating("a" * 12, None, None)]


def test_rows_of_a_reader_are_deleted(sent):
    assert sent({"forget": ["a" * 12, "b" * 12]}) == (202, [Forget(("a" * 12, "b" * 12))])


@pytest.mark.parametrize("body", [
    {}, [], "x", None, 3, {"id": "a" * 12, "thumb": "sideways"}, {"id": "a" * 12, "thumb": "down", "reason": "free text"}, {"id": "x"},
    {"id": "' OR 1=1 --", "thumb": "up"}, {"id": ["a" * 12], "thumb": "up"}, {"id": "a" * 12, "thumb": "up", "note": "x"}, {"forget": []},
    {"forget": ["*"]}, {"forget": ["%"] * 3}, {"forget": ["a" * 12] * 201}, {"forget": None}, {"id": "a" * 13, "thumb": "up"}])
def test_everything_else_is_refused(sent, body):
    assert sent(body) == (422, [])


def test_other_forms_of_it_are_refused(sent):
    good = b'{"id": "aaaaaaaaaaaa", "thumb": "up"}'
    assert sent(None, json=None, content=good, headers={"content-type": "text/plain"})[0] == 422  # what another site's form could send
    for content in (b"{", b"\xff", b"[" * 3000, b" " * 5000 + good):
        assert sent(None, json=None, content=content, headers={"content-type": "application/json"}) == (422, [])


def test_a_flood_is_slowed_down(sent):
    began = time.monotonic()
    codes = [sent({"id": "a" * 12, "thumb": "up"})[0] for _ in range(70)]
    assert codes.count(202) == 60 and codes[-1] == 429 and time.monotonic() - began < 30


def test_no_room_is_said():
    client = TestClient(Starlette(routes=rating_routes(Kept(room=False))))
    refused = client.post("/feedback", json={"id": "a" * 12, "thumb": "up"})
    assert refused.status_code == 503 and "not kept" in refused.json()["message"]
