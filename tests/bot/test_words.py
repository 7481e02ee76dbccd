"""The interface's own words: every language has every key, with the same places; who gets which language."""

import re
from string import Formatter

import pytest

from bot.words import IN_THE_BROWSER, LANGUAGES, choose, for_browser, words


def places(text):
    return {name for _, name, *_ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_key_with_the_same_places(language):
    here, english = words(language).texts, words("en").texts
    assert set(here) == set(english)
    assert {key: places(here[key]) for key in english} == {key: places(english[key]) for key in english}
    assert all(isinstance(text, str) and text.strip() for text in here.values())
    untranslated = [key for key in english if language != "en" and len(english[key]) > 25 and here[key] == english[key]]
    assert not untranslated


def test_every_key_is_used_and_every_used_key_is_there():
    from bot.words import FOLDER

    bot = FOLDER.parents[1]
    code = "".join(path.read_text(encoding="utf-8") for path in [*bot.glob("*.py"), *bot.glob("page/*.js")])
    unused = [key for key in words("en").texts if not re.search(rf"""["'`]{key}["'`]""", code)
              and not re.match(r"(topic|field|column)_|name$", key)]
    assert not unused
    used = re.findall(r"""says(?:\.html)?\(["']([a-z_]+)["']""", code)
    assert used and set(used) <= set(words("en").texts) and set(IN_THE_BROWSER) <= set(words("en").texts)


@pytest.mark.parametrize(("asked", "accepted", "language"), [
    ("", "de-AT,de;q=0.9,en;q=0.5", "de"), ("", "it,fr;q=0.8,en;q=0.9", "en"), ("es", "de", "es"), ("zh-TW", "", "zh"),
    ("klingon", "fr-CA", "fr"), ("", "", "en"), ("", "q=;;,,;q=9,*" + "x" * 9000, "en"), ("<b>", "tlh", "en")])
def test_the_links_language_then_the_browsers_then_english(asked, accepted, language):
    assert choose(asked, accepted).language == language


def test_words_are_escaped_where_html_is_made():
    assert words("de").html("run_title", title="<b>&") == "Ausführen: &lt;b&gt;&amp;"
    assert "<" not in for_browser()
