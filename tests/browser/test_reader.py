"""A reader's way through the page, in a real Chromium: by keyboard alone, on a phone in German, from links, and what is taken away."""

import io
import re
import zipfile

import pytest

from tests.browser.conftest import SEEN

pytestmark = pytest.mark.browser
BERT = "Is BERT a fine-tuning model?"
DRIFT = "?demo=word_drift&word=spring&layer=2"


def axe(tab):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    assert not found, [(fault["id"], [node["html"][:160] for node in fault["nodes"][:3]]) for fault in found]


@pytest.fixture
def visit(browser, url):
    """Opens tabs as this or that reader has them; at the end no script may have failed in any of them."""
    contexts, faults = [], []

    def visit(path="/", width=1100, height=900, tour=False, **reader):
        context = browser.new_context(viewport={"width": width, "height": height}, permissions=["clipboard-read", "clipboard-write"],
                                      **reader)
        contexts.append(context)
        if not tour:
            context.add_init_script(SEEN)
        tab = context.new_page()
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("dialog", lambda dialog: faults.append("a script ran"))
        tab.goto(url + path)
        tab.locator("#question textarea").wait_for(timeout=60_000)
        return tab

    yield visit
    for context in contexts:
        context.close()
    assert faults == []


def done(tab, answers=1):
    tab.wait_for_function(f"document.querySelectorAll('#chat .asked').length >= {answers}", timeout=60_000)
    tab.locator("#chat .pending").first.wait_for(state="detached", timeout=90_000)


def press(tab, *keys):
    for key in keys:
        tab.keyboard.press(key)


def focused(tab):
    return tab.evaluate("(document.activeElement.id || document.activeElement.closest('[id]')?.id || '')")


def tab_to(tab, matches, most=60):
    for _ in range(most):
        if tab.evaluate(f"document.activeElement.matches({matches!r})"):
            return
        press(tab, "Tab")
    raise AssertionError(f"the keyboard does not reach {matches}")


def test_by_keyboard_alone(visit):
    tab = visit()
    tab.locator("#bench dialog").wait_for(state="attached")
    tab_to(tab, "#topics input")
    press(tab, "ArrowRight")
    tab.get_by_role("button", name="Does word2vec give").wait_for()  # that topic's questions
    tab_to(tab, "#question textarea")
    tab.keyboard.type(BERT)
    press(tab, "Enter")
    tab.locator("#chat .sources").wait_for(timeout=60_000)
    assert focused(tab) == "question" and tab.locator("#question textarea").input_value() == ""
    top = tab.locator("#chat .asked").bounding_box()["y"]
    assert -1 <= top <= 60, "read from the question down"
    done(tab)
    assert abs(tab.locator("#chat .asked").bounding_box()["y"] - top) < 5, "figures that arrive move nothing above them"
    # What was opened stays open, and the reader where they are, while the next answer comes.
    tab.locator("#chat .sources summary").focus()
    press(tab, "Enter")
    # The list of experiments: open, leave, open, run.
    tab_to(tab, "#tool-experiments")
    press(tab, "Enter")
    tab.locator("dialog.bench[open]").wait_for()
    axe(tab)
    press(tab, "Escape")
    assert focused(tab) == "tool-experiments" and tab.locator("dialog.bench[open]").count() == 0
    press(tab, "Enter")
    tab_to(tab, "dialog.bench summary")
    tab.evaluate("[...document.querySelectorAll('.bench summary')].find((s) => s.textContent.includes('one vector, or one')).focus()")
    press(tab, "Enter")
    tab_to(tab, "dialog.bench details[open] form [type=submit], dialog.bench details[open] form button")
    cards = tab.locator(".card").count()
    press(tab, "Enter")
    tab.wait_for_function(f"document.querySelectorAll('.card').length > {cards}", timeout=90_000)
    done(tab, 2)
    assert tab.locator("#chat .sources").first.get_attribute("open") is not None
    # A link to an answer, and the quiz.
    tab.locator("#chat [data-copy]", has_text="Copy link to this answer").first.focus()
    press(tab, "Enter")
    tab.locator("#told", has_text="Link copied").wait_for()
    assert "?q=Is+BERT" in tab.evaluate("navigator.clipboard.readText()")
    tab_to(tab, "#tool-quiz", 200)
    press(tab, "Enter")
    tab.get_by_text("What do you predict?").wait_for(timeout=60_000)
    done(tab, 3)
    axe(tab)


def test_stop_by_keyboard_leaves_the_focus_in_the_page(visit):
    tab = visit("/?demo=live_tuning&steps=60")
    tab.locator("#chat .pending", has_text="%").wait_for(timeout=60_000)
    tab.locator("#stop").focus()
    press(tab, "Enter")
    tab.get_by_text("Stopped.").wait_for()
    tab.wait_for_function("document.activeElement.id === 'ask'")


def test_a_first_visit_on_a_phone_in_german(visit, url):
    tab = visit(width=390, height=844, tour=True, locale="de-AT", color_scheme="dark")
    tour = tab.get_by_role("dialog", name="Vier Schritte")
    tour.wait_for(timeout=30_000)
    assert tab.evaluate("document.documentElement.lang") == "de" and "Schritt 1 von 4" in tour.inner_text()
    axe(tab)
    press(tab, "Enter", "Enter")
    assert "Schritt 3 von 4" in tour.inner_text()
    press(tab, "Escape")
    assert tour.count() == 0 and focused(tab) == "question"
    tab.reload()
    tab.get_by_role("button", name="Fragen", exact=True).wait_for()
    tab.wait_for_timeout(2500)
    assert tour.count() == 0, "once is enough"
    tab.locator(".starters button").first.click()
    done(tab)
    card = tab.locator(".card").first
    assert "Verglichen mit." in card.inner_text() and card.locator(".claim").get_attribute("lang") == "en"
    assert tab.locator("#chat .bot .md").first.get_attribute("lang") == "en" and "Link zu dieser Antwort kopieren" in tab.content()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(tab)
    # Another language, by choice: the conversation comes along, with its figures.
    tab.locator("#language").select_option("fr")
    tab.get_by_role("button", name="Demander", exact=True).wait_for(timeout=30_000)
    tab.locator(".card svg").first.wait_for()
    assert "Comparé à." in card.inner_text() and tab.evaluate("document.documentElement.lang") == "fr"
    assert tab.locator("#language").input_value() == "fr" and "lang=" not in tab.url
    tab.goto(url + "/?lang=zh")  # a link goes before the choice
    tab.get_by_role("button", name="提问", exact=True).wait_for()
    assert tab.evaluate("document.documentElement.lang") == "zh-CN"


def test_what_links_may_hold(visit, url):
    tab = visit("/?topic=practice&q=" + "<img+src=x+onerror=alert(1)>+" + "a" * 20_000)
    done(tab)
    text = tab.locator("#chat").inner_text()
    assert "more than 4,000 characters" in text and tab.locator("#chat img").count() == 0
    assert "Topic: In practice." in tab.locator("#topic").inner_text() and tab.locator("#tour").count() == 0
    tab.get_by_role("link", name="All topics").click()
    tab.wait_for_url(lambda address: "topic" not in address)
    tab = visit("/?topic=%3Cb%3Enope&theme=dark&nonsense=1")
    tab.locator("#chat .note").wait_for()
    said = tab.locator("#chat").inner_text()
    assert "a topic that is not here: <b>nope" in said and "ignored: nonsense" in said and tab.locator("body.dark").count() == 1
    tab = visit("/?topic=static&q=Is+word2vec+frozen%3F&q=How+do+I+freeze+layers+in+PyTorch%3F")
    done(tab, 2)
    assert "Outside the topic “static”" in tab.locator("#chat").inner_text()
    tab.get_by_role("button", name="Copy link to all").click()
    tab.locator("#told", has_text="Link copied").wait_for()
    assert tab.evaluate("navigator.clipboard.readText()") == (
        url + "/?topic=static&q=Is+word2vec+frozen%3F&q=How+do+I+freeze+layers+in+PyTorch%3F")
    assert visit("/?embed=1", 440, 680).locator("#question").bounding_box()["y"] < 640, "in a small frame the question box is in sight"


def test_what_can_be_taken_away(visit):
    tab = visit(DRIFT)
    done(tab)
    tab.get_by_label("Your question").fill(BERT)
    press(tab, "Enter")
    done(tab, 2)
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save as Markdown").click()
    with zipfile.ZipFile(io.BytesIO(saved.value.path().read_bytes())) as archive:
        text = archive.read("frozen-or-tuned/conversation.md").decode()
        figures = re.findall(r"!\[.*?\]\((.*?)\)", text)
        assert "## Is BERT a fine-tuning model?" in text and figures
        assert all(archive.read(f"frozen-or-tuned/{name}").startswith(b"<svg") for name in figures)
    # On paper: all of it, sources open, nothing to press.
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    assert not any(tab.locator(part).first.is_visible() for part in (".asking", ".tools", "#begin", ".card .keep", ".card details"))
    assert tab.locator(".card svg").first.is_visible() and tab.locator("#chat .sources li").first.is_visible()
    assert tab.evaluate("""() => {
      let part = document.querySelector('#chat .card');
      while ((part = part.parentElement)) if (getComputedStyle(part).display !== 'block') return part.className;
      return '';
    }""") == "", "a page break in a flex column lays one answer over the next"
    assert not tab.locator("#chat .icon-button-wrapper").first.is_visible()
    tab.emulate_media(media="screen")
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not tab.locator("#chat .sources li").first.is_visible()
    tab.get_by_role("button", name="Start anew").click()
    tab.locator(".asked").first.wait_for(state="detached")
    tab.get_by_label("Your question").fill("x" * 5000)
    tab.locator("#told", has_text="4000 characters").wait_for()


def test_a_restart_of_the_server_leaves_links_in_place_of_figures(browser, index, real_zoo):
    import socket

    from bot import Tutor
    from bot.chat import launch

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = browser.new_context()
    tab = context.new_page()
    for again in (False, True):
        window = launch(Tutor(index, real_zoo), "127.0.0.1", port, prevent_thread_lock=True, quiet=True)
        tab.goto(f"http://127.0.0.1:{port}/" + ("" if again else DRIFT))
        if not again:
            tab.locator(".card svg").wait_for(timeout=60_000)
            tab.locator("#chat .pending").first.wait_for(state="detached")
            tab.wait_for_timeout(500)
            window.close()
    tab.get_by_role("link", name="Run again:").click()
    tab.locator(".card svg").wait_for(timeout=60_000)
    context.close()
    window.close()


def test_code_and_tables_scroll_by_themselves_on_a_small_phone(visit):
    tab = visit("/?q=How+do+I+freeze+only+the+embeddings+and+the+bottom+layers%3F", 320, 640)
    tab.locator("#chat .md pre").first.wait_for(timeout=60_000)
    done(tab)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    parts = "[...document.querySelectorAll('#chat .md p, #chat .md pre')]"
    assert tab.evaluate(f"{parts}.every((part) => part.getBoundingClientRect().right <= innerWidth)")
    axe(tab)
