"""Cached answers: the same bytes until the data changes, then new ones, and 304 where the browser has them."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database
from mapapp.web.cache import Cache, Kept, cached


def _counting(app: Flask) -> Callable[[], int]:
    made = {"times": 0}

    @app.get("/api/counted")
    @cached("areas", max_age=30)
    def counted() -> Response:
        made["times"] += 1
        return Response(f'{{"times": {made["times"]}}}' + " " * 2000, mimetype="application/json")

    return lambda: made["times"]


def test_made_once_until_the_data_changes(app: Flask, factory: sessionmaker[Session]) -> None:
    times = _counting(app)
    client = app.test_client()
    first = client.get("/api/counted")
    assert client.get("/api/counted").data == first.data
    assert times() == 1
    assert first.headers["Cache-Control"] == "public, max-age=30"
    assert client.get("/api/counted", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304

    with factory() as session:
        database.mark_changed(session, "facilities")
        session.commit()
    client.get("/api/counted")
    assert times() == 1, "other data is no reason to make it anew"

    with factory() as session:
        database.mark_changed(session, "areas")
        session.commit()
    second = client.get("/api/counted", headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, times()) == (200, 2)


def test_an_undone_change_counts_for_nothing(app: Flask, factory: sessionmaker[Session]) -> None:
    with factory() as session:
        before = database.data_versions(session)
        database.mark_changed(session, "areas")
        session.rollback()
        session.commit()
        assert database.data_versions(session) == before


@pytest.mark.parametrize(
    ("takes", "sent", "unpack"),
    [("gzip", "gzip", gzip.decompress), ("br;q=0, gzip", "gzip", gzip.decompress),
     ("gzip, deflate, br, zstd", "br", brotli.decompress)],
)  # fmt: skip
def test_packed_as_the_browser_takes_it(app: Flask, takes: str, sent: str, unpack: Callable[[bytes], bytes]) -> None:
    @app.get("/api/same")
    @cached("areas")
    def same() -> Response:
        return Response('{"same": 1}' + " " * 2000, mimetype="application/json")

    client = app.test_client()
    for _ in range(2):  # made, then kept
        packed = client.get("/api/same", headers={"Accept-Encoding": takes})
        plain = client.get("/api/same")
        assert packed.headers["Content-Encoding"] == sent
        assert unpack(packed.data) == plain.data
        assert packed.headers["ETag"] == plain.headers["ETag"]
        assert "Accept-Encoding" in packed.headers["Vary"]


def test_other_parameters_and_languages_are_other_answers(app: Flask) -> None:
    times = _counting(app)
    client = app.test_client()
    for address in ("/api/counted", "/api/counted?a=1", "/api/counted?lang=en", "/api/counted"):
        client.get(address)
    assert times() == 3


def test_it_stays_within_its_bytes(factory: sessionmaker[Session]) -> None:
    cache = Cache(10_000, factory)
    for number in range(50):
        cache.put(number, Kept(packed=b"x" * 2000, encoding="gzip", etag="e", content_type="t", headers=()))
    kept = [number for number in range(50) if cache.get(number)]
    assert kept == [46, 47, 48, 49], "the least recently used go first"
    cache.put("large", Kept(packed=b"x" * 20_000, encoding="gzip", etag="e", content_type="t", headers=()))
    assert cache.get("large") is None


def test_a_parameter_that_an_answer_is_not_made_from_makes_no_other_answer(app: Flask) -> None:
    made = {"times": 0}

    @app.get("/api/taking")
    @cached("areas", takes=("a",))
    def taking() -> Response:
        made["times"] += 1
        return Response("x")

    client = app.test_client()
    for address in ("?a=1", "?a=1&b=2", "?b=3&a=1", "?a=1&lang=nonsense", f"?a=1&lang={'x' * 4000}"):
        client.get("/api/taking" + address)
    assert made["times"] == 1
    client.get("/api/taking?a=2")
    assert made["times"] == 2


def test_a_kept_page_carries_nothing_of_its_first_visitor(client: FlaskClient) -> None:
    assert "a-friend" not in client.get("/about/data?from=a-friend").text
    assert "a-friend" not in client.get("/about/data").text


def test_an_endless_address_is_counted(factory: sessionmaker[Session]) -> None:
    short = Kept(packed=b"x", encoding="gzip", etag="e", content_type="t", headers=())
    long = Kept(packed=b"x", encoding="gzip", etag="e", content_type="t", headers=(), key_length=8000)
    assert long.size >= short.size + 8000


def test_gzip_that_is_refused_is_not_sent(app: Flask) -> None:
    _counting(app)
    refused = app.test_client().get("/api/counted", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers
