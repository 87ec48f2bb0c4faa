"""Rate limits: by address, and never in the way when their store is lost."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from limits.storage.memory import Entry

from mapapp.web import limits
from mapapp.web.limits import within_limit


def test_an_address_has_its_share(app: Flask) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        assert [within_limit("x", "2 per minute") for _ in range(4)] == [True, True, False, False]
        assert within_limit("y", "2 per minute")
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.2"}):
        assert within_limit("x", "2 per minute")


def test_counting_starts_no_thread_and_old_counts_are_forgotten(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library would start a thread after nearly every count, in the way of the requests."""
    monkeypatch.setattr(limits, "FORGETS_S", 0)
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.3"}):
        storage = app.extensions["mapapp_limits"].storage
        assert within_limit("x", "1 per second")
        monkeypatch.setattr(storage, "_forgets_next", time.monotonic() + 1000)
        storage.timer.join(10)
        kept = storage.timer
        for _ in range(20):
            within_limit("x", "1 per second")
        assert storage.timer is kept, "no thread for a count"
        for key in storage.events:
            storage.events[key] = [Entry(-1)]
        monkeypatch.setattr(storage, "_forgets_next", 0.0)
        within_limit("y", "1 per second")
        storage.timer.join(10)
        assert [key for key, uses in storage.events.items() if uses] == [key for key in storage.events if "y" in key]


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
