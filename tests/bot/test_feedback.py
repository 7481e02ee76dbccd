"""Where rows lie: SQLite always, a real PostgreSQL where one is installed; and what happens when it is not there."""

import datetime
import json
import multiprocessing
import socket
import sqlite3
import threading
import time
import uuid

import pytest

from bot import feedback
from bot.feedback import FeedbackError, Forget, Rating, open_store, this_hour
from bot.recorder import Recorder


class Writer:
    """Another process that writes rows into a file of the default place, and tells each that was written."""

    def __init__(self, settings, rows, text="Is BERT frozen?"):
        fork = multiprocessing.get_context("fork")  # a new interpreter would load the whole bot first
        self.told, tells = fork.Pipe(duplex=False)
        self.process = fork.Process(target=self._write, args=(settings, rows, text, tells))
        self.process.start()
        tells.close()

    @staticmethod
    def _write(settings, rows, text, tells):
        store = open_store(settings)
        for _ in range(rows):
            name = uuid.uuid4().hex[:12]
            store.save([feedback.Record(name, this_hour(), "question", text, "answered")])
            tells.send(name)

    def names(self):
        """All that it tells until its end."""
        try:
            while True:
                yield self.told.recv()
        except EOFError:
            self.process.join()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request):
    """What EXPLAINER_FEEDBACK_DATABASE holds: nothing, or a DSN."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgresql").dsn


@pytest.fixture
def store(settings, address):
    store = open_store(settings(feedback_database=address))
    store.delete()
    yield store
    store.delete()
    store.close()


def test_a_row_comes_back_as_it_went_in(store, record):
    row = record('Is “BERT” \'frozen\'; DROP TABLE explainer_feedback; -- %s {0} \\n 是吗 😀', confidence=None, article=None)
    store.save([row])
    assert store.rows() == [row]


def test_a_rating_stays_when_the_answer_is_recorded_anew(store, record):
    row = record()
    store.save([row, Rating(row.id, "down", "wrong"), Rating("0" * 12, "up")])
    store.save([feedback.Record(**{**vars(row), "status": "declined"})])
    assert [(found.status, found.thumb, found.reason) for found in store.rows()] == [("declined", "down", "wrong")]
    store.save([Rating(row.id, None)])
    assert store.rows()[0].thumb is None and store.rows()[0].reason is None


def test_rows_since_a_day_and_old_rows_go(store, record):
    old, new = record(at=this_hour() - datetime.timedelta(days=8)), record()
    store.save([new, old])
    assert store.rows() == [old, new] and store.rows(since=new.at) == [new]
    assert store.delete(before=this_hour() - datetime.timedelta(days=7)) == 1 and store.rows() == [new]


def test_deleting_by_id_and_everything(store, record):
    rows = [record(str(number)) for number in range(5)]
    store.save(rows)
    assert store.delete(ids=[rows[0].id, "f" * 12]) == 1
    store.save([Forget((rows[1].id, rows[2].id))])
    assert {row.id for row in store.rows()} == {rows[3].id, rows[4].id}
    assert store.delete(ids=[]) == 0 and store.delete() == 2 and store.rows() == []


def test_all_or_nothing(store, record):
    with pytest.raises(Exception, match="NOT NULL|not-null"):
        store.save([record(), record(question=None)])
    assert store.rows() == []


def test_nothing_of_a_deleted_question_is_left_in_the_file(settings, record, tmp_path):
    store = open_store(settings())
    store.save([record("a very secret question " * 20), record()])
    reader = sqlite3.connect(tmp_path / feedback.FILE)  # another instance has it open
    reader.execute("SELECT 1 FROM explainer_feedback").fetchall()
    assert store.delete(ids=[row.id for row in store.rows() if "secret" in row.question]) == 1
    left = b"".join(path.read_bytes() for path in tmp_path.glob("feedback.sqlite*"))
    reader.close()
    assert b"Is BERT frozen" in left and b"secret" not in left


def test_looking_makes_no_file_and_the_file_is_for_its_user_alone(settings, record, tmp_path):
    store = open_store(settings(feedback_database=str(tmp_path / "new" / "questions.db")))
    assert store.rows() == [] and store.delete() == 0 and not (tmp_path / "new").exists()
    store.save([record()])
    assert (tmp_path / "new" / "questions.db").stat().st_mode & 0o777 == 0o600
    assert sqlite3.connect(tmp_path / "new" / "questions.db").execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_is_deleted_meanwhile_is_made_anew(settings, record, tmp_path):
    store = open_store(settings())
    store.save([record()])
    for path in tmp_path.glob("feedback.sqlite*"):
        path.unlink()
    store.save([record("again")])
    assert [row.question for row in store.rows()] == ["again"]


def test_two_processes_on_one_file(settings):
    both = [Writer(settings(), 60, text) for text in ("one", "two")]
    names = {name for writer in both for name in writer.names()}
    assert [writer.process.exitcode for writer in both] == [0, 0] and len(names) == 120
    assert {row.id for row in open_store(settings()).rows()} == names


def test_a_kill_leaves_a_whole_file_with_everything_that_was_written(settings, tmp_path):
    told = []
    for seconds in (0.05, 0.13, 0.21, 0.37):
        both = [Writer(settings(), 100_000) for _ in range(2)]
        told += [writer.told.recv() for writer in both]
        time.sleep(seconds)
        for writer in both:
            writer.process.kill()
        told += [name for writer in both for name in writer.names()]
    assert sqlite3.connect(tmp_path / feedback.FILE).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert set(told) <= {row.id for row in open_store(settings()).rows()} and len(told) > 20


@pytest.mark.parametrize("address", ["mysql://u:secret@h/d", "postgresql://", "postgresql://u:secret@host:port/x", "https://secret/x", "://"])
def test_an_address_that_is_none(settings, address):
    with pytest.raises(FeedbackError, match="EXPLAINER_FEEDBACK_DATABASE") as told:
        open_store(settings(feedback_database=address))
    assert "secret" not in str(told.value)


def test_secrets_are_not_shown(settings):
    set_up = settings(feedback_database="postgresql://u:hushhush@h/d", report_password="hushhush to everybody")
    assert "hushhush" not in repr(set_up) and "hushhush" not in str(set_up)
    with pytest.raises(ValueError, match="at least 12 characters") as told:
        settings(report_password="hushhush")
    assert "hushhush" not in str(told.value)


class Silent:
    """A server that takes connections and never says a word."""

    def __enter__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.taken = []
        threading.Thread(target=self._take, daemon=True).start()
        return self.server.getsockname()[1]

    def _take(self):
        try:
            while True:
                self.taken.append(self.server.accept()[0])
        except OSError:
            pass

    def __exit__(self, *_):
        self.server.close()
        for connection in self.taken:
            connection.close()


def silent_or_nobody(kind):
    if kind == "silent":
        return Silent()

    class Nobody(Silent):
        def __enter__(self):
            port = super().__enter__()
            self.server.close()
            return port

    return Nobody()


@pytest.mark.parametrize("kind", ["silent", "nobody"])
def test_a_database_that_does_not_answer_costs_no_time(settings, record, monkeypatch, caplog, kind):
    monkeypatch.setattr(feedback, "TIMEOUT", 2)
    with silent_or_nobody(kind) as port:
        recorder = Recorder(open_store(settings(feedback_database=f"postgresql://u:secret@127.0.0.1:{port}/d")), days=7, waiting=20)
        began = time.perf_counter()
        taken = [recorder.record(record()) for _ in range(200)]
        thumbs = [recorder.rate(Rating("0" * 12, "up")) for _ in range(20)]
        assert time.perf_counter() - began < 1, "nobody waited"
        assert 20 <= sum(taken) <= 121 and not any(thumbs), "the bound, and what the thread holds in its hand"
        assert recorder.dropped == 220 - sum(taken)
        deadline = time.monotonic() + 10
        while not recorder.fault and time.monotonic() < deadline:
            time.sleep(0.05)
        assert recorder.state()["fault"] in ("timeout", "connection refused") and recorder.state()["waiting"] == sum(taken)
        began = time.perf_counter()
        recorder.close(0.1)
        assert time.perf_counter() - began < 4
    assert "secret" not in caplog.text and "rows wait" in caplog.text and "were dropped" in caplog.text


def test_what_waited_is_written_when_the_database_comes_back(settings, record, postgresql):
    store = open_store(settings(feedback_database=postgresql.dsn))
    recorder = Recorder(store, days=7)
    store.delete()
    try:
        recorder.record(record("before"))
        assert recorder.settle(10)
        postgresql.stop()
        recorder.record(record("meanwhile"))
        assert not recorder.settle(1) and recorder.fault
        postgresql.start()
        assert recorder.settle(15) and recorder.fault == "" and recorder.dropped == recorder.refused == 0
        assert {row.question for row in store.rows()} == {"before", "meanwhile"}
    finally:
        store.delete()
        recorder.close()


def test_wrong_password_is_told_without_the_address(settings, record, postgresql):
    recorder = Recorder(open_store(settings(feedback_database=postgresql.dsn.replace("geheim", "falsch"))), days=7)
    recorder.record(record())
    assert not recorder.settle(1.5) and recorder.fault == "password authentication failed"
    recorder.close(0)


def test_a_folder_that_cannot_be_written(settings, record, tmp_path):
    (tmp_path / "file").write_text("in the way")
    recorder = Recorder(open_store(settings(feedback_database=str(tmp_path / "file" / "x.sqlite"))), days=7)
    assert recorder.record(record()) and not recorder.settle(0.5) and recorder.fault
    recorder.close(0)


def test_a_file_that_is_no_database_is_left_alone(settings, record, tmp_path):
    (tmp_path / feedback.FILE).write_text("my thesis" * 100)
    recorder = Recorder(open_store(settings()), days=7)
    assert recorder.record(record()) and not recorder.settle(0.5) and recorder.fault == "not a database"
    recorder.close(0)
    assert (tmp_path / feedback.FILE).read_text() == "my thesis" * 100


def test_many_at_once_are_all_kept(settings, record):
    recorder = Recorder(open_store(settings()), days=7)
    threads = [threading.Thread(target=lambda: [recorder.record(record()) for _ in range(40)]) for _ in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorder.settle(30) and recorder.state() == {"waiting": 0, "dropped": 0, "refused": 0, "fault": ""}
    assert len(recorder.store.rows()) == 1000
    recorder.close()


def test_a_row_that_is_refused_costs_no_other(settings, record):
    recorder = Recorder(open_store(settings()), days=7)
    recorder.store.save([record("first")])
    for question, status in (("good", "answered"), ("bad", None), ("good too", "answered")):
        recorder.record(record(question, status=status))
    assert recorder.settle(10) and recorder.refused == 1 and recorder.fault == ""
    assert {row.question for row in recorder.store.rows()} == {"first", "good", "good too"}
    recorder.close()


def test_old_rows_go_at_the_start_and_personal_data_never_comes_in(settings, record):
    store = open_store(settings())
    store.save([record("old", at=this_hour() - datetime.timedelta(days=8)), record("new")])
    recorder = Recorder(store, days=7)
    recorder.record(record("my name is Anna, anna@example.org\x00\ud800"))
    assert recorder.settle(10)
    assert {row.question for row in store.rows()} == {"new", "my name is [name], [address]"}
    recorder.close()


def test_old_rows_go_every_day(settings, record, monkeypatch):
    monkeypatch.setattr("bot.recorder.DAY", 0.1)
    store = open_store(settings())
    recorder = Recorder(store, days=7)
    store.save([record("old", at=this_hour() - datetime.timedelta(days=8))])
    deadline = time.monotonic() + 10
    while store.rows() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert store.rows() == []
    recorder.close()


def test_rows_know_the_hour_and_no_more(record):
    assert json.loads(json.dumps(record().at.isoformat())).endswith(":00:00")
