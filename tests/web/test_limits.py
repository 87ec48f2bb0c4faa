"""Rate limits: by address, and never in the way when their store is lost."""

from __future__ import annotations

import pytest
from flask import Flask

from mapapp.web.limits import within_limit


def test_an_address_has_its_share(app: Flask) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        assert [within_limit("x", "2 per minute") for _ in range(4)] == [True, True, False, False]
        assert within_limit("y", "2 per minute")
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.2"}):
        assert within_limit("x", "2 per minute")


def test_a_lost_store_stops_nobody(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class StoreError(Exception):
        """Clients of stores have errors of their own, which are no OSError."""

    def hit(*_args: object) -> bool:
        raise StoreError

    monkeypatch.setattr(app.extensions["mapapp_limits"], "hit", hit)
    with app.test_request_context("/"):
        assert within_limit("x", "1 per minute")
