"""The three ways to embed, in a real Chromium from another origin: plain pages, sandboxed frames, MkDocs and Sphinx."""

import functools
import http.server
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.embed import WAYS, snippet
from bot.server import PAGE

pytestmark = pytest.mark.browser
COURSE = Path(__file__).parent / "course"
BLUE = "rgb(29, 78, 216)"
HEIGHTS = {"iframe": 720, "card": 640}


def axe(tab, context=None):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab, context).response["violations"]
    assert not found, [(fault["id"], [node["html"][:120] for node in fault["nodes"][:2]]) for fault in found]


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1100, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.faults, tab.sent = [], []
    tab.on("pageerror", lambda error: tab.faults.append(str(error)))
    tab.on("dialog", lambda dialog: tab.faults.append("a script ran"))
    context.on("request", lambda request: tab.sent.append(request.url))
    yield tab
    assert tab.faults == []
    context.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def end_headers(self):
        # A page that is written twice within a second is "not modified" to a browser that keeps the first.
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@pytest.fixture(scope="module")
def other_site(tmp_path_factory):
    """A second origin that serves a folder."""
    folder = tmp_path_factory.mktemp("site")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def open_page(tab, other_site, body, head=""):
    folder, site = other_site
    (folder / "lesson.html").write_text(f'<!doctype html><html lang="en"><title>Lesson</title>{head}<main><h1>Lesson</h1>{body}</main>',
                                        encoding="utf-8")
    tab.goto(site + "/lesson.html")


def bubble(tab):
    return tab.get_by_role("button", name="Frozen or tuned? Ask")


def style(locator, *names):
    return [locator.evaluate("(element, name) => getComputedStyle(element)[name]", name) for name in names]


def test_the_widget_is_small_and_asks_no_other_host():
    script = (PAGE / "widget.js").read_text(encoding="utf-8")
    assert len(script.encode()) < 15_000
    assert set(re.findall(r"https?://[^/\s\"]+", script)) <= {"https://APP"} and "cookie" not in re.sub(r"//.*", "", script)
    assert "innerHTML" not in script and "eval" not in script


def test_the_bubble_opens_answers_and_closes_by_keyboard(tab, url, other_site):
    chosen = {"topic": '"><img src=x onerror=alert(1)>', "q": "Is BERT a fine-tuning model?", "position": "left"}
    before = "<p><a href='#'>a link before</a></p><div style='height:3000px'></div>"
    open_page(tab, other_site, before + snippet(url + "/", "widget", chosen))
    bubble(tab).wait_for()
    axe(tab)
    assert [address for address in tab.sent if address.startswith(url)] == [url + "/widget.js"], "nothing loads before the click"
    assert bubble(tab).get_attribute("aria-expanded") == "false" and bubble(tab).bounding_box()["x"] < 100
    tab.evaluate("scrollTo(0, 400)")
    bubble(tab).focus()
    tab.keyboard.press("Enter")
    tab.get_by_role("dialog", name="Frozen or Tuned").wait_for()
    frame = tab.locator("iframe[title='Frozen or Tuned']")
    assert parse_qs(urlsplit(frame.get_attribute("src")).query) == {"embed": ["1"], "topic": [chosen["topic"]], "q": [chosen["q"]]}
    chat = tab.frame_locator("iframe[title='Frozen or Tuned']")
    chat.locator(".sources").wait_for(timeout=60_000)
    close = tab.get_by_role("button", name="Close the chat", expanded=True)
    assert close.count() == 1 and tab.evaluate("scrollY") == 400, "the page round it stays where it is"
    axe(tab, {"exclude": [["iframe"]]})
    chat.get_by_label("Your question").focus()
    tab.keyboard.press("Escape")  # heard inside the frame
    bubble(tab).wait_for()
    assert not tab.get_by_role("dialog").is_visible()
    assert tab.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == "Frozen or tuned? Ask"
    tab.keyboard.press("Enter")
    assert chat.locator(".asked").count() == 1, "the conversation is still there, and nothing was asked again"
    close.focus()
    tab.keyboard.press("Escape")  # and outside it
    assert not tab.get_by_role("dialog").is_visible()


def test_no_style_leaks_in_or_out(tab, url, other_site):
    hostile = """<style>* { opacity: .4 !important; font-size: 40px !important; transform: rotate(9deg) !important }
        * { direction: rtl !important }
        button { display: none !important } button, section { background: red !important } :root { --x: 1 }</style>"""
    own = "<p id='own'><button style='display:inline'>mine</button></p>"
    open_page(tab, other_site, own, hostile)
    names = ("fontSize", "backgroundColor", "opacity", "display")
    before = style(tab.locator("#own button"), *names), style(tab.locator("body"), *names)
    open_page(tab, other_site, own + 2 * snippet(url + "/", "widget", {}), hostile)
    bubble(tab).wait_for()
    assert bubble(tab).count() == 1, "the line twice makes one bubble"
    assert style(bubble(tab), "fontSize", "backgroundColor", "direction") == ["16px", BLUE, "ltr"]
    assert style(tab.locator("frozen-or-tuned-chat"), "opacity", "transform") == ["1", "none"]
    assert (style(tab.locator("#own button"), *names), style(tab.locator("body"), *names)) == before


def test_the_bubble_under_a_strict_policy(tab, url, other_site):
    """A site that allows scripts and frames of this app, and no inline styles."""
    policy = f"<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; script-src {url}; frame-src {url}\">"
    open_page(tab, other_site, snippet(url + "/", "widget", {"theme": "dark"}), policy)
    assert style(bubble(tab), "backgroundColor", "position") == [BLUE, "fixed"]
    bubble(tab).click()
    tab.frame_locator("iframe[title='Frozen or Tuned']").locator("body.dark").wait_for()


@pytest.mark.parametrize("width", [320, 390])
def test_the_bubble_on_a_phone(tab, url, other_site, width):
    tab.set_viewport_size({"width": width, "height": 640})
    open_page(tab, other_site, snippet(url + "/", "widget", {}), "<meta name=viewport content='width=device-width'>")
    bubble(tab).click()
    box = tab.get_by_role("dialog").bounding_box()
    assert box["x"] == 0 and box["width"] == width and box["y"] >= 0
    assert tab.evaluate("document.documentElement.scrollWidth") == width, "nothing sticks out"
    tab.get_by_role("button", name="Close the chat").click()


@pytest.mark.parametrize(("page", "attribute", "words", "query"), [
    ("de-AT", "", "Frozen oder Tuned? Fragen", {"embed": ["1"]}), ("tlh", "", "Frozen or tuned? Ask", {"embed": ["1"]}),
    ("de", 'data-lang="fr"', "Frozen ou Tuned ? Demander", {"embed": ["1"], "lang": ["fr"]}),
    ("zh-CN", 'data-label="Ask"', "Ask", {"embed": ["1"]})])
def test_the_bubbles_words_follow_the_page_or_its_line(tab, url, other_site, page, attribute, words, query):
    tab.route(url + "/?**", lambda route: route.fulfill(body=""))  # the bubble alone
    line = snippet(url + "/", "widget", {}).replace("<script ", f"<script {attribute} ")
    open_page(tab, other_site, f"<script>document.documentElement.lang = '{page}'</script>{line}")
    tab.get_by_role("button", name=words, exact=True).click()
    assert parse_qs(urlsplit(tab.locator("iframe").get_attribute("src")).query) == query
    assert tab.locator("frozen-or-tuned-chat").get_attribute("lang") in ("de", "en", "fr", "zh-CN")


def test_a_sandboxed_frame_and_card(tab, url, other_site):
    sandbox = 'sandbox="allow-scripts allow-same-origin allow-forms allow-popups" src='
    frames = (snippet(url + "/", "iframe", {}) + snippet(url + "/", "card", {})).replace("src=", sandbox)
    open_page(tab, other_site, "<div style='height:300px'></div>" + frames + "<div style='height:900px'></div>")
    chat, card = (tab.frame_locator("iframe").nth(number) for number in (0, 1))
    question = chat.get_by_label("Your question")
    question.fill("Is BERT a fine-tuning model?")
    top = tab.evaluate("scrollY")
    chat.get_by_role("button", name="Ask", exact=True).click()
    chat.locator(".sources").wait_for(timeout=60_000)
    tab.wait_for_timeout(1500)
    assert tab.evaluate("scrollY") == top, "the page round it does not scroll by itself"
    box, seen = question.evaluate("element => element.getBoundingClientRect().bottom"), chat.locator("html").evaluate("() => innerHeight")
    asked = chat.locator(".asked").evaluate("element => element.getBoundingClientRect().top")
    assert seen == HEIGHTS["iframe"] and 0 < box <= seen, "the question box stays in sight in the frame, which scrolls inside"
    assert 0 <= asked < 60, "the answer is read from its question down"
    assert [tab.locator("iframe").nth(n).evaluate("element => element.clientHeight") for n in (0, 1)] == list(HEIGHTS.values())
    tab.locator("iframe").nth(1).scroll_into_view_if_needed()
    card.locator(".card svg").wait_for(timeout=60_000)
    with tab.context.expect_page() as opened:
        card.get_by_role("link", name="Ask why").click()
    assert opened.value.url.startswith(url + "/?q=How+far")
    opened.value.close()


def mkdocs(folder, texts):
    shutil.copy(COURSE / "mkdocs.yml", folder)
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text((COURSE / "lesson.md").read_text().format(**texts))
    return [sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(folder / "mkdocs.yml"), "-d"]


def sphinx(folder, texts):
    (folder / "index.rst").write_text((COURSE / "lesson.rst").read_text().format(**texts))
    return [sys.executable, "-m", "sphinx", "-q", "-C", "-D", "project=Course", "-D", "language=en", str(folder)]


@pytest.mark.parametrize("build", [mkdocs, sphinx])
def test_in_a_course_tool(tab, url, other_site, tmp_path, build):
    texts = {way: snippet(url + "/", way, {"q": "Is BERT a fine-tuning model?"} if way == "iframe" else {}) for way in WAYS}
    folder, site = other_site
    subprocess.run([*build(tmp_path, texts), str(folder / build.__name__)], check=True, timeout=120)
    tab.goto(f"{site}/{build.__name__}/index.html")
    chat, card = (tab.frame_locator(f"iframe[src*='{part}']") for part in ("embed=1", "/card"))
    tab.get_by_role("heading", name="Ask while you read").scroll_into_view_if_needed()
    chat.locator(".sources").wait_for(timeout=60_000)
    tab.get_by_role("heading", name="One figure").scroll_into_view_if_needed()
    card.locator(".card svg").wait_for(timeout=60_000)
    tab.wait_for_timeout(700)
    sizes = [tab.locator(f"iframe[src*='{part}']").bounding_box() for part in ("embed=1", "/card")]
    assert [box["height"] for box in sizes] == list(HEIGHTS.values())
    for frame, box in zip((chat, card), sizes, strict=True):
        assert frame.locator("html").evaluate("element => element.scrollWidth") <= box["width"], "nothing is cut off at the side"
    top = tab.evaluate("scrollY")
    bubble(tab).click()
    tab.frame_locator("iframe[title='Frozen or Tuned']").last.get_by_label("Your question").wait_for()
    assert tab.evaluate("scrollY") == top and style(tab.get_by_role("button", name="Close the chat"), "backgroundColor") == [BLUE]
    tab.keyboard.press("Escape")
    bubble(tab).wait_for()
    hosts = {urlsplit(address).netloc for address in tab.sent if address.startswith("http")}
    assert hosts == {urlsplit(site).netloc, urlsplit(url).netloc}, "no third host"


def test_the_ways_to_embed_are_pages_with_text_to_copy(tab, url):
    tab.goto(url + "/embed")
    axe(tab)
    assert tab.get_by_role("listitem").filter(has_text="Canvas:").count() == 1
    for way in WAYS:
        tab.goto(url + "/embed/" + way)
        text = tab.get_by_label("Text to copy").input_value()
        assert text == snippet(url + "/", way, {}) and url in text
        axe(tab, {"exclude": [["iframe"]]})
        tab.get_by_role("button", name="Copy", exact=True).click()
        tab.get_by_text("Copied.").wait_for()
        assert tab.evaluate("navigator.clipboard.readText()") == text
    tab.goto(url + "/embed/widget")
    tab.get_by_label("Question").fill('What is "frozen"? <b>')
    tab.get_by_label("Colours").select_option("dark")
    tab.get_by_role("button", name="Make the text").click()
    assert 'data-question="What is &quot;frozen&quot;? &lt;b&gt;" data-theme="dark"' in tab.get_by_label("Text to copy").input_value()
    assert tab.goto(url + "/embed/nothing").status == 404
