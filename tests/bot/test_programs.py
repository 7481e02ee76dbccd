"""What programs meet: the endpoints' schema, MCP through its own client, and the headers of every response. Tiny models."""

import asyncio
import json

import httpx
import pytest

from bot.guard import OWN_NAMES, Guard, names_of, refusal
from bot.settings import Settings
from tests.bot.loop import in_a_loop_of_its_own

ENDPOINTS = {"/ask", "/experiment", "/list_experiments", "/models"}
TOOLS = {"ask", "experiment", "list_experiments"}


def calls(url, *wanted):
    """The results of tool calls (name, arguments), and first the list of tools, through the MCP client."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk():
        async with streamablehttp_client(url + "/gradio_api/mcp/") as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            return (await session.list_tools()).tools, [await session.call_tool(name, arguments) for name, arguments in wanted]

    return in_a_loop_of_its_own(talk())


def test_mcp_offers_three_tools_that_say_what_they_take(served):
    tools, _ = calls(served)
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert "Parameters:" not in tool.description and len(tool.description) > 60
        assert all(field["description"] for field in tool.inputSchema["properties"].values()), tool.name
    listed = httpx.get(served + "/gradio_api/mcp/schema").json()
    assert {tool["name"] for tool in listed} == TOOLS


def test_mcp_calls_each_tool(served):
    question = {"question": "Is BERT a fine-tuning model?", "evidence": False}
    _, (listed, asked, measured) = calls(served, ("list_experiments", {}), ("ask", question),
                                         ("experiment", {"name": "word_drift", "word": "bank", "layer": 1}))
    assert not listed.isError and "word_drift" in {row["name"] for row in json.loads(listed.content[0].text)}
    answer = json.loads(asked.content[0].text)
    assert answer["status"] == "answered" and answer["sources"] and answer["evidence"] == []
    drift = json.loads(measured.content[0].text)
    assert drift["demo"] == "word_drift" and drift["baseline"] and drift["caveat"]
    assert set(drift["figure"]) == {"alt"}, "words, no drawing"
    assert drift["link"].startswith(served + "/?demo=word_drift&word=bank")


@pytest.mark.parametrize(("name", "arguments", "says"), [
    ("experiment", {"name": "nope"}, "There is no experiment “nope”"),
    ("experiment", {}, "'name' is a required property"),
    ("experiment", {"name": "word_drift", "word": 5}, "5 is not valid"),
    ("experiment", {"name": "word_drift", "layer": 99}, "There is no layer 99"),
    ("experiment", {"name": "word_drift", "parameters": {"colour": "red"}}, "has no parameter “colour”"),
    ("experiment", {"name": "word_drift", "sentences": ["No such word."]}, "is not in the sentence"),
    ("ask", {"question": "x", "nonsense": 1}, "nonsense"),
    ("models", {}, "Unknown tool"),
    ("respond", {}, "Unknown tool"),
])
def test_mcp_says_what_is_wrong(served, name, arguments, says):
    _, (result,) = calls(served, (name, arguments))
    assert result.isError and says in result.content[0].text and "Traceback" not in result.content[0].text


def test_mcp_waits_its_turn(served, tutor):
    """A tool call stands behind the experiment that is running, as a reader's does."""
    async def both():
        from mcp import ClientSession
        from mcp.client.streamable_http import streamablehttp_client

        async with streamablehttp_client(served + "/gradio_api/mcp/") as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            call = asyncio.create_task(session.call_tool("experiment", {"name": "word_drift", "word": "spring"}))
            await asyncio.sleep(1)
            waited = not call.done()
            tutor.runs._turn.release()
            return waited, await call

    assert tutor.runs._turn.acquire(timeout=30)
    waited, result = in_a_loop_of_its_own(both())
    assert waited and not result.isError


LIST = {"json": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}}


@pytest.mark.parametrize(("headers", "status"), [
    ({}, 200), ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Host": "evil.example"}, 403),
    ({"Host": "evil.example", "Origin": "http://evil.example"}, 403), ({"Host": ""}, 403), ({"Origin": "http://[broken"}, 403)])
def test_mcp_refuses_pages_of_other_sites_and_names_that_are_not_ours(served, headers, status):
    reply = httpx.post(served + "/gradio_api/mcp/", headers={"Accept": "application/json, text/event-stream", **headers}, **LIST)
    assert reply.status_code == status and (status == 200 or len(reply.json()["error"]) < 200)


def test_the_names_of_a_server(monkeypatch):
    monkeypatch.setenv("SPACE_HOST", "me-frozen.hf.space")
    names = names_of(Settings(public_url="https://Bot.example.edu/nlp", host="lab7"))
    assert names == OWN_NAMES | {"bot.example.edu", "me-frozen.hf.space", "lab7"}
    assert refusal({"host": "bot.example.edu", "origin": "https://bot.example.edu"}, names) == ""
    assert refusal({"host": "192.168.1.7:7860"}, OWN_NAMES) == "" and refusal({"host": "[::1]:7860"}, OWN_NAMES) == ""
    assert "EXPLAINER_PUBLIC_URL" in refusal({"host": "x.example"}, OWN_NAMES)


def test_the_schema_names_every_endpoint_and_no_handler_of_the_page(served):
    named = httpx.get(served + "/gradio_api/info").json()["named_endpoints"]
    assert set(named) == ENDPOINTS
    kinds = {part["parameter_name"]: part["type"] for part in named["/experiment"]["parameters"]}
    assert kinds["name"] == {"type": "string"} and {"type": "integer"} in kinds["layer"]["oneOf"]
    assert [part["parameter_name"] for part in named["/ask"]["parameters"]] == [
        "question", "history", "evidence", "wait", "topic", "keep"]
    assert named["/ask"]["description"].startswith("Answer a question")
    openapi = httpx.get(served + "/gradio_api/openapi.json").json()
    assert any("/ask" in path for path in openapi["paths"]) and not any("respond" in path for path in openapi["paths"])


PLACES = ("/", "/embed", "/card", "/widget.js", "/healthz", "/readyz", "/theme.css", "/static/fonts/nothing.woff2", "/assets/nothing.js",
          "/nothing", "/gradio_api/info", "/gradio_api/call/nothing", "/gradio_api/file=/etc/passwd", "/gradio_api/mcp/schema")


@pytest.mark.parametrize("place", PLACES)
def test_headers_stand_on_every_response(served, place):
    for reply in (httpx.get(served + place), httpx.post(served + place, json={}), httpx.options(served + place, headers={
            "Origin": "http://other.example", "Access-Control-Request-Method": "POST"})):
        assert reply.headers.get_list("content-security-policy") == ["frame-ancestors *"], (place, reply.status_code)
        assert reply.headers["x-content-type-options"] == "nosniff" and reply.headers["referrer-policy"] == "no-referrer"


def test_headers_follow_the_setting_and_stand_on_a_fault():
    from starlette.applications import Starlette
    from starlette.routing import Route
    from starlette.testclient import TestClient

    def fails(request):
        raise RuntimeError

    app = Guard(Starlette(routes=[Route("/fails", fails)]), "'self' https://course.example.edu")
    reply = TestClient(app, raise_server_exceptions=False).get("/fails")
    assert reply.status_code == 500
    assert reply.headers["content-security-policy"] == "frame-ancestors 'self' https://course.example.edu"
