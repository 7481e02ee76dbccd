"""Tells callers apart for a limit of attempts: kept in memory for minutes, never written."""

import ipaddress
import os

from starlette.requests import Request


def caller(request: Request) -> str:
    """The caller's network address. On a Space the proxy is the peer, and it writes the address last in x-forwarded-for (what
    stands before that, the caller may have written); of an IPv6 address the network counts, since a caller has all of it."""
    address = request.client.host if request.client else ""
    if os.environ.get("SPACE_ID"):
        address = request.headers.get("x-forwarded-for", address).rsplit(",", 1)[-1].strip()
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)
