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


def test_one_subscriber_counts_once(app: Flask) -> None:
    """A phone has 2⁶⁴ addresses of IPv6; a socket for both families writes those of IPv4 as IPv6."""
    for addresses in (
        ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2:1:2:3:4"],
        ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"],
    ):
        said = []
        for address in addresses:
            with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
                said.append(within_limit(addresses[0], "2 per minute"))
        assert said == [True, True, False]
    with app.test_request_context(environ_base={"REMOTE_ADDR": "::ffff:192.0.2.2"}):
        assert within_limit("192.0.2.1", "2 per minute"), "another one"
