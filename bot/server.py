"""What is served beside the window: health, single cards, the pages about embedding. No Gradio here."""

import os
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse
from starlette.routing import Route

from bot.card import card
from bot.embed import WAYS, embed_page
from bot.form import form
from bot.links import Link, question_link, read_link
from bot.recorder import Recorder
from bot.runs import Unavailable, Waiting
from bot.settings import Settings
from bot.tutor import Tutor
from bot.words import ENGLISH, Words, choose
from demos import Evidence, Progress, find_demos
from knowledge.library import read_sources

PAGE = Path(__file__).parent / "page"
AGAIN = 2  # seconds after which a card's page asks anew while its experiment is running


def routes(tutor: Tutor, recorder: Recorder | None = None) -> list[Route]:
    """Routes for the server's own table. `recorder`: what keeps questions, if they are kept."""

    def healthz(request: Request) -> JSONResponse:
        return JSONResponse({"ok": True})

    def readyz(request: Request) -> JSONResponse:
        missing = tutor.zoo.missing()
        ready = {"articles": len(tutor.index.articles), "models_missing": missing, "ready": not missing, "fault": tutor.fault}
        if recorder:
            ready["feedback"] = recorder.state()
        return JSONResponse(ready, status_code=503 if missing else 200)

    def one_card(request: Request) -> HTMLResponse:
        says = choose(request.query_params.get("lang", ""), request.headers.get("accept-language", ""))
        link = read_link(request.query_params.multi_items(), says)
        return HTMLResponse(card_page(tutor, link, request.query_params.get("theme", ""), says))

    def widget(request: Request) -> FileResponse:
        return FileResponse(PAGE / "widget.js", media_type="text/javascript", headers={"cache-control": "max-age=3600"})

    def embed(request: Request) -> HTMLResponse:
        way = request.path_params.get("way")
        topics = sorted({article.topic for article in tutor.index.articles if not article.course})
        known = way in (None, *WAYS)
        page = embed_page(address(request), way if known else None, request.query_params, topics)
        return HTMLResponse(document(*page), status_code=200 if known else 404)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/card", one_card), Route("/widget.js", widget),
            Route("/embed", embed), Route("/embed/{way}", embed)]


def address(request: Request) -> str:
    """Where readers reach this app, ending in /: as the settings say, on a Space by its name outside, else as it was asked for."""
    space = os.environ.get("SPACE_HOST")
    outside = Settings().public_url or (f"https://{space}" if space else "")
    return outside.rstrip("/") + "/" if outside else str(request.base_url)


def card_page(tutor: Tutor, link: Link, theme: str = "", says: Words = ENGLISH) -> str:
    """A page with one experiment and nothing else. Without a script: while the experiment runs, the page asks anew."""
    notes = "".join(f"<p>{escape(note)}</p>" for note in link.notes)

    def page(title: str, body: str, again: int | None = None) -> str:
        return document(title, body, theme, again, says.tag)

    if link.demo is None:
        names = "".join(f'<li lang="en"><a href="?{urlencode({"demo": demo.name})}">{escape(demo.title)}</a></li>'
                        for demo in find_demos().values())
        return page(says("bench"), f"{notes}<h1>{says.html('bench')}</h1><ul>{names}</ul>")
    title, parameters = find_demos()[link.demo].title, link.parameters or {}
    h1 = f'<h1 class="title" lang="en">{escape(title)}</h1>'
    for part in tutor.experiment(link.demo, parameters):
        match part:
            case Evidence():
                why = (f'<p><a href="./{escape(question_link(title))}" target="_blank" rel="noopener">'
                       f"{says.html('ask_why')}</a></p>")
                return page(title, notes + h1 + card(part, 1, title, read_sources(), says) + why)
            case Unavailable():
                change = "" if part.waiting else form(link.demo, parameters, says=says)
                return page(title, f'{notes}{h1}<p lang="en">{escape(part.reason)}</p>{change}', 5 * AGAIN if part.waiting else None)
            case Progress():
                figure = part.figure.svg if part.figure else ""
                return page(title, f'{h1}<p lang="en">{escape(part.doing)} ({part.done:.0%}) …</p>'
                            f'<div class="partial">{figure}</div>', AGAIN)
            case Waiting():
                return page(title, f'{h1}<p>{says.html("waiting")}: <span lang="en">{escape(part.reason)}</span> …</p>', AGAIN)
    raise AssertionError("an experiment ends with evidence or a reason")


def document(title: str, body: str, theme: str = "", again: int | None = None, language: str = "en") -> str:
    """A whole document in the app's look; `again`: seconds after which it is asked for anew."""
    style = (PAGE / "style.css").read_text(encoding="utf-8") + (PAGE / "alone.css").read_text(encoding="utf-8")
    scheme = f' data-theme="{theme}"' if theme in ("dark", "light") else ""
    refresh = f'<meta http-equiv="refresh" content="{again}">' if again else ""
    return (f'<!doctype html><html lang="{language}"{scheme}><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{refresh}'
            f"<title>{escape(title)}</title><style>{style}</style></head><body class=\"alone\"><main>{body}</main></body></html>")
