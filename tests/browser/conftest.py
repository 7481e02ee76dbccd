"""One running app with the real encoder and models of a few steps, and a Chromium to look at it."""

import shutil
import socket

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SEEN = "try { localStorage.setItem('frozen-or-tuned-tour', 'seen') } catch {}"  # the tour of a first visit has a test of its own
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def url(index, real_zoo):
    from bot import Tutor
    from bot.chat import launch

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    window = launch(Tutor(index, real_zoo), "127.0.0.1", port, prevent_thread_lock=True, quiet=True)
    yield f"http://127.0.0.1:{port}"
    window.close()


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, url, request):
    width, height, scheme = getattr(request, "param", (1280, 900, "light"))
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    context.add_init_script(SEEN)
    page = context.new_page()
    page.hosts = set()
    page.faults = []
    page.on("request", lambda sent: page.hosts.add(sent.url.split("/")[2]) if sent.url.startswith("http") else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(url + ("/?__theme=dark" if scheme == "dark" else ""))
    page.get_by_label("Your question").wait_for()
    yield page
    assert page.faults == []
    assert page.hosts == {url.removeprefix("http://")}, "no request leaves the app's own origin"
    context.close()
