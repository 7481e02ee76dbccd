"""What students ask, in a real Chromium: the notice and its box, thumbs with reasons, deleting, the page behind the password."""

import json
import socket
import urllib.error
import urllib.request

import pytest

from tests.browser.conftest import SEEN
from tests.browser.test_keep import axe

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
QUESTION = "Is BERT a fine-tuning model? My name is Anna."


@pytest.fixture(scope="module")
def keeping(tmp_path_factory):
    from bot.consent import Keeping
    from bot.settings import Settings

    keeping = Keeping(Settings(feedback="opt-out", cache_dir=tmp_path_factory.mktemp("kept"), report_password=PASSWORD))
    yield keeping
    keeping.recorder.close()


@pytest.fixture(scope="module")
def address(index, real_zoo, keeping):
    """A second app, which keeps questions."""
    from bot import Tutor
    from bot.chat import launch

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    window = launch(Tutor(index, real_zoo), "127.0.0.1", port, keeping, prevent_thread_lock=True, quiet=True)
    yield f"http://127.0.0.1:{port}"
    window.close()


@pytest.fixture
def rows(keeping):
    """What is kept, once everything is written; nothing at the start."""
    keeping.recorder.store.delete()

    def kept():
        assert keeping.recorder.settle(10)
        return keeping.recorder.store.rows()

    return kept


@pytest.fixture
def tab(browser, address, request):
    width, scheme = getattr(request, "param", (1100, "light"))
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    context.add_init_script(SEEN)
    tab = context.new_page()
    tab.faults = []
    tab.on("pageerror", lambda error: tab.faults.append(str(error)))
    tab.goto(address + ("/?__theme=dark" if scheme == "dark" else ""))
    tab.get_by_label("Keep my questions").wait_for()
    yield tab
    assert tab.faults == []
    context.close()


def ask(tab, question=QUESTION):
    tab.get_by_label("Your question").fill(question)
    tab.get_by_role("button", name="Ask", exact=True).click()
    tab.get_by_text("I don't cover that" if "pizza" in question else "Sources (").last.wait_for()
    tab.locator(".pending").first.wait_for(state="detached", timeout=60_000)


@pytest.mark.parametrize("tab", [(1100, "light"), (390, "dark"), (320, "light")], indirect=True, ids=["wide", "phone dark", "320 px"])
def test_thumbs_with_a_reason(tab, rows):
    assert tab.get_by_label("Keep my questions").is_checked()
    ask(tab)
    down = tab.get_by_role("button", name="Not helpful")
    down.wait_for(timeout=60_000)
    down.press("Enter")
    tab.get_by_text("Noted. What was wrong?").wait_for()
    assert down.get_attribute("aria-pressed") == "true" and tab.evaluate("document.activeElement.dataset.thumb") == "down"
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "It is wrong"
    tab.get_by_role("button", name="Hard to understand").click()
    tab.get_by_text("Thank you, noted.").wait_for()
    tab.locator("#keeping summary").click()
    tab.wait_for_timeout(300)
    axe(tab)
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    assert [(row.question, row.thumb, row.reason) for row in rows()] == [
        ("Is BERT a fine-tuning model? My name is [name].", "down", "hard to understand")]


def test_a_thumb_stays_when_more_is_asked_and_after_a_reload_and_can_be_taken_back(tab, rows):
    ask(tab, "how do I prepare pizza?")
    up = tab.get_by_role("button", name="Helpful", exact=True)
    up.click()
    tab.get_by_text("Thank you, noted.").wait_for()
    ask(tab, "how do I bake pizza bread?")
    up.nth(1).wait_for()
    assert [up.nth(n).get_attribute("aria-pressed") for n in (0, 1)] == ["true", "false"]
    tab.reload()
    up.nth(1).wait_for()
    assert [up.nth(n).get_attribute("aria-pressed") for n in (0, 1)] == ["true", "false"]
    assert [row.thumb for row in rows() if row.thumb] == ["up"] and len(rows()) == 2
    up.nth(0).click()
    tab.get_by_text("Taken back.").wait_for()
    assert [row.thumb for row in rows()] == [None, None]


def test_a_reader_who_unticks_the_box_is_not_kept(tab, rows):
    tab.get_by_label("Keep my questions").uncheck()
    ask(tab, "how do I prepare pizza?")
    assert tab.locator(".rating").count() == 0
    tab.reload()
    tab.wait_for_timeout(1500)
    assert not tab.get_by_label("Keep my questions").is_checked(), "the choice stays"
    ask(tab, "how do I bake pizza bread?")
    assert rows() == []


def test_box_and_thumbs_are_in_the_readers_language(tab, address, rows):
    tab.goto(address + "/?lang=de")
    box = tab.get_by_label("Meine Fragen 180 Tage lang für die Lehrenden aufbewahren")
    box.wait_for()
    assert box.is_checked()
    tab.locator("#question textarea").fill("how do I prepare pizza?")
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Nicht hilfreich").click(timeout=60_000)
    tab.get_by_text("Vermerkt. Was war nicht gut?").wait_for()
    tab.get_by_role("button", name="Schwer zu verstehen").click()
    tab.get_by_text("Danke, vermerkt.").wait_for()
    assert [(row.thumb, row.reason) for row in rows()] == [("down", "hard to understand")], "kept in one language"
    tab.locator("#keeping summary").click()
    tab.get_by_role("button", name="Von diesem Browser Aufbewahrtes löschen").click()
    tab.get_by_text("Gelöschte Antworten: 1.").wait_for()


def test_a_reader_deletes_what_was_kept(tab, rows):
    ask(tab, "how do I prepare pizza?")
    tab.get_by_role("button", name="Helpful", exact=True).wait_for()
    assert len(rows()) == 1
    tab.locator("#keeping summary").click()
    tab.get_by_role("button", name="Delete what was kept").click()
    tab.get_by_text("Answers deleted: 1.").wait_for()
    assert rows() == [] and tab.locator(".rating button").count() == 0


def test_a_database_without_room_is_said(tab, keeping, rows, monkeypatch):
    ask(tab, "how do I prepare pizza?")
    monkeypatch.setattr(keeping.recorder, "rate", lambda rating: False)
    up = tab.get_by_role("button", name="Helpful", exact=True)
    up.click()
    tab.get_by_text("no room for it just now").wait_for()
    assert up.get_attribute("aria-pressed") == "false"


def test_the_report_in_the_browser(browser, address, keeping, rows, tab):
    ask(tab, "<img src=x onerror=alert(1)> how do I prepare pizza?")
    rows()
    context = browser.new_context(viewport={"width": 390, "height": 800}, http_credentials={"username": "", "password": PASSWORD})
    page = context.new_page()
    page.on("dialog", lambda dialog: page.close())
    page.goto(address + "/report")
    assert "<img src=x onerror=alert(1)> how do I prepare pizza?" in page.locator("table").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") and page.locator("main img").count() == 0
    axe(page)
    with page.expect_download() as download:
        page.get_by_text("All rows as CSV").click()
    assert download.value.suggested_filename == "what-students-ask.csv"
    context.close()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address + "/report")
    assert refused.value.code == 401


def test_programs_say_whether_a_question_may_be_kept(address, rows):
    from gradio_client import Client

    client = Client(address, verbose=False)
    found = client.predict("how do I prepare pizza?", api_name="/ask")
    client.predict("how do I bake bread?", keep=False, api_name="/ask")
    assert [row.id for row in rows()] == [found["id"]]
    sent = urllib.request.Request(address + "/feedback", json.dumps({"id": found["id"], "thumb": "up"}).encode(),
                                  {"content-type": "application/json"})
    assert urllib.request.urlopen(sent).status == 202 and [row.thumb for row in rows()] == ["up"]
    with urllib.request.urlopen(address + "/readyz") as ready:
        assert json.load(ready)["feedback"] == {"waiting": 0, "dropped": 0, "refused": 0, "fault": ""}


def test_without_the_setting_there_is_nothing_of_it(page, url):
    page.get_by_label("Your question").fill("how do I prepare pizza?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("I don't cover that").wait_for()
    page.locator(".pending").first.wait_for(state="detached")
    assert page.locator(".rating, #keeping").count() == 0 and "ratings" not in page.content()
    for path in ("/report", "/report.csv", "/feedback"):
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(urllib.request.Request(url + path, b"{}" if path == "/feedback" else None))
        assert missing.value.code in (404, 405)
