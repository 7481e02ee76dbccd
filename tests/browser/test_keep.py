"""What can be kept and opened again, in a real Chromium: links, forms, reloads, a card alone."""

import pytest

from tests.browser.conftest import SEEN

pytestmark = pytest.mark.browser
DRIFT = "?demo=word_drift&word=spring&layer=2"


def axe(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert not found, [(fault["id"], [node["html"][:120] for node in fault["nodes"][:2]]) for fault in found]


@pytest.fixture
def tab(browser, url):
    context = browser.new_context(viewport={"width": 1100, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script(SEEN)
    tab = context.new_page()
    tab.faults = []
    tab.on("pageerror", lambda error: tab.faults.append(str(error)))
    yield tab
    assert tab.faults == []
    context.close()


def test_a_link_runs_its_experiment_and_a_form_runs_it_again(tab, url):
    tab.goto(url + DRIFT + "&utm=1")
    tab.locator(".card").wait_for(timeout=60_000)
    assert "ignored: utm" in tab.locator("[role=log]").inner_text()
    assert "At layer 2, “spring”" in tab.locator(".card .claim").inner_text()
    tab.locator(".card summary", has_text="Change it").click()
    assert tab.locator(".card form [name=word]").input_value() == "spring"
    tab.locator(".card form [name=layer]").fill("3")
    tab.locator(".card form button").click()
    tab.locator(".card").nth(1).wait_for(timeout=60_000)
    assert "At layer 3, “spring”" in tab.locator(".card .claim").nth(1).inner_text()
    assert "layer=3" in tab.url  # a reload finds the same again
    tab.get_by_text("Copy link").last.click()
    tab.get_by_text("Link copied").wait_for()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(url + "/?demo=word_drift&word=spring") and "layer=3" in copied


def test_lines_come_from_a_file(tab, url):
    tab.goto(url + "?demo=sense_separation")
    tab.locator(".card").wait_for(timeout=60_000)
    tab.locator(".card summary", has_text="Change it").click()
    chooser, box = tab.locator(".card .from-file input"), tab.locator(".card form [name=examples]")
    chooser.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\x00 no text"})
    tab.get_by_text("This file cannot be read").wait_for()
    assert box.input_value() == ""
    lines = "sentence,word,sense\nThe bank of the river.,bank,river\nA bank lends money.,bank,money\n"
    chooser.set_input_files({"name": "senses.csv", "mimeType": "text/csv", "buffer": lines.encode()})
    tab.wait_for_function("box => box.value.includes('lends')", arg=box.element_handle())
    assert box.input_value() == lines


def test_what_is_refused_is_corrected_where_it_stands(tab, url):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(url + "?demo=word_drift&word=spring&sentence=It+came+late.")
    form = tab.locator("[role=log] form.experiment")
    form.wait_for(timeout=60_000)
    assert "The word “spring” is not in the sentence “It came late.”" in tab.locator("[role=log]").inner_text()
    assert form.locator("[name=sentence]").input_value() == "It came late." and not tab.locator(".card").count()
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    axe(tab)
    form.locator("[name=sentence]").fill("The spring came late.")
    form.locator("button").click()
    tab.locator(".card .claim", has_text="“spring”").wait_for(timeout=60_000)


def test_a_question_in_a_link(tab, url):
    tab.goto(url + "?q=Is+BERT+a+fine-tuning+model%3F&theme=dark&embed=1")
    tab.locator(".sources").wait_for(timeout=60_000)
    assert tab.locator(".asked").inner_text() == "Is BERT a fine-tuning model?"
    assert tab.locator("body.dark").count() == 1 and not tab.locator("#welcome").is_visible()


def test_a_reload_keeps_the_conversation(tab, url):
    tab.goto(url)
    tab.get_by_label("Your question").fill("Is BERT a fine-tuning model?")
    tab.get_by_role("button", name="Ask", exact=True).click()
    tab.locator(".sources").wait_for()
    tab.locator(".pending").first.wait_for(state="detached", timeout=60_000)
    tab.goto(url)
    tab.locator(".sources").wait_for()
    assert tab.locator(".asked").inner_text() == "Is BERT a fine-tuning model?" and tab.locator(".pending").count() == 0


def test_the_side_list_runs_an_experiment(tab, url):
    tab.goto(url)
    tab.get_by_role("button", name="Run an experiment").click()
    tab.locator(".bench summary", has_text="one vector, or one").click()
    tab.wait_for_timeout(500)
    axe(tab)
    tab.locator(".bench details[open] form button").click()
    tab.locator(".card").wait_for(timeout=60_000)


def test_a_long_experiment_is_stopped_or_found_again_after_a_reload(tab, url):
    tab.goto(url + "?demo=live_tuning&steps=60")
    tab.locator(".pending", has_text="%").wait_for(timeout=60_000)
    tab.reload()
    tab.locator(".pending", has_text="%").wait_for(timeout=60_000)
    assert tab.locator(".asked").count() == 1
    tab.get_by_role("button", name="Stop").click()
    tab.get_by_text("Stopped.").wait_for()
    assert tab.locator(".pending").count() == 0


def test_a_card_alone(tab, url):
    tab.set_viewport_size({"width": 340, "height": 700})
    tab.goto(url + "/card" + DRIFT + "&nonsense=1")
    tab.locator(".card svg").wait_for(timeout=60_000)
    assert "ignored: nonsense" in tab.locator("main").inner_text()
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(tab)
    tab.goto(url + "/card?demo=word_drift&word=bank&sentence=nothing+here&theme=dark")
    tab.get_by_text("is not in the sentence").wait_for()
    axe(tab)
