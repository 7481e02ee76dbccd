"""What a reader is told about kept questions, and the choice: a box and a notice above the conversation. Gradio is known here.

The choice stays in the reader's own browser. A browser that asks not to be tracked (Sec-GPC, DNT) starts with the box empty.
"""

import gradio as gr
from starlette.routing import Route

from bot.feedback import FeedbackError
from bot.ratings import rating_routes, start_recorder
from bot.recorder import Recorder
from bot.report_page import report_routes
from bot.server import PAGE
from bot.settings import Settings
from bot.tutor import Tutor
from bot.words import Words


class Keeping:
    """Whether questions are kept, for the window and the API. `recorder` is None where they are not."""

    def __init__(self, settings: Settings) -> None:
        """Raises feedback.FeedbackError for a database address that is none."""
        self.settings, self.recorder = settings, start_recorder(settings)

    def texts(self, says: Words) -> dict[str, str]:
        """What the box says, and the HTML under it."""
        under = (PAGE / "keeping.html").read_text(encoding="utf-8").format(
            what=says.html("keep_what"), list=says.html("keep_list"), delete=says.html("keep_delete"))
        return {"keep_label": says("keep_label", days=self.settings.feedback_days), "keep_about": under}

    def ask_reader(self, window: gr.Blocks, texts: gr.I18n) -> gr.BrowserState:
        """Adds the box and the notice, if questions are kept. Returns the reader's choice: yes, no, or empty before there is one.

        `texts`: the interface's words with these among them.
        """
        choice = gr.BrowserState("", storage_key="frozen-or-tuned-keep", secret="kept-in-the-readers-own-browser")
        if self.recorder:
            with gr.Column(elem_id="keeping"):
                box = gr.Checkbox(self.settings.feedback == "opt-out", label=texts("keep_label"), elem_id="keep", container=False)
                gr.HTML(texts("keep_about"))
            box.input(None, box, choice, js="(kept) => kept ? 'yes' : 'no'", api_visibility="private")

            def shown(kept: str, request: gr.Request) -> bool:
                return bool(self.of_page(kept, request))

            window.load(shown, choice, box, show_progress="hidden", queue=False, api_visibility="private")
        return choice

    def of_page(self, choice: object, request: gr.Request) -> Recorder | None:
        """The recorder for a reader's turn, if it may be kept."""
        untracked = "1" in (request.headers.get("sec-gpc"), request.headers.get("dnt"))
        return self.of_program(choice == "yes" if choice in ("yes", "no") else False if untracked else None)

    def of_program(self, choice: bool | None) -> Recorder | None:
        """The recorder for a call, if it may be kept. `choice`: what the caller says about it."""
        return self.recorder if choice or (choice is None and self.settings.feedback == "opt-out") else None

    def head(self) -> str:
        """What the page's head needs for thumbs."""
        return f"<script>{(PAGE / 'ratings.js').read_text(encoding='utf-8')}</script>" if self.recorder else ""

    def routes(self, tutor: Tutor) -> list[Route]:
        """Where thumbs come in, and the password page where a password is set."""
        return [*(rating_routes(self.recorder) if self.recorder else []), *report_routes(self.settings, tutor)]


__all__ = ["FeedbackError", "Keeping"]
