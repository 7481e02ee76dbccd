"""The thread that writes rows: what it keeps, what it lets go, and what happens when the database is not there."""

import datetime
import socket
import threading
import time

import pytest

from bot import feedback
from bot.feedback import Rating, open_store, this_hour
from bot.recorder import Recorder


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
