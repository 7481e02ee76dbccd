"""Puts page/early.js into the page before Gradio's own scripts: they must find the reader's language when they start.

Gradio adds what launch() calls the head only after it has started.
"""

from typing import Any

from bot.server import PAGE
from bot.words import for_browser


class Early:
    """An ASGI app round another; it changes the front page and nothing else."""

    def __init__(self, app: Any) -> None:
        self.app = app
        script = (PAGE / "early.js").read_text(encoding="utf-8").replace("/* the words */", for_browser())
        self.script = f"<head><script>{script}</script>".encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request; the front page is collected and sent as one piece."""
        home = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].rstrip("/") == scope.get("root_path", "").rstrip("/")
        if not home:
            await self.app(scope, receive, send)
            return
        start, body = {}, b""

        async def collect(message: Any) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                page = body.replace(b"<head>", self.script, 1)
                headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
                await send({**start, "headers": [*headers, (b"content-length", str(len(page)).encode())]})
                await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, collect)
