"""What stands round the whole server: the headers of every response, and who may reach the tools over MCP. Plain ASGI.

Gradio's own middleware answers some requests before ours would see them (a preflight, a fault), so this is put round the app as
it is served: see `around`.
"""

import ipaddress
import os
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from bot.settings import Settings

MCP = "/gradio_api/mcp"
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """An ASGI app round another. `names`: hosts by which programs may reach MCP, besides addresses in digits."""

    def __init__(self, app: Any, frame_ancestors: str = "*", names: Collection[str] = OWN_NAMES) -> None:
        self.app, self.names = app, frozenset(names)
        self.headers = [(b"content-security-policy", f"frame-ancestors {frame_ancestors}".encode()),
                        (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request; what is not HTTP passes as it is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self.headers]}
            await send(message)

        if scope["path"].startswith(MCP) and (reason := refusal(Headers(scope=scope), self.names)):
            await JSONResponse({"error": reason}, status_code=403)(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)


def refusal(headers: Headers, names: Collection[str]) -> str:
    """Why a request may not reach the tools; empty if it may.

    A page of another site, open in the reader's browser, must not drive the tools of an app on the reader's machine: neither
    openly (Origin) nor under a name of its own that it lets point at this machine (Host; DNS rebinding). Programs send no
    Origin, and an address in digits cannot be pointed elsewhere.
    """
    host = headers.get("host", "")
    if not _known(_hostname("//" + host), names):
        return f"MCP does not answer to the name {host[:80]}; set EXPLAINER_PUBLIC_URL to the address by which programs reach this app."
    origin = headers.get("origin")
    if origin is None or origin in (f"http://{host}", f"https://{host}") or _hostname(origin) in names:
        return ""
    return f"MCP is for programs; a page from {origin[:80]} may not use it."


def names_of(settings: Settings) -> frozenset[str]:
    """The names of this server that are known from outside: its own, those of the settings, and a Space's."""
    names = {_hostname(settings.public_url), os.environ.get("SPACE_HOST", ""), settings.host} - {""}
    return OWN_NAMES | {name.lower() for name in names}


def around(window: Any, settings: Settings) -> None:
    """Put the guard round a window's app that is already served."""
    window.app.middleware_stack = Guard(window.app.middleware_stack, settings.frame_ancestors, names_of(settings))


def _known(name: str, names: Collection[str]) -> bool:
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return name in names


def _hostname(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:  # no address at all
        return ""
