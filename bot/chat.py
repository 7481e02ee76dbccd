"""The window: the one place that knows Gradio. Turns the parts of an answer into messages.

State is plain records on the server; the conversation is an output only. A turn is one event: the question at once, then
the words, then each figure as it is ready.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot import Tutor
from bot.answer import Answer, answer, evidence_dict
from bot.card import card
from bot.question import MAX_CHARACTERS, MessageError
from bot.settings import Settings
from bot.tutor import Reply, Unavailable
from demos import DemoError, Evidence, find_demos
from demos.lab.prepare import read_progress
from demos.lab.status import status_rows
from knowledge.article import read_sources

PAGE = Path(__file__).parent / "page"
PATIENCE = 900.0  # seconds that an experiment on the page waits for models in training
STARTERS = (
    "Why does the same word have different vectors in a sentiment model and in a question-answering model?",
    "Is BERT a fine-tuning model, and is word2vec a feature extraction model?",
    "Which layers change most when I fine-tune?",
    "Should I freeze BERT or fine-tune it if I have little data?",
)
# The reader reads from the question down: bring it to the top once, then leave the scroll position alone.
SHOW_QUESTION = """() => { setTimeout(() => { const asked = [...document.querySelectorAll('.asked')].pop();
  const log = asked && asked.closest('[role=log]'); if (log) log.scrollTop += asked.getBoundingClientRect().top
  - log.getBoundingClientRect().top - 48; }, 700); }"""
FILL_AND_ASK = "(label) => { setTimeout(() => document.querySelector('#ask').click(), 60); return label; }"


def build_window(tutor: Tutor) -> gr.Blocks:
    """The page and the API endpoints `ask`, `experiment` and `models`."""
    with gr.Blocks(title="Frozen or Tuned", analytics_enabled=False, delete_cache=(3600, 86400)) as window:
        gr.Markdown((PAGE / "welcome.md").read_text(encoding="utf-8"), elem_id="welcome")
        status = gr.HTML(models_line(tutor), elem_id="models")
        tick = gr.Timer(3, active=bool(tutor.zoo.missing()))
        turns = gr.State([])
        chat = gr.Chatbot(label="Conversation", buttons=["copy", "copy_all"], layout="panel", height="56vh", autoscroll=False,
                          line_breaks=False,  # articles are wrapped at 120 columns
                          placeholder="Ask a question, or tap one below.", latex_delimiters=[])
        with gr.Row(elem_classes="starters"):
            suggestions = [gr.Button(text, size="sm") for text in STARTERS]
        with gr.Row(elem_classes="asking"):
            box = gr.Textbox(label="Your question", max_length=MAX_CHARACTERS, lines=1, max_lines=8, scale=6,
                             placeholder="In your own words; put a word in quotes to have it measured.")
            go = gr.Button("Ask", variant="primary", elem_id="ask", scale=1, min_width=80)
            stop = gr.Button("Stop", elem_id="stop", scale=1, min_width=80)

        def respond(question: str, past: list[dict]) -> Iterator[tuple]:
            yield from _respond(tutor, question, past)

        run = gr.on([box.submit, go.click], respond, [box, turns], [box, chat, turns, *suggestions], concurrency_id="chat",
                    concurrency_limit=16, show_progress="hidden", api_visibility="private")
        gr.on([box.submit, go.click], None, js=SHOW_QUESTION, api_visibility="private")
        stop.click(None, cancels=run, api_visibility="private")
        chat.clear(list, None, turns, cancels=run, api_visibility="private")
        for button in suggestions:
            button.click(None, button, box, js=FILL_AND_ASK, api_visibility="private")
        tick.tick(lambda: (models_line(tutor), gr.Timer(active=bool(tutor.zoo.missing()))), None, [status, tick],
                  show_progress="hidden", queue=False, api_visibility="private")
        _add_api(tutor)
    return window


def _respond(tutor: Tutor, question: str, past: list[dict]) -> Iterator[tuple]:
    """One turn: yields the box, the conversation, the state and the suggested questions."""
    keep = [gr.skip()] * len(STARTERS)
    if not question.strip():
        yield (*[gr.skip()] * 3, *keep)  # a generator that yields nothing would empty its outputs
        return
    turn: dict[str, Any] = {"question": question, "words": "", "cards": [], "sources": "", "pending": "Looking it up"}
    past = [*past, turn]
    yield "", list(_messages(past)), past, *keep  # in the state from the start, so that a stopped turn stays
    result = Answer(question)
    try:
        for part in tutor.answer(question, [old["question"] for old in past[:-1]], patience=PATIENCE):
            result.add(part)
            if isinstance(part, Evidence):
                title = find_demos()[part.demo].title
                turn["cards"] = [*turn["cards"], card(part, len(result.evidence), title, read_sources())]
            elif isinstance(part, Unavailable):
                turn["cards"] = [*turn["cards"], f"<p>{escape(part.reason)}</p>"]
            turn |= {"words": result.markdown(claims_of_evidence=False), "sources": _sources(result), "pending": result.pending,
                     "partial": result.partial.svg if result.partial else ""}
            yield gr.skip(), list(_messages(past)), past, *keep
    except MessageError as error:
        result.add(Reply(str(error)))
        turn |= {"words": result.markdown(), "pending": ""}
    turn["pending"] = ""
    nexts = [*result.follow_ups, *STARTERS][: len(STARTERS)]
    yield gr.skip(), list(_messages(past)), past, *(gr.Button(text) for text in nexts)


def _messages(turns: list[dict]) -> Iterator[dict]:
    """Gradio's messages. A question is shown as it was typed, never as Markdown or HTML."""
    for turn in turns:
        yield {"role": "user", "content": gr.HTML(f'<p class="asked">{escape(turn["question"])}</p>')}
        content: list = [turn["words"]] if turn["words"] else []
        content += [gr.HTML(html) for html in turn["cards"]]
        if turn["sources"]:
            content.append(gr.HTML(turn["sources"]))
        if turn["pending"]:
            content.append(gr.HTML(f'{turn.get("partial", "")}<p class="pending">{escape(turn["pending"])} …</p>'))
        yield {"role": "assistant", "content": content}


def _sources(result: Answer) -> str:
    items = "".join(f'<li>[{source["label"]}] <a href="{escape(source["url"])}" target="_blank" rel="noopener noreferrer">'
                    f'{escape(source["citation"])}</a></li>' for source in result.sources)
    return f'<details class="sources"><summary>Sources ({len(result.sources)})</summary><ol>{items}</ol></details>' if items else ""


def models_line(tutor: Tutor) -> str:
    """What the page says about models that are still being trained; empty when all are there."""
    if not tutor.zoo.missing():
        return ""
    try:
        tutor.zoo.training_lock()
    except DemoError as error:
        return f'<p role="status">The models for the experiments cannot be trained. {escape(str(error))}</p>'
    progress = read_progress(tutor.zoo)
    if progress and not progress.running:
        return f'<p role="status">Some models could not be trained. {escape(" ".join(progress.failed.values()))}</p>'
    where = str(progress or "starting")
    return (f'<p class="pending" role="status">The models for the experiments are being trained, once: {escape(where)}. '
            "You can ask meanwhile.</p>")


def _add_api(tutor: Tutor) -> None:
    def ask(question: str, history: list[str] | None = None, evidence: bool = True, wait: bool = False) -> dict:
        """Answer a question about frozen and fine-tuned models, with sources and live evidence.

        history: the reader's earlier messages. evidence: run the experiments. wait: wait for models in training.
        """
        return answer(tutor, question, history or (), evidence, patience=PATIENCE if wait else 0).to_dict()

    def experiment(name: str, word: str | None = None, sentences: list[str] | None = None, models: list[str] | None = None,
                   layer: int | None = None, seed: int | None = None, wait: bool = False) -> dict:
        """Run one experiment, for example word_drift, and return its evidence. Parameters left out take their defaults."""
        given = {"word": word, "sentences": sentences, "models": models, "layer": layer, "seed": seed}
        *_, last = tutor.experiment(name, given, PATIENCE if wait else 0)
        if isinstance(last, Evidence):
            return evidence_dict(last)
        raise gr.Error(last.reason if isinstance(last, Unavailable) else "The experiment did not run.", print_exception=False)

    def models() -> list[dict]:
        """The models of the experiments: state, progress of training, score, chance, tensors. Paths are left out."""
        return [{**row, "path": None} for row in status_rows(tutor.zoo)]

    for endpoint in (ask, experiment, models):
        gr.api(endpoint, api_name=endpoint.__name__, concurrency_id="chat")


def launch(tutor: Tutor, host: str, port: int, **options: Any) -> gr.Blocks:
    """Serve the page. Raises OSError if the port is in use. Further options go to Gradio's launch()."""

    def healthz(request: Request) -> JSONResponse:
        return JSONResponse({"ok": True})

    def readyz(request: Request) -> JSONResponse:
        missing = tutor.zoo.missing()
        ready = {"articles": len(tutor.index.articles), "models_missing": missing, "ready": not missing}
        return JSONResponse(ready, status_code=503 if missing else 200)

    # In the head, since Gradio scopes `css` to the inside of its own column, and the column's padding is outside.
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    window = build_window(tutor)
    window.queue(max_size=64, api_open=False)
    window.launch(
        server_name=host, server_port=port, head=f"<style>{style}</style>", ssr_mode=False, run_history=False,
        theme=gr.themes.Default(primary_hue="blue", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        enable_monitoring=False, footer_links=[], max_file_size="1kb", show_error=False, pwa=False, strict_cors=True,
        state_session_capacity=500,
        app_kwargs={"routes": [Route("/healthz", healthz), Route("/readyz", readyz)],
                    "middleware": [Middleware(Headers, frame_ancestors=Settings().frame_ancestors)]},
        **options)
    return window


class Headers:
    """Adds the security headers to every response (plain ASGI, so that streams pass through)."""

    def __init__(self, app, frame_ancestors: str) -> None:
        self.app = app
        self.headers = [(b"content-security-policy", f"frame-ancestors {frame_ancestors}".encode()),
                        (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]

    async def __call__(self, scope, receive, send) -> None:
        async def send_with_headers(message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self.headers]}
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


__all__ = ["build_window", "launch"]
