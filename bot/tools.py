"""The tools that assistant programs see over MCP: three of the endpoints, with answers that are JSON and short enough to read.

Gradio serves them and calls the endpoints through its queue, so that they wait their turn like a reader's questions do.
"""

import json
from typing import Any

TOOLS = ("ask", "experiment", "list_experiments")


def offer(window: Any) -> None:
    """Narrow a served window's MCP server to TOOLS, and write results as JSON (Gradio writes Python's repr of a dictionary)."""
    from mcp.types import TextContent  # only where MCP is served

    server = window.mcp_server_obj
    server.tool_to_endpoint = {tool: endpoint for tool, endpoint in server.tool_to_endpoint.items() if endpoint.strip("/") in TOOLS}
    server.postprocess_output_data = lambda outputs, root: [
        TextContent(type="text", text=json.dumps(for_reading(output, root), ensure_ascii=False)) for output in outputs]


def for_reading(output: Any, root: str) -> Any:
    """The result without drawings, whose numbers and words it holds anyway; links lead to this app, where a person can see them."""
    if isinstance(output, list):
        return [for_reading(item, root) for item in output]
    if isinstance(output, dict):
        kept = {key: for_reading(value, root) for key, value in output.items() if key != "svg"}
        if isinstance(kept.get("link"), str) and kept["link"].startswith("?"):
            kept["link"] = f"{root.rstrip('/')}/{kept['link']}"
        return kept
    return output
