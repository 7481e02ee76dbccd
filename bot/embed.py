"""Three ways to put the bot into a lesson, each on a page of its own under /embed: a form to choose what it shows, the text to
copy, and how that looks. A plain GET form, so that a chosen text has an address too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from bot.links import experiment_link, read_link
from demos import find_demos

LONGEST = 500  # characters of a question in an embedding text: it stands in an attribute on somebody's page
COURSES = """<h2>Canvas, Moodle and others</h2>
<ul>
<li><b>Pages that you write yourself</b> (MkDocs, Sphinx, Jupyter Book, plain HTML): all three ways work. Markdown of MkDocs takes
the text as it is; Sphinx and Jupyter Book take it in a <code>raw</code> block of format <code>html</code>.</li>
<li><b>Canvas:</b> paste a frame or a card in the editor's HTML view. Canvas keeps a frame with its address, title, width, height and
border, and removes scripts, so the bubble does not work there. It may remove the frame's <code>allow</code>: “Copy link” then shows
the link instead of copying it.</li>
<li><b>Moodle:</b> a URL activity with the appearance “Embed” needs no HTML. In a Page or a Text and media area, paste the text in the
editor's HTML view; a frame works there, and the bubble too, unless the site is set to clean everything (forceclean). Forum posts and
other texts that students can write lose both: use a link there.</li>
<li><b>Everywhere:</b> a page with https shows no frame from http, so the app needs https outside your own machine. The height is the
one in the text: the frame scrolls inside and never grows. No cookies are needed; where the browser keeps a frame from storing
anything, the conversation ends with the page. A sandboxed frame needs <code>allow-scripts allow-same-origin allow-forms</code>, and
<code>allow-popups allow-downloads</code> for sources and downloads. Which sites may show the app in a frame is the setting
<code>EXPLAINER_FRAME_ANCESTORS</code>.</li>
<li><b>Where nothing of this works</b> (mobile apps of course systems often): a plain link opens the same.</li>
</ul>
<p>What is said of Canvas and Moodle was read in their source; MkDocs and Sphinx are built and opened in this project's tests.</p>"""


@dataclass(frozen=True)
class Way:
    """One way to embed: its title, what it is, and the choices that its form offers."""

    title: str
    about: str
    choices: tuple[str, ...]


WAYS = {
    "iframe": Way("In a frame", "The whole chat inside a page. The height stays as it is written, and the page round it does not scroll "
                  "by itself.", ("q", "topic", "theme")),
    "widget": Way("As a bubble", "A button in the corner that opens the chat. Nothing is loaded before it is pressed; Escape closes it.",
                  ("q", "topic", "theme", "position")),
    "card": Way("One experiment", "A single measurement with its caption, for a lesson that needs this one figure. Every parameter of the "
                "experiment may stand in the address: run it in the app, take “Copy link”, and put its query after /card.",
                ("demo", "word", "theme")),
}


def snippet(app: str, way: str, chosen: Mapping[str, str]) -> str:
    """The text to copy. `app`: the address of this app, ending in /. `chosen`: what the form holds; what is unknown is left out."""
    question, topic = chosen.get("q", "").strip()[:LONGEST], chosen.get("topic", "").strip()[:LONGEST]
    theme = chosen.get("theme") if chosen.get("theme") in ("light", "dark") else None
    if way == "widget":
        side = "left" if chosen.get("position") == "left" else "right"
        data = {"topic": topic, "question": question, "theme": theme, "position": side}
        attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items() if value)
        return f'<script src="{escape(app)}widget.js"{attributes} async></script>'
    if way == "iframe":
        pairs = {"embed": "1", "topic": topic, "q": question, "theme": theme, "__theme": theme}
        query = "?" + urlencode({name: value for name, value in pairs.items() if value})
        return _frame(app + query, "Frozen or Tuned", 720, ' allow="clipboard-write"')
    link = read_link([(name, chosen.get(name, "")) for name in ("demo", "word") if chosen.get(name)])
    demo = link.demo or "word_drift"
    given = (link.parameters or {}) if link.demo else {"word": "bank"}
    query = experiment_link(demo, given) + (f"&theme={theme}" if theme else "")
    return _frame(f"{app}card{query}", find_demos()[demo].title, 640)


def embed_page(app: str, way: str | None, chosen: Mapping[str, str] | None = None, topics: Sequence[str] = ()) -> tuple[str, str]:
    """Title and body of /embed (the list) or of one way. Raises KeyError for a way that is not there."""
    if way is None:
        items = "".join(f'<li><a href="{escape(app)}embed/{name}">{each.title}</a>: {escape(each.about)}</li>'
                        for name, each in WAYS.items())
        return "Put it into a lesson", f"<h1>Put it into a lesson</h1><ul>{items}</ul>{COURSES}"
    about, chosen = WAYS[way], chosen or {}
    text = snippet(app, way, chosen)
    fields = "".join(_field(name, chosen.get(name, ""), topics) for name in about.choices)
    return about.title, (
        f'<p><a href="{escape(app)}embed">All ways</a></p><h1>{about.title}</h1><p>{escape(about.about)}</p>'
        f'<form class="experiment" method="get" action="{escape(app)}embed/{way}">{fields}<button>Make the text</button></form>'
        f'<label>Text to copy<textarea readonly rows="4" id="text">{escape(text)}</textarea></label>'
        f'<p><button type="button" id="copy">Copy</button> <span role="status" id="said"></span></p>{COPY}'
        f"<h2>How it looks</h2>{text}{COURSES}")


# Where the browser gives no clipboard (no https), the text is selected, to be copied by hand.
COPY = """<script>document.getElementById("copy").onclick = async () => {
  const text = document.getElementById("text"), said = document.getElementById("said");
  text.select();
  try { await navigator.clipboard.writeText(text.value); said.textContent = "Copied."; }
  catch { said.textContent = "Selected: copy it with Ctrl+C."; }
};</script>"""
LABELS = {"q": "Question that it answers on opening (may be empty)", "topic": "Topic", "theme": "Colours", "position": "Corner",
          "demo": "Experiment", "word": "Word (where the experiment takes one)"}
OPTIONS = {"theme": {"": "as the reader's device", "light": "light", "dark": "dark"}, "position": {"right": "right", "left": "left"}}


def _frame(address: str, title: str, height: int, more: str = "") -> str:
    plain = escape(title).replace("&#x27;", "'")  # between double quotes an apostrophe needs no disguise
    return (f'<iframe src="{escape(address)}" title="{plain}" width="100%" height="{height}" style="border:0"{more} '
            'loading="lazy"></iframe>')


def _field(name: str, value: str, topics: Sequence[str]) -> str:
    options = OPTIONS.get(name) or {"topic": {"": "all", **{topic: topic for topic in topics}},
                                    "demo": {demo.name: demo.title for demo in find_demos().values()}}.get(name)
    if options is None:
        return f'<label>{LABELS[name]}<input name="{name}" value="{escape(value)}" maxlength="{LONGEST}"></label>'
    value = value or ("word_drift" if name == "demo" else "")
    rows = "".join(f'<option value="{escape(key)}"{" selected" if key == value else ""}>{escape(label)}</option>'
                   for key, label in options.items())
    return f'<label>{LABELS[name]}<select name="{name}">{rows}</select></label>'
