"""The report: groups whose answers are known beforehand, formulas that stay text, the page's door, the commands."""

import base64
import csv
import datetime
import io
from types import SimpleNamespace

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.feedback import COLUMNS, Rating, open_store, this_hour
from bot.report import Times, build_report, cluster, group_names, no_formula, rows_csv
from bot.report_page import report_routes

PASSWORD = "correct horse: battery"


def embed(texts):
    """A toy: one axis a first letter, and a little of the second for what has a z in it."""
    vectors = np.array([[text.lower().startswith(letter) for letter in "abc<="] + [0.3 * ("z" in text)] for text in texts],
                       dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


embed.name = "toy"


def test_groups_by_hand(record):
    rows = [record("a one"), record("a one"), record("A one?"), record("a two z"), record("b", status="declined", article=None),
            record("b z", status="declined", article=None), record("c", thumb="down", reason="wrong")]
    found = build_report(rows, embed)
    assert [(group.name, group.asked, group.wordings, group.declined) for group in found.asked] == [
        ("A one?", 4, ("a two z",), 0), ("b", 2, ("b z",), 2), ("c", 1, (), 0)]
    assert [group.name for group in found.turned_down] == ["b"] and [group.name for group in found.badly_rated] == ["c"]
    assert found.badly_rated[0].reasons == (("wrong", 1),) and found.badly_rated[0].articles == ("some-article",)
    assert (found.questions, found.declined, found.up, found.down, found.left_out) == (7, 2, 0, 1, 0)


def test_the_same_article_brings_questions_together():
    close = np.array([[1, 0], [np.cos(1.1), np.sin(1.1)]], dtype=np.float32)  # cosine 0.45
    assert len(set(cluster(close, ["one", "one"]))) == 1  # (0.45 + 0.4) / 1.4 = 0.61, above 0.55
    assert len(set(cluster(close, ["one", "other"]))) == len(set(cluster(close, [None, None]))) == 2
    same = np.array([[1, 0], [np.cos(0.6), np.sin(0.6)]], dtype=np.float32)  # cosine 0.83, / 1.4 = 0.59
    assert len(set(cluster(same, ["one", "other"]))) == 1
    assert cluster(close[:1], ["one"]).tolist() == [0] and cluster(close[:0], []).tolist() == []


def test_real_questions_are_grouped_by_meaning(index, record):
    asked = {"freezing": ["should I freeze BERT when I only have 200 examples", "I have only 200 labelled texts, freeze BERT or not?"],
             "layers": ["which layers change the most in fine-tuning", "What layers change most when I fine-tune BERT?"]}
    rows = [record(text, article=name) for name, texts in asked.items() for text in texts]
    rows += [record(text, status="declined", article=None) for text in ("how do I bake a pizza", "pizza recipe please: how to bake it")]
    assert [group.asked for group in build_report(rows, index.untuned).asked] == [2, 2, 2]


def test_runs_and_times(record):
    rows = [record(seconds=1.0, experiments=()), record(seconds=3.0, experiments=()), record(experiments=("a", "b"), seconds=9.0),
            record("", kind="experiment", experiments=("a",), seconds=4.0, article=None), record("", kind="experiment", experiments=()),
            record("hello", kind="talk", experiments=(), article=None)]
    found = build_report(rows, embed)
    assert found.runs == (("a", 1, 1), ("b", 1, 0)) and found.questions == 3
    assert found.times == (Times("in words alone", 2, 2.0, pytest.approx(2.8)), Times("with experiments", 1, 9.0, 9.0),
                           Times("an experiment by itself", 1, 4.0, 4.0))


def test_nothing_at_all():
    assert build_report([], embed).days is None


def test_more_than_can_be_grouped(record, monkeypatch):
    monkeypatch.setattr("bot.report.GROUPED", 2)
    names, left_out = group_names([record("a"), record("b"), record("c")], embed)
    assert set(names.values()) == {"b", "c"} and left_out == 1
    assert build_report([record("a"), record("b"), record("c")], embed).left_out == 1
    monkeypatch.setattr("bot.report.MOST_ROWS", 3)
    assert build_report([record("a")] * 3, embed).cut and not build_report([record("a")] * 2, embed).cut


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\tx", "\r=1", " =1", "＝1", "|x", "%0A=1"])
def test_a_formula_becomes_text(text, record):
    line = list(csv.reader(io.StringIO(rows_csv([record(text)], {}), newline="")))[1]
    assert line[COLUMNS.index("question")] == f"'{text}" == no_formula(text)


def test_csv_holds_every_column_and_the_group(record):
    row = record("a, \"quoted\"\nline", confidence=0.5)
    names, _ = group_names([row], embed)
    head, line = csv.reader(io.StringIO(rows_csv([row], names), newline=""))
    assert head == [*COLUMNS, "group"] and len(line) == len(head) and line[-1] == row.question == line[COLUMNS.index("question")]
    assert line[COLUMNS.index("experiments")] == "word_drift" and line[COLUMNS.index("confidence")] == "0.5"
    assert no_formula("What is +1?") == "What is +1?"


@pytest.fixture
def client(settings, record):
    given = settings(report_password=PASSWORD)
    store = open_store(given)
    store.save([record("<script>alert(1)</script> a", thumb="down", reason="other"), record("a =1"), record("=1 b")])
    tutor = SimpleNamespace(index=SimpleNamespace(untuned=embed))
    return TestClient(Starlette(routes=report_routes(given, tutor)), client=("10.0.0.1", 1))


def login(password, user="teacher"):
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_the_page_behind_the_password(client):
    shown = client.get("/report", headers=login(PASSWORD))
    assert shown.status_code == 200 and "&lt;script&gt;alert(1)&lt;/script&gt; a" in shown.text and "<script" not in shown.text
    assert shown.headers["cache-control"] == "no-store" and "noindex" in shown.headers["x-robots-tag"]
    assert "default-src 'none'" in shown.headers["content-security-policy"] and "set-cookie" not in shown.headers
    table = client.get("/report.csv", headers=login(PASSWORD, user=""))
    assert table.headers["content-type"].startswith("text/csv") and table.text.startswith("\ufeffid,at,") and "'=1 b" in table.text
    assert client.get("/report?since=2999-01-01", headers=login(PASSWORD)).text.count("Nothing has been kept since then") == 1
    assert client.get("/report?since=<b>", headers=login(PASSWORD)).status_code == 422


@pytest.mark.parametrize("headers", [
    {}, login("wrong password"), login(""), login(PASSWORD + " "), {"authorization": "Basic %%%"}, {"authorization": "Bearer " + PASSWORD},
    {"authorization": "Basic"}, {"cookie": "password=" + PASSWORD}, login("ü\ud83d\ude00".encode("utf-8", "ignore").decode())])
def test_no_way_in_without_it(client, headers):
    for path in ("/report", "/report.csv"):
        refused = client.get(path, headers=headers)
        assert refused.status_code == 401 and refused.headers["www-authenticate"].startswith("Basic ") and "script" not in refused.text


def test_guesses_are_throttled_for_who_guesses(client):
    assert [client.get("/report", headers=login(f"guess {n}")).status_code for n in range(7)] == [401] * 5 + [429] * 2
    throttled = client.get("/report", headers=login(PASSWORD))
    assert throttled.status_code == 429 and throttled.headers["retry-after"] == "60"
    other = TestClient(client.app, client=("10.0.0.2", 1))
    assert other.get("/report", headers=login(PASSWORD)).status_code == 200


def test_a_forged_address_does_not_help(client, monkeypatch):
    forged = [client.get("/report", headers={**login("guess"), "x-forwarded-for": f"10.9.9.{n}"}).status_code for n in range(7)]
    assert forged[-1] == 429
    monkeypatch.setenv("SPACE_ID", "somebody/space")  # there the proxy writes the last one
    forged = [client.get("/report", headers={**login("guess"), "x-forwarded-for": f"10.9.9.{n}, 10.1.1.1"}).status_code for n in range(7)]
    assert forged == [401] * 5 + [429] * 2


def test_no_page_without_a_password(settings):
    assert report_routes(settings(), SimpleNamespace()) == [] == report_routes(settings(report_password=""), SimpleNamespace())


def test_a_database_that_is_gone_is_one_sentence(settings, tmp_path):
    (tmp_path / "feedback.sqlite").write_text("no database at all" * 100)
    page = TestClient(Starlette(routes=report_routes(settings(report_password=PASSWORD), SimpleNamespace(
        index=SimpleNamespace(untuned=embed))))).get("/report", headers=login(PASSWORD))
    assert page.status_code == 503 and "does not answer (not a database)" in page.text


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command of `python -m bot`, with the toy in place of the encoder."""
    from typer.testing import CliRunner

    from bot import __main__, report_cli

    monkeypatch.setattr(report_cli, "SentenceEmbedder", lambda adapter: embed)
    monkeypatch.setenv("EXPLAINER_CACHE_DIR", str(tmp_path))

    def command(*words, typed="", **environment):
        done = CliRunner().invoke(__main__.app, words, input=typed, env={"COLUMNS": "120", **environment})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done

    return command


def test_the_commands(settings, record, tmp_path, run):
    store = open_store(settings())
    rows = [record("a [red]frozen[/red] model"), record("=1+1, a question of Jörg"),
            record("b", at=this_hour() - datetime.timedelta(days=9))]
    store.save([*rows, Rating(rows[0].id, "down", "hard to understand")])
    shown = run("report").output
    assert "3 questions from" in shown and "1 down (hard to understand 1)" in shown and "a [red]frozen[/red] model" in shown
    written = run("report", "--csv", str(tmp_path / "rows.csv"), "--since", f"{this_hour():%Y-%m-%d}")
    assert "2 rows written" in written.output
    found = list(csv.DictReader((tmp_path / "rows.csv").read_text("utf-8-sig").splitlines()))
    assert {row["question"] for row in found} == {"a [red]frozen[/red] model", "'=1+1, a question of Jörg"}
    assert run("report", "--csv", "-").output.startswith("id,at,kind,")
    asked = run("forget", "--text", "JÖRG", typed="n\n")
    assert "=1+1, a question of Jörg" in asked.output and len(store.rows()) == 3
    assert "1 row deleted" in run("forget", "--text", "JÖRG", typed="y\n").output
    assert "0 rows deleted" in run("forget", "--text", "%").output
    assert "1 row deleted" in run("forget", "--id", rows[0].id, "--yes").output
    assert "1 row deleted" in run("forget", "--all", "--yes").output and store.rows() == []
    assert "Nothing has been kept" in run("report").output


@pytest.mark.parametrize(("words", "environment", "told"), [
    (("report", "--csv", "/nowhere/x.csv"), {}, "/nowhere/x.csv cannot be written"),
    (("report",), {"EXPLAINER_FEEDBACK_DATABASE": "postgresql://u:secret@127.0.0.1:1/d"}, "does not answer (connection refused)"),
    (("forget", "--all", "--id", "x"), {}, "give one of --all, --id, --text and --before"),
])
def test_a_command_that_cannot(run, words, environment, told):
    done = run(*words, **environment)
    said = f"{done.output} {done.exception}"
    assert done.exit_code in (1, 2) and told in " ".join(said.replace("│", " ").split()) and "secret" not in said
