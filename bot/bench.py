"""What stands beside the conversation, as HTML: the list of experiments with their forms, and the state of the models. No Gradio."""

from html import escape

from bot.form import form
from bot.tutor import Tutor
from demos import DemoError, find_demos
from demos.lab.prepare import read_progress


def bench() -> str:
    """The side list: every experiment with what it shows, and its form."""
    items = "".join(f"<details><summary>{escape(demo.title)}</summary><p>{escape(demo.about)}</p>{form(demo.name, {}) or _plain(demo.name)}"
                    "</details>" for demo in find_demos().values())
    return f'<section class="bench" aria-label="Experiments"><h2>Experiments</h2>{items}</section>'


def _plain(name: str) -> str:
    return f'<p class="again"><a href="?demo={name}" data-run="?demo={name}">Run</a></p>'


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
