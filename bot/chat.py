"""The window: its layout, which event each button starts, and how it is served.

Gradio is known here and in what stands beside it (events.py, api.py), nowhere else. State is plain records on the server; the
conversation is an output only.
"""

from typing import Any

import gradio as gr

from bot import Tutor
from bot.api import add_api
from bot.bench import bench, models_line
from bot.events import STARTERS, Events
from bot.guard import around
from bot.question import MAX_CHARACTERS
from bot.server import PAGE, routes
from bot.settings import Settings
from bot.tools import offer

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
        # Plain records in the reader's own browser; the secret only keeps them readable after a restart.
        saved = gr.BrowserState([], storage_key="frozen-or-tuned", secret="kept-in-the-readers-own-browser")
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
        with gr.Row(elem_classes="starters tools"):
            quiz, experiments = gr.Button("Quiz me", size="sm", elem_id="quiz"), gr.Button("Run an experiment", size="sm")

        with gr.Row(elem_classes="hidden-link"):  # where page.js hands over the links and forms of cards
            link_box, link_go = gr.Textbox(label="Link", elem_id="link-box"), gr.Button("Open", elem_id="link-go")
        with gr.Sidebar(label="Experiments", open=False, position="right", width=380):
            gr.HTML(bench())

        events = Events(tutor)
        shown = [box, chat, turns, saved, *suggestions]
        options: dict[str, Any] = {"concurrency_id": "chat", "concurrency_limit": 16, "show_progress": "hidden",
                                   "api_visibility": "private"}
        asked = gr.on([box.submit, go.click], events.respond, [box, turns], shown, **options)
        linked = link_go.click(events.open_link, [link_box, turns], shown, **options)
        begun = window.load(events.opened, saved, shown, **options)
        gr.on([box.submit, go.click, link_go.click], None, js=SHOW_QUESTION, api_visibility="private")
        running = [asked, linked, begun]
        stop.click(events.stopped, turns, [chat, turns, saved], cancels=running, queue=False, show_progress="hidden",
                   api_visibility="private")
        chat.clear(lambda: ([], []), None, [turns, saved], cancels=running, api_visibility="private")
        for button in suggestions:
            button.click(None, button, box, js=FILL_AND_ASK, api_visibility="private")
        quiz.click(None, None, box, js="() => { setTimeout(() => document.querySelector('#ask').click(), 60); return 'Quiz me'; }",
                   api_visibility="private")
        experiments.click(None, None, None, js="() => document.querySelector('.sidebar .toggle-button').click()", api_visibility="private")
        tick.tick(lambda: (models_line(tutor), gr.Timer(active=bool(tutor.zoo.missing()))), None, [status, tick],
                  show_progress="hidden", queue=False, api_visibility="private")
        add_api(tutor)
    return window


def launch(tutor: Tutor, host: str, port: int, **options: Any) -> gr.Blocks:
    """Serve the page. Raises OSError if the port is in use. Further options go to Gradio's launch()."""
    # In the head, since Gradio scopes `css` to the inside of its own column, and the column's padding is outside.
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    script = (PAGE / "page.js").read_text(encoding="utf-8")
    window, settings = build_window(tutor), Settings()
    window.queue(max_size=64, api_open=False)
    window.launch(
        server_name=host, server_port=port, head=f"<style>{style}</style><script>{script}</script>", ssr_mode=False, run_history=False,
        theme=gr.themes.Default(primary_hue="blue", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        enable_monitoring=False, footer_links=[], max_file_size="1kb", show_error=False, pwa=False, strict_cors=True,
        state_session_capacity=500,
        mcp_server=settings.mcp, app_kwargs={"routes": routes(tutor)}, **{**options, "prevent_thread_lock": True})
    around(window, settings)
    if settings.mcp:
        offer(window)
    if not options.get("prevent_thread_lock"):
        window.block_thread()
    return window


__all__ = ["build_window", "launch"]
