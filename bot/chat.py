"""The window: the one place that knows Gradio. Turns the parts of an answer into messages.

State is plain records on the server; the conversation is an output only. A turn is one event: the question at once, then
the words, then each figure as it is ready.
"""

from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr
from starlette.middleware import Middleware

from bot import Tutor
from bot.answer import answer, evidence_dict
from bot.form import form
from bot.links import Link, read_link
from bot.question import MAX_CHARACTERS
from bot.server import PAGE, Headers, routes
from bot.settings import Settings
from bot.turns import PATIENCE, Turn, answered, kept, measured, new_turn, questions
from bot.tutor import Unavailable
from demos import DemoError, Evidence, find_demos
from demos.lab.prepare import read_progress
from demos.lab.status import status_rows

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
        _add_api(tutor)
    return window


class Events:
    """What the page's buttons do: each yields what `show` yields."""

    def __init__(self, tutor: Tutor) -> None:
        self.tutor = tutor

    def respond(self, question: str, past: list[Turn]) -> Iterator[tuple]:
        """A question was asked."""
        if question.strip():
            yield from show(past, answered(self.tutor, question, questions(past)))
        else:
            yield nothing()  # a generator that yields nothing would empty its outputs

    def open_link(self, query: str, past: list[Turn]) -> Iterator[tuple]:
        """A card's form or link was used."""
        yield from self._follow(read_link(parse_qsl(query.removeprefix("?"))), past)

    def opened(self, request: gr.Request, saved: list[Turn]) -> Iterator[tuple]:
        """The page was opened or reloaded: what its link asks for, or what was under way."""
        link, past = read_link(request.query_params.multi_items()), [*(saved or [])]
        unfinished = past[-1] if past and past[-1]["pending"] else None
        if unfinished and unfinished["running"]:  # the page was reloaded in the middle of an experiment: find it again
            again = Link(demo=unfinished["running"]["demo"], parameters=unfinished["running"]["parameters"])
            yield from show(past[:-1], measured(self.tutor, again, unfinished))
        elif unfinished:
            yield from show(past[:-1], answered(self.tutor, unfinished["question"], questions(past[:-1])))
        else:
            yield from self._follow(link, past)

    def _follow(self, link: Link, past: list[Turn]) -> Iterator[tuple]:
        if link.demo:
            yield from show(past, measured(self.tutor, link))
        elif link.question:
            yield from show(past, answered(self.tutor, link.question, questions(past), link.notes))
        elif past or link.notes:
            notes = [{**new_turn(""), "words": " ".join(link.notes), "pending": ""}] if link.notes else []
            yield "", list(_messages([*past, *notes])), past, *nothing()[3:]
        else:
            yield nothing()

    def stopped(self, past: list[Turn]) -> tuple:
        """The stop button: ends what runs, and keeps what was shown."""
        if past and past[-1]["running"]:
            self.tutor.runs.stop(past[-1]["running"]["demo"], past[-1]["running"]["parameters"])
        if past and past[-1]["pending"]:
            past = [*past[:-1], {**past[-1], "pending": "", "partial": "", "running": None,
                                 "cards": [*past[-1]["cards"], "<p>Stopped.</p>"]}]
        return list(_messages(past)), past, kept(past)


def show(past: list[Turn], growing: Iterator[Turn]) -> Iterator[tuple]:
    """One turn as it grows: yields the box, the conversation, the state, what the browser keeps, and the suggested questions."""
    keep = [gr.skip()] * len(STARTERS)
    turn: Turn = {}
    for number, turn in enumerate(growing):
        now = [*past, turn]  # in the state from the start, so that a stopped turn stays
        changed = kept(now) if turn["running"] or number == 0 else gr.skip()
        yield "" if number == 0 else gr.skip(), list(_messages(now)), now, changed, *keep
    nexts = [*turn["follow_ups"], *STARTERS][: len(STARTERS)]
    yield gr.skip(), gr.skip(), gr.skip(), kept(now), *(gr.Button(text) for text in nexts)


def nothing() -> tuple:
    """Leaves everything that `show` yields as it is."""
    return (gr.skip(),) * (4 + len(STARTERS))


def bench() -> str:
    """The side list: every experiment with what it shows, and its form."""
    items = "".join(f"<details><summary>{escape(demo.title)}</summary><p>{escape(demo.about)}</p>{form(demo.name, {}) or _plain(demo.name)}"
                    "</details>" for demo in find_demos().values())
    return f'<section class="bench" aria-label="Experiments"><h2>Experiments</h2>{items}</section>'


def _plain(name: str) -> str:
    return f'<p class="again"><a href="?demo={name}" data-run="?demo={name}">Run</a></p>'


def _messages(turns: list[dict]) -> Iterator[dict]:
    """Gradio's messages. A question is shown as it was typed, never as Markdown or HTML."""
    for turn in turns:
        if turn["question"]:
            yield {"role": "user", "content": gr.HTML(f'<p class="asked">{escape(turn["question"])}</p>')}
        content: list = [turn["words"]] if turn["words"] else []
        content += [gr.HTML(html) for html in turn["cards"]]
        if turn["sources"]:
            content.append(gr.HTML(turn["sources"]))
        if turn["pending"]:
            content.append(gr.HTML(f'<p class="pending">{escape(turn["pending"])} …</p>'
                                   f'<div class="partial">{turn.get("partial", "")}</div>'))
        yield {"role": "assistant", "content": content}


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
                   layer: int | None = None, seed: int | None = None, wait: bool = False, parameters: dict | None = None) -> dict:
        """Run one experiment, for example word_drift, and return its evidence. Parameters left out take their defaults.

        parameters: those of this experiment that have no argument of their own here, by name; the list names them.
        """
        given = {"word": word, "sentences": sentences, "models": models, "layer": layer, "seed": seed} | (parameters or {})
        *_, last = tutor.experiment(name, given, PATIENCE if wait else 0)
        if isinstance(last, Evidence):
            return evidence_dict(last)
        raise gr.Error(last.reason if isinstance(last, Unavailable) else "The experiment did not run.", print_exception=False)

    def list_experiments() -> list[dict]:
        """The experiments: name, title, what each shows, and the JSON schema of every parameter."""
        return [{"name": demo.name, "title": demo.title, "about": demo.about, "parameters": demo.schema} for demo in find_demos().values()]

    def models() -> list[dict]:
        """The models of the experiments: state, progress of training, score, chance, tensors. Paths are left out."""
        return [{**row, "path": None} for row in status_rows(tutor.zoo)]

    for endpoint in (ask, experiment, list_experiments, models):
        gr.api(endpoint, api_name=endpoint.__name__, concurrency_id="chat")


def launch(tutor: Tutor, host: str, port: int, **options: Any) -> gr.Blocks:
    """Serve the page. Raises OSError if the port is in use. Further options go to Gradio's launch()."""
    # In the head, since Gradio scopes `css` to the inside of its own column, and the column's padding is outside.
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    script = (PAGE / "page.js").read_text(encoding="utf-8")
    window = build_window(tutor)
    window.queue(max_size=64, api_open=False)
    window.launch(
        server_name=host, server_port=port, head=f"<style>{style}</style><script>{script}</script>", ssr_mode=False, run_history=False,
        theme=gr.themes.Default(primary_hue="blue", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        enable_monitoring=False, footer_links=[], max_file_size="1kb", show_error=False, pwa=False, strict_cors=True,
        state_session_capacity=500,
        app_kwargs={"routes": routes(tutor),
                    "middleware": [Middleware(Headers, frame_ancestors=Settings().frame_ancestors)]},
        **options)
    return window


__all__ = ["build_window", "launch"]
