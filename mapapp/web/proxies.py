"""Forwarded addresses are accepted only from configured proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from mapapp.core import addresses
from mapapp.core.config import Config
from mapapp.web.hosts import FROM_PROXY

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def init(app: Flask, config: Config) -> None:
    """Wraps the application so that X-Forwarded-For, -Proto and -Host count only from the configured networks."""
    if not config.trusted_proxies:
        return
    networks = [ipaddress.ip_network(part, strict=False) for part in config.trusted_proxies]
    direct: Wsgi = app.wsgi_app
    forwarded: Wsgi = ProxyFix(direct, x_for=1, x_proto=1, x_host=1)

    def choose(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            peer = addresses.parsed(environ.get("REMOTE_ADDR", ""))
        except ValueError:
            return direct(environ, start_response)
        if not any(peer in network for network in networks):
            return direct(environ, start_response)
        environ[FROM_PROXY] = True
        return forwarded(environ, start_response)

    app.wsgi_app = choose  # type: ignore[method-assign]
