"""Three ways to put the bot into a lesson, each on a page of its own under /embed, with the text to copy."""

from html import escape

CARD = "card?demo=word_drift&word=bank"
COURSES = """<h2>Canvas, Moodle and other course systems</h2>
<p>Their editors remove scripts: use the frame there, in the editor's HTML view, or a plain link. In Moodle, allow the app's
address under “Allowed iframe sources” if your site restricts them. Canvas' mobile apps do not resize frames: the height in the
text above holds. A sandboxed frame needs at least <code>allow-scripts allow-same-origin allow-forms</code>; add
<code>allow-popups allow-downloads</code> for the sources' links and the downloads.</p>"""


def snippets(app: str) -> dict[str, tuple[str, str, str]]:
    """Way -> (title, what it is, the text to copy). `app`: the address of this app, ending in /."""
    return {
        "iframe": ("In a frame", "The whole chat inside a page. The height stays as it is written, and the page round it does "
                   "not scroll by itself.",
                   f'<iframe src="{app}?embed=1" title="Frozen or Tuned" width="100%" height="720" style="border:0" '
                   'allow="clipboard-write" loading="lazy"></iframe>'),
        "widget": ("As a bubble", "A button in the corner that opens the chat. Nothing is loaded before it is pressed; Escape closes it. "
                   "data-question asks at once, data-topic narrows the articles, data-theme is light or dark, data-position left or right.",
                   f'<script src="{app}widget.js" data-question="Which layers change most when I fine-tune?" data-theme="light" '
                   'data-position="right" async></script>'),
        "card": ("One experiment", "A single measurement with its caption, for a lesson that needs this one figure. Every parameter of the "
                 "experiment may stand in the address.",
                 f'<iframe src="{app}{CARD.replace("&", "&amp;")}" title="How far does a word move when the model is tuned?" width="100%" '
                 'height="640" style="border:0" loading="lazy"></iframe>'),
    }


def embed_page(app: str, way: str | None) -> tuple[str, str]:
    """Title and body of /embed (the list) or of one way. Raises KeyError for a way that is not there."""
    if way is None:
        items = "".join(f'<li><a href="{escape(app)}embed/{name}">{title}</a>: {escape(about)}</li>'
                        for name, (title, about, _) in snippets(app).items())
        return "Put it into a lesson", f"<h1>Put it into a lesson</h1><ul>{items}</ul>{COURSES}"
    title, about, text = snippets(app)[way]
    return title, (f'<p><a href="{escape(app)}embed">All ways</a></p><h1>{title}</h1><p>{escape(about)}</p>'
                   f'<label>Text to copy<textarea readonly rows="4" onclick="this.select()">{escape(text)}</textarea></label>'
                   f"<h2>How it looks</h2>{text}{COURSES}")
