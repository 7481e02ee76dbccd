"""What stands beside the conversation, as HTML: the list of experiments with their forms, the topic, the state of the models. No Gradio."""

from html import escape

from bot.form import form
from bot.starters import STARTERS
from bot.tutor import Tutor
from bot.words import ENGLISH, LANGUAGES, Words, words
from demos import DemoError, find_demos
from demos.lab.prepare import read_progress


def bench(says: Words = ENGLISH) -> str:
    """The side list: every experiment with what it shows, and its form. A dialog, so that Escape closes it and focus returns."""
    items = "".join(
        f'<details><summary lang="en">{escape(demo.title)}</summary><p lang="en">{escape(demo.about)}</p>'
        f"{form(demo.name, {}, says=says) or _plain(demo.name, says)}</details>" for demo in find_demos().values())
    return (f'<dialog class="bench" aria-labelledby="bench-title"><div class="bench-head"><h2 id="bench-title">{says.html("bench")}</h2>'
            f'<button type="button" data-close>{says.html("close")}</button></div><p>{says.html("bench_about")}</p>{items}</dialog>')


def _plain(name: str, says: Words) -> str:
    return f'<p class="again"><a href="?demo={name}" data-run="?demo={name}">{says.html("run")}</a></p>'


def heading(says: Words) -> str:
    """The title, and the choice of the interface's language."""
    options = "".join(f'<option value="{language}" lang="{words(language).tag}"{" selected" if language == says.language else ""}>'
                      f'{words(language).html("name")}</option>' for language in LANGUAGES)
    return (f'<div class="top"><h1 lang="en">Frozen or Tuned</h1><label><span>{says.html("language")}</span> '
            f'<select id="language">{options}</select></label></div>')


def topic_line(topic: str | None, says: Words) -> str:
    """What the page says about the topic that was chosen; empty without one."""
    if not topic:
        return ""
    return (f'<p role="status">{says.html("topic_narrowed", topic=topic_name(topic, says))} '
            f'<a href="?" data-without="topic">{says.html("topic_all")}</a></p>')


def topic_name(topic: str, says: Words) -> str:
    """A bundled topic in the words of the interface; an instructor's as the folder is named."""
    return says(f"topic_{topic}") if topic in STARTERS else topic


def models_line(tutor: Tutor, says: Words = ENGLISH) -> str:
    """What the page says about models that are still being trained; empty when all are there."""
    if not tutor.zoo.missing():
        return ""
    try:
        tutor.zoo.training_lock()
    except DemoError as error:
        return f'<p role="status">{says.html("models_not")} <span lang="en">{escape(str(error))}</span></p>'
    progress = read_progress(tutor.zoo)
    if progress and not progress.running:
        return (f'<p role="status">{says.html("models_failed")} '
                f'<span lang="en">{escape(" ".join(progress.failed.values()))}</span></p>')
    said = says.html("models_training", where="{where}").format(where=f'<span lang="en">{escape(str(progress or "…"))}</span>')
    return f'<p class="training" role="status">{said}</p>'
