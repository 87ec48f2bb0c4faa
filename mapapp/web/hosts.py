"""The address under which the service is reached, as far as it can be trusted. The client chooses the Host header
freely, so links, redirects and policies use it only if a trusted proxy or setting confirms it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from flask import request

from mapapp.core.config import LOOPBACK
from mapapp.web.request import config

FROM_PROXY = "mapapp.from_proxy"
"""Key in the WSGI environment: a configured proxy forwarded this request, so its host can be trusted."""

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def believed_origin() -> str | None:
    """Scheme and host of this request, without a slash at the end, if they can be trusted: they are those of
    ``MAPAPP_PUBLIC_URL``, of a configured proxy, or this machine's or a local network's by number (a demonstration
    without any setting). Otherwise None."""
    host = request.host
    if not _HOST.fullmatch(host):
        return None
    origin = f"{request.scheme}://{host}"
    public = config().public_url
    if public:
        return origin if urlsplit(public).netloc == host or _is_here(host) else None
    return origin if request.environ.get(FROM_PROXY) or _is_here(host) else None


def whole_address(path: str) -> str:
    """The full address of one of our paths, to type or scan: under ``MAPAPP_PUBLIC_URL``; without it, under the address
    of this request if it can be trusted, otherwise under the address of this machine (``mapapp check`` says so)."""
    return (config().public_url or believed_origin() or config().own_address()) + path


def _is_here(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name in LOOPBACK:
        return True
    try:
        number = ipaddress.ip_address(name)
    except ValueError:
        return False
    return number.is_private and not number.is_unspecified
