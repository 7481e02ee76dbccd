"""Where rows lie: SQLite always, a real PostgreSQL where one is installed."""

import datetime
import json
import multiprocessing
import sqlite3
import time
import uuid

import pytest

from bot import feedback
from bot.feedback import FeedbackError, Forget, Rating, open_store, this_hour


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


def test_rows_know_the_hour_and_no_more(record):
    assert json.loads(json.dumps(record().at.isoformat())).endswith(":00:00")
