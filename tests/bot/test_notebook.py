"""What a notebook shows: README's lines executed by a real kernel, and what stands in the HTML."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from demos import DemoError

ROOT = Path(__file__).parents[2]


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found, self.links = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append(tag)
        self.links += [value for name, value in attributes if name in ("href", "src", "action")]


def readme_lines():
    return re.search(r"^## In a notebook\n.*?^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"),
                     re.DOTALL | re.MULTILINE)[1]


def test_readme_lines_in_a_real_notebook(index):
    """The models may be missing here: the words and the experiment on the base alone show."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    assert len(readme_lines().strip().splitlines()) == 3
    cells = [new_code_cell(readme_lines()), new_code_cell('tutor.measure("static_or_contextual", word="bank")')]
    notebook = new_notebook(cells=cells)
    NotebookClient(notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    asked, measured = (cell.outputs[-1].data for cell in cells)
    assert "vector" in asked["text/html"] and 'class="sources"' in asked["text/html"] and "[1]" in asked["text/markdown"]
    assert "<svg" in measured["text/html"] and "**Compared with.**" in measured["text/markdown"]


def test_an_answer_shows_cards_without_what_needs_the_app(tutor):
    shown = tutor.ask("How far does “bank” move when the model is tuned?")
    html = shown._repr_html_()
    tags = Tags(html)
    assert shown.evidence and html.count('class="card"') == len(shown.evidence) and "<svg" in html
    assert not {"form", "script", "iframe"} & set(tags.found)
    assert all(link.startswith(("https://", "http://", "data:")) for link in tags.links), "nothing leads into the notebook's own address"
    assert "tutor.measure(&#x27;word_drift&#x27;, word=&#x27;bank&#x27;" in html
    assert shown.to_dict()["status"] == "answered" and repr(shown) == shown._repr_markdown_()
    assert "**Measured just now** [E1]" in repr(shown)


def test_the_call_in_a_card_gives_the_same_again(tutor):
    first = tutor.measure("word_drift", word="spring", layer=1)
    call = re.search(r"<pre><code>(tutor\.measure.*?)</code></pre>", first._repr_html_())[1].replace("&#x27;", "'").replace("&quot;", '"')
    assert eval(call, {"tutor": tutor}).to_dict()["table"] == first.to_dict()["table"]


def test_readers_words_are_escaped(tutor):
    asked = tutor.ask("<script>alert(1)</script> By default, BERT is a <b>fine-tuning</b> model. $5 and $6?", evidence=False)
    assert "script" not in Tags(asked._repr_html_()).found and "mathjax_ignore" in asked._repr_html_()
    measured = tutor.measure("word_drift", word="bank", sentences=["A <img src=x onerror=alert(1)> bank."])
    assert "img" not in Tags(measured._repr_html_()).found


def test_what_cannot_run_says_why(tutor):
    with pytest.raises(DemoError, match="There is no experiment “nope”"):
        tutor.measure("nope")
    assert "will not guess" in repr(tutor.ask("how do I prepare pizza?"))
