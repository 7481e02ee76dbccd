"""README's examples for programs, run as they stand there against a running app. Tiny models."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot.loop import in_a_loop_of_its_own

ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:7860"


def example(language, number=0):
    """A fenced block of README's part for programs."""
    part = re.search(r"^## For programs\n(.*?)^## ", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)[1]
    return re.findall(rf"^```{language}\n(.*?)^```", part, re.DOTALL | re.MULTILINE)[number]


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python(served):
    assert ADDRESS in example("python")
    lines = run([sys.executable, "-c", example("python").replace(ADDRESS, served)]).splitlines()
    assert lines[0].startswith("answered ") and "“bank”" in lines[1] and len(lines) == 3


def test_javascript(served, tmp_path):
    """`NODE_MODULES`: a folder where `npm install` has put what tests/package.json names."""
    modules = Path(os.environ.get("NODE_MODULES", ROOT / "tests" / "node_modules"))
    if not shutil.which("node") or not (modules / "@gradio" / "client").is_dir():
        pytest.skip("node or @gradio/client is not installed")
    (tmp_path / "node_modules").symlink_to(modules.resolve())
    (tmp_path / "example.mjs").write_text(example("js").replace(ADDRESS, served), encoding="utf-8")
    lines = run(["node", "example.mjs"], cwd=tmp_path).splitlines()
    assert lines[0].startswith("answered ") and "“bank”" in lines[1]


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="curl is not installed")
def test_curl(served):
    out = run(["bash", "-c", example("bash").replace(ADDRESS, served)])
    assert "event: complete" in out
    data = json.loads(out.split("event: complete")[1].split("data: ")[1].splitlines()[0])
    assert data[0]["demo"] == "word_drift" and "“bank”" in data[0]["claim"]


def test_the_mcp_address(served):
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    address = json.loads(example("json"))["mcpServers"]["frozen-or-tuned"]["url"].replace(ADDRESS, served)

    async def greet():
        async with streamablehttp_client(address) as (read, write, _), ClientSession(read, write) as session:
            return (await session.initialize()).serverInfo.name

    assert in_a_loop_of_its_own(greet()) == "Frozen or Tuned"
