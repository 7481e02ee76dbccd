"""The form under every experiment: what was understood, to be changed and run again.

A plain GET form, so that it works as a link without any script; the page's script sends it without a reload.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from bot.links import takes_list
from bot.words import ENGLISH, Words
from demos import find_demos
from demos.lab.checkpoints import BUNDLED, CHECKPOINTS
from demos.lab.hub_models import HUB_MODELS
from demos.lab.reproduce import OPTIONS

FAMILIES: dict[str, Mapping[str, Any]] = {"bundled": BUNDLED, "bert-base": HUB_MODELS}
NAMED = {"word", "sentences", "models", "layer", "seed"}  # parameters whose names are words of the interface; others are English
LONG, LINES = 200, 1000  # a text that may be longer than this gets room; lines that may come from a file


def form(demo: str, parameters: dict, action: str = "", says: Words = ENGLISH) -> str:
    """The form of one experiment, filled in with `parameters`; empty if it takes none."""
    about = find_demos()[demo]
    rows = FAMILIES.get(str(parameters.get("family")), CHECKPOINTS)
    fields = "".join(_field(name, schema, parameters.get(name, about.parameters[name]), rows, says)
                     for name, schema in about.schema.items())
    if not fields:
        return ""
    return (f'<form class="experiment" method="get" action="{escape(action)}"><input type="hidden" name="demo" value="{escape(demo)}">'
            f'{fields}<button type="submit">{says.html("run")}</button></form>')


def _field(name: str, schema: dict, value: object, rows: Mapping[str, Any], says: Words) -> str:
    named = says.html(f"field_{name}") if name in NAMED else escape(name.replace("_", " ").capitalize())
    label = named if name in NAMED else f'<span lang="en">{named}</span>'
    option = escape(OPTIONS.get(name, name))
    hint = f'<small lang="en">{escape(schema["description"])}</small>' if schema.get("description") else ""
    if name == "models":
        chosen = value if isinstance(value, list | tuple) else []
        boxes = "".join(
            f'<label class="choice"><input type="checkbox" name="model" value="{key}"{" checked" if key in chosen else ""}> '
            f'<span lang="en">{escape(row.name)}</span></label>' for key, row in rows.items() if row.base)
        return f"<fieldset><legend>{label} ({says.html('field_models_none')})</legend>{boxes}</fieldset>"
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    kind = kinds[0] if kinds else {}
    if choices := kind.get("enum"):
        choices = ["", *choices] if len(kinds) < len(schema.get("anyOf", kinds)) else choices  # or none of them
        options = "".join(f"<option{' selected' if choice == value else ''}>{escape(str(choice))}</option>" for choice in choices)
        return f'<label>{label}<select name="{option}">{options}</select>{hint}</label>'
    if takes_list(schema):
        text = "\n".join(str(item) for item in value) if isinstance(value, list | tuple) else ""
        return f'<label>{label}<textarea name="{option}" rows="3">{escape(text)}</textarea>{hint}</label>'
    shown = "" if value is None else escape(str(value))
    if kind.get("type") in ("integer", "number"):
        limits = "".join(f' {attribute}="{kind[key]}"' for attribute, key in (("min", "minimum"), ("max", "maximum"))
                         if key in kind and kind[key] < 1e6)
        step = "1" if kind["type"] == "integer" else "any"
        return f'<label>{label}<input type="number" step="{step}" name="{option}" value="{shown}"{limits}>{hint}</label>'
    if kind.get("type") == "string" and kind.get("maxLength", 0) > LONG:
        box = f'<label>{label}<textarea name="{option}" rows="5">{shown}</textarea>{hint}</label>'
        # Read in the browser, into the box above it: a file itself is never sent.
        file = f'<label class="from-file">{says.html("from_file")}<input type="file" accept=".csv,.tsv,.txt,text/plain,text/csv"></label>'
        return box + file * (kind["maxLength"] > LINES)
    return f'<label>{label}<input name="{option}" value="{shown}" maxlength="{kind.get("maxLength", LONG)}">{hint}</label>'
