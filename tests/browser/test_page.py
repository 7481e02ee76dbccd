"""The real page in a real Chromium, with the real encoder and models of a few steps."""

import json
import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.browser
QUESTION = "Why does the same word have different vectors in a sentiment model and in a question-answering model?"


def ask(page, question, figures=1):
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator(".sources").last.wait_for()
    if figures:
        page.locator(".card svg").first.wait_for(timeout=60_000)
        page.locator(".pending").first.wait_for(state="detached", timeout=60_000)


@pytest.mark.parametrize("page", [(1280, 900, "light"), (390, 844, "dark"), (320, 640, "light")], indirect=True,
                         ids=["wide", "phone dark", "320 px"])
def test_ask_and_see_the_figure(page):
    from axe_playwright_python.sync_playwright import Axe

    ask(page, QUESTION)
    assert "separate copy" in page.locator("[role=log]").inner_text()
    svg = page.locator(".card svg").first
    assert svg.get_attribute("role") == "img" and "drift of “bank”" in svg.get_attribute("aria-label")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    assert svg.bounding_box()["width"] <= page.viewport_size["width"]
    page.wait_for_timeout(800)
    found = Axe().run(page).response["violations"]
    assert not found, [(fault["id"], [node["html"][:120] for node in fault["nodes"][:2]]) for fault in found]


def test_a_decline_and_a_blank_question(page):
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_timeout(1000)
    ask_box = page.get_by_label("Your question")
    ask_box.fill("how do I prepare pizza?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("I don't cover that").wait_for()
    assert page.locator(".asked").count() == 1 and page.locator(".card").count() == 0


def test_a_suggestion_is_asked_by_one_click(page):
    page.get_by_text("What tuning changes").click()
    page.get_by_role("button", name="Which layers change most").click()
    page.locator(".card svg").first.wait_for(timeout=60_000)
    assert "Which layers change most" in page.locator(".asked").inner_text()


def test_markup_in_a_question_is_shown_as_typed(page):
    page.on("dialog", lambda dialog: page.faults.append("a script ran"))
    typed = '<img src=x onerror=alert(1)> ![x](http://example.org/x.png) <b>bold</b> by default, BERT is a fine-tuning model.'
    ask(page, typed, figures=0)
    page.wait_for_timeout(500)
    assert page.locator(".asked").inner_text() == typed
    assert page.locator("[role=log] img[src*=example], [role=log] .asked b").count() == 0


def test_a_second_question_keeps_the_first(page):
    ask(page, "Is BERT a fine-tuning model?", figures=0)
    page.locator(".pending").first.wait_for(state="detached", timeout=60_000)
    ask(page, "and what about word2vec?", figures=0)
    page.wait_for_function("document.querySelectorAll('.asked').length === 2", timeout=10_000)


def test_health_headers_and_api(url):
    with urllib.request.urlopen(url + "/healthz") as answer:
        assert json.load(answer) == {"ok": True}
        assert answer.headers["content-security-policy"] == "frame-ancestors *"
    with urllib.request.urlopen(url + "/readyz") as answer:
        assert json.load(answer)["ready"] is True
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(url + "/monitoring/summary")


def test_api_returns_the_same_json(url):
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(url, verbose=False)
    found = client.predict("Which layers change most when I fine-tune?", api_name="/ask")
    assert found["status"] == "answered" and found["evidence"][0]["table"]["rows"]
    drift = client.predict("word_drift", "bank", api_name="/experiment")
    assert drift["demo"] == "word_drift" and drift["table"]["columns"] == ["model", "sentence", "layer", "drift", "baseline"]
    assert {row["key"]: row["state"] for row in client.predict(api_name="/models")}["qa"] == "ready"
    with pytest.raises(AppError, match="There is no experiment “nope”"):
        client.predict("nope", api_name="/experiment")
    with pytest.raises(AppError, match="is not in the sentence"):
        client.predict("word_drift", "bank", ["No such word."], api_name="/experiment")
    assert client.predict("", api_name="/ask")["status"] == "declined"
