"""The window: its layout, which event each button starts, and how it is served.

Gradio is known here and in what stands beside it (events.py, api.py), nowhere else. State is plain records on the server; the
conversation is an output only.
"""

from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from bot import Tutor
from bot.api import add_api
from bot.bench import bench, heading, models_line
from bot.consent import Keeping
from bot.early import Early
from bot.events import Events
from bot.guard import around
from bot.question import MAX_CHARACTERS
from bot.server import PAGE, routes
from bot.settings import Settings
from bot.starters import STARTERS, starters
from bot.tools import offer
from bot.turns import Reader
from bot.words import LANGUAGES, tag, words

FILL_AND_ASK = "(label) => { setTimeout(() => document.querySelector('#ask').click(), 60); return label; }"
WITH_LANGUAGE = "(saved, _, choice) => [saved, window.frozenOrTuned?.language || 'en', choice]"


def translations(keeping: Keeping) -> gr.I18n:
    """The interface's words, which Gradio chooses by the browser's language (page/early.js sets it). What events yield is in the
    reader's words already."""
    return gr.I18n(**{tag(says.language): {**says.texts, "heading": heading(says), **keeping.texts(says)}
                      for says in map(words, LANGUAGES)})


def build_window(tutor: Tutor, keeping: Keeping, texts: gr.I18n) -> gr.Blocks:
    """The page and the API endpoints. `keeping`: whether questions are kept for the teachers; `texts`: see translations."""
    with gr.Blocks(title="Frozen or Tuned", analytics_enabled=False, delete_cache=(3600, 86400)) as window:
        gr.HTML(texts("heading"), elem_id="heading")
        gr.Markdown(texts("welcome"), elem_id="welcome")
        topic_line, status = gr.HTML("", elem_id="topic"), gr.HTML(models_line(tutor), elem_id="models")
        tick = gr.Timer(3, active=bool(tutor.zoo.missing()))
        turns, reader = gr.State([]), gr.State(Reader())
        # Plain records in the reader's own browser; the secret only keeps them readable after a restart.
        saved = gr.BrowserState([], storage_key="frozen-or-tuned-2", secret="kept-in-the-readers-own-browser")
        language, parcel = gr.Textbox(visible=False), gr.Textbox(visible=False)
        choice = keeping.ask_reader(window, texts)  # before the first question, since it must be known by then
        chat = gr.Chatbot(label=texts("conversation"), buttons=["copy"], layout="panel", height=None, autoscroll=False, elem_id="chat",
                          line_breaks=False,  # articles are wrapped at 120 columns
                          latex_delimiters=[])
        with gr.Column(elem_id="begin"):
            topics = gr.Radio([(texts(f"topic_{topic}"), topic) for topic in STARTERS], value="basics", label=texts("topics"),
                              elem_id="topics", container=False)
            with gr.Row(elem_classes="starters"):
                suggestions = [gr.Button(text, size="sm") for text in starters(tutor.index)]
        with gr.Row(elem_classes="tools"):
            quiz, experiments, share, save, paper, anew = (
                gr.Button(texts(name), size="sm", elem_id=f"tool-{name}", min_width=0)
                for name in ("quiz", "experiments", "share", "save", "print", "anew"))
        with gr.Row(elem_classes="asking"):
            box = gr.Textbox(label=texts("question_label"), placeholder=texts("question_placeholder"), max_length=MAX_CHARACTERS,
                             lines=1, max_lines=8, scale=6, elem_id="question", container=False)
            go = gr.Button(texts("ask"), variant="primary", elem_id="ask", scale=0, min_width=72)
            stop = gr.Button(texts("stop"), elem_id="stop", scale=0, min_width=72)
        with gr.Row(elem_classes="hidden-link"):  # where page.js hands over the links and forms of cards
            link_box, link_go = gr.Textbox(label="Link", elem_id="link-box"), gr.Button("Open", elem_id="link-go")
        experiments_list = gr.HTML(bench(), elem_id="bench")

        events = Events(tutor, keeping)
        shown = [box, chat, turns, saved, *suggestions]
        options: dict[str, Any] = {"concurrency_id": "chat", "concurrency_limit": 16, "show_progress": "hidden",
                                   "api_visibility": "private"}
        at_once: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        in_browser: dict[str, Any] = {"fn": None, "api_visibility": "private"}
        asked = gr.on([box.submit, go.click], events.respond, [box, turns, reader, choice], shown, **options)
        linked = link_go.click(events.open_link, [link_box, turns, reader, choice], shown, **options)
        begun = window.load(events.opened, [saved, language, choice], [*shown, reader, topic_line, topics, experiments_list],
                            js=WITH_LANGUAGE, **options)
        running = [asked, linked, begun]
        stop.click(events.stopped, [turns, reader], [chat, turns, saved], cancels=running, **at_once)
        topics.input(events.choose_topic, topics, suggestions, **at_once)
        for button in suggestions:
            button.click(inputs=button, outputs=box, js=FILL_AND_ASK, **in_browser)
        quiz.click(outputs=box, js=f"() => ({FILL_AND_ASK})('Quiz me')", **in_browser)
        experiments.click(js="() => frozenOrTuned.list()", **in_browser)
        share.click(js="() => frozenOrTuned.share()", **in_browser)
        save.click(events.packed, turns, parcel, **at_once).then(inputs=parcel, js="(data) => frozenOrTuned.save(data)", **in_browser)
        paper.click(js="() => window.print()", **in_browser)
        gr.on([anew.click, chat.clear], lambda: ([], [], []), None, [chat, turns, saved], cancels=running, **at_once)
        tick.tick(events.training, reader, [status, tick], **at_once)
        add_api(tutor, keeping)
    return window


def launch(tutor: Tutor, host: str, port: int, keeping: Keeping | None = None, **options: Any) -> gr.Blocks:
    """Serve the page. Raises OSError if the port is in use. Further options go to Gradio's launch()."""
    # In the head, since Gradio scopes `css` to the inside of its own column, and the column's padding is outside.
    head = "".join(f"<{element}>{(PAGE / name).read_text(encoding='utf-8')}</{element}>" for element, name in (
        ("style", "style.css"), ("style", "print.css"), ("script", "page.js"), ("script", "tour.js")))
    settings = Settings()
    keeping = keeping or Keeping(settings)
    texts = translations(keeping)
    window = build_window(tutor, keeping, texts)
    window.queue(max_size=64, api_open=False)
    window.launch(
        server_name=host, server_port=port, head=head + keeping.head(), i18n=texts, ssr_mode=False, run_history=False,
        theme=gr.themes.Default(primary_hue="blue", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        enable_monitoring=False, footer_links=[], max_file_size="1kb", show_error=False, pwa=False, strict_cors=True,
        state_session_capacity=500,
        mcp_server=settings.mcp,
        app_kwargs={"routes": [*routes(tutor, keeping.recorder), *keeping.routes(tutor)], "middleware": [Middleware(Early)]},
        **{**options, "prevent_thread_lock": True})
    around(window, settings)
    if settings.mcp:
        offer(window)
    if not options.get("prevent_thread_lock"):
        window.block_thread()
    return window


__all__ = ["build_window", "launch"]
