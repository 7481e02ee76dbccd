"""The house: imports run downwards only, files stay small, the README's tree is the disk's."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [path for folder in ("bot", "knowledge", "demos") for path in sorted((ROOT / folder).rglob("*.py"))] + [ROOT / "app.py"]
LINES = 250
PAGE = {"bot/chat.py", "bot/events.py", "bot/api.py", "bot/consent.py"}  # the page: what may know Gradio


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_run_downwards(path):
    place, found = path.relative_to(ROOT).as_posix(), list(imports(path))
    tops = {name.split(".")[0] for name in found}
    assert "gradio" not in tops or place in PAGE
    if place.startswith("knowledge/"):
        assert not tops & {"bot", "demos", "app", "gradio", "torch"}
    if place.startswith("demos/"):
        assert not tops & {"bot", "knowledge", "app"}
    if place.startswith("demos/lab/"):
        assert all(not name.startswith("demos") or name.startswith("demos.lab") for name in found)
    elif place.startswith("demos/") and not place.endswith("__.py"):
        assert all(not name.startswith("demos") or name.startswith("demos.lab") for name in found), "a demo imports a demo"
    assert "app" not in tops


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_small_and_say_what_they_are(path):
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "a module opens by saying what it is"
    assert text.count("\n") <= LINES or path.name in (ROOT / "LOG.md").read_text(), "past 250 lines: say why in LOG.md"


def test_no_pickle_and_no_remote_code():
    for path in FILES:
        text = path.read_text()
        code = re.sub(r'""".*?"""|allow_pickle=False', "", text, flags=re.DOTALL)
        assert not re.search(r"\b(\w*pickle|joblib|torch\.load)\b", code), path
        assert "trust_remote_code=True" not in text and not re.search(r"trust_remote_code\W+True", text)


def test_app_is_short():
    assert (ROOT / "app.py").read_text().count("\n") < 50


def test_readme_tree_is_the_disk():
    tree = re.search(r"## What is where\n+```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    stack, named = [], set()
    for line in tree.splitlines():
        if match := re.match(r"( *)([\w./-]+)", line):
            depth = len(match[1]) // 2
            stack[depth:] = [match[2].rstrip("/")]
            named.add("/".join(stack))
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing
    code = {path.relative_to(ROOT).as_posix() for path in FILES if path.name != "__init__.py"}
    assert code <= named, sorted(code - named)


def test_pins_agree():
    readme, pins = (ROOT / "README.md").read_text(), (ROOT / "requirements.txt").read_text()
    assert re.search(r"^sdk_version: (.*)$", readme, re.MULTILINE)[1] == re.search(r"^gradio\[mcp\]==(.*)$", pins, re.MULTILINE)[1]
    assert "torch>=2.8,<=2.13.0" in pins and "pydantic==2.12.5" in pins


def test_settings_table_in_readme_is_the_codes():
    from bot.settings import Settings, settings_table

    table = re.search(r"^## Settings\n\n(?:[^|\n].*\n+)*((?:\|.*\n)+)", (ROOT / "README.md").read_text(), re.MULTILINE)[1].strip()
    assert table == settings_table(), "put what `python -m bot settings` prints into README"
    assert all("|" not in (field.description or "|") for field in Settings.model_fields.values())


FRONT_MATTER = {"title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "short_description",
                "license", "disable_embedding", "tags", "models"}
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}  # all that a Space's card knows


def front_matter():
    import frontmatter

    return frontmatter.loads((ROOT / "README.md").read_text()).metadata


def test_front_matter_is_what_a_space_accepts():
    from demos.lab.hub_models import HUB_MODELS

    front = front_matter()
    assert set(front) >= FRONT_MATTER
    assert len(front["short_description"]) <= 60, "a longer one is refused at the push"
    assert front["sdk"] == "gradio" and str(front["sdk_version"]) == front["sdk_version"], "a string, or 6.30 becomes 6.3"
    assert (ROOT / front["app_file"]).is_file() and front["disable_embedding"] is False
    assert {front["colorFrom"], front["colorTo"]} <= COLOURS
    assert re.fullmatch(r"3\.1[12]\.\d+", front["python_version"]), "a whole version, as ZeroGPU wants it"
    assert len(front["emoji"].rstrip("\ufe0f")) == 1 and all(re.fullmatch(r"[a-z0-9-]+", tag) for tag in front["tags"])
    assert front["models"] == [row.repo for row in HUB_MODELS.values()], "the models that the app can take from the Hub"


def test_what_is_preloaded_is_pinned():
    """A Space would fetch `main` of an unpinned row at build, and the app another commit at run time."""
    for row in front_matter().get("preload_from_hub", ()):
        assert re.fullmatch(r"\S+/\S+ \S+ [0-9a-f]{40}", row), row


def test_nothing_of_a_machine_is_in_the_repository():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, files):
        path = ROOT / name
        if path.is_file() and name != "tests/test_architecture.py":
            assert not re.search(rb"/(work|root|home)/\w", path.read_bytes()), name
