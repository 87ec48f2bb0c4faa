"""No link changes the language by itself: every page, in one process, in Thai, in English and in Thai again.

Jinja works out a filter on a literal when it compiles a template. A filter that looks at the request then speaks for
everybody in the language of the first visitor, so the order of visits matters, and both orders are tried.
"""

from __future__ import annotations

import inspect
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.coverage import service as coverage
from tests.architecture.matrix import ACTORS, LINK, MATRIX, Row, visitor_of, with_keys
from tests.architecture.things import Things, make_things
from tests.data import small_country

VISITORS = ["resident with the right link", "ministry", "lease holder", "unvetted volunteer", "without second factor"]
"""Between them they are let into every page."""

GETS = sorted(
    (row for (_endpoint, method), row in MATRIX.items() if method == "GET" and not row.address.startswith("/api/v1/h")),
    key=lambda row: row.address,
)


class Links(HTMLParser):
    """Where a page leads: addresses of ours in links and forms, without the switch of the language itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.language = ""
        self.followed: list[str] = []
        self.sent: list[str] = []
        self.asked: list[str] = []
        """Forms that ask (GET): their fields replace the query of their address."""
        self.fields: dict[str, set[str]] = {}
        self._form = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        elif tag == "a" and "hreflang" not in given and given.get("href", "").startswith(("/", "?")):
            self.followed.append(given["href"])
        elif tag == "form":
            self._form = given.get("action", "")
            if given.get("method", "get").lower() == "get":
                self.asked.append(self._form)
                self.fields.setdefault(self._form, set())
            elif self._form:
                self.sent.append(self._form)
        elif tag == "input" and given.get("name") == "lang":
            self.fields.setdefault(self._form, set()).add(given.get("value", ""))


def _speaks(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("lang", ["th"])[0]


def _is_page(address: str) -> bool:
    """Not data, which speaks the language it is asked in, nor a file."""
    path = urlsplit(address).path
    return not path.startswith(("/api/v1/", "/static/", "/tiles/")) or path.startswith("/api/v1/docs")


def _wrong(page: Links, lang: str) -> list[str]:
    wrong = [f"the page says it is in “{page.language}”"] if page.language != lang else []
    wrong += [link for link in (*page.followed, *page.sent) if _is_page(link) and _speaks(link) != lang]
    for form in page.asked:
        kept = page.fields[form] == {lang} if lang != "th" else not page.fields[form]
        if not kept:
            wrong.append(f"the form that asks {form or 'its own page'} keeps {sorted(page.fields[form])}")
    return wrong


def _in(address: str, lang: str) -> str:
    if lang == "th":
        return address
    return f"{address}{'&' if '?' in address else '?'}lang={lang}"


@pytest.fixture
def things(session: Session) -> Things:
    small_country(session)
    coverage.refresh_all(session)
    return make_things(session)


def _clients(app: Flask, session: Session, things: Things) -> dict[str, FlaskClient]:
    made = {}
    for name in VISITORS:
        visitor, _headers = visitor_of(app, session, ACTORS[name], things)
        made[name] = visitor.client if visitor is not None else app.test_client()
        with_keys(made[name], things)
    return made


def _address(row: Row, things: Things, visitor: str) -> str:
    things.values["page"] = things.values[ACTORS[visitor].page if row.action == LINK else "right_page"]
    return things.filled(row.address)


@pytest.mark.parametrize("order", [("th", "en"), ("en", "th")], ids="-".join)
def test_every_page_keeps_its_language_whoever_came_first(
    app: Flask, session: Session, things: Things, order: tuple[str, ...]
) -> None:
    clients = _clients(app, session, things)
    session.commit()
    wrong, pages, links = [], set(), {"th": set[tuple[str, str]](), "en": set[tuple[str, str]]()}
    for lang in order:
        for row in GETS:
            for name, client in clients.items():
                address = _in(_address(row, things, name), lang)
                answer = client.get(address)
                if answer.status_code != 200 or answer.mimetype != "text/html":
                    continue
                if "<html" not in answer.text:
                    continue
                pages.add(row.address)
                page = Links(answer.text)
                wrong += [f"{address} ({name}): {said}" for said in _wrong(page, lang)]
                links[lang] |= {(name, link) for link in page.followed if _is_page(link)}
    assert len(pages) > 50
    assert not wrong, "\n".join(sorted(set(wrong)))
    # Where links lead does not hang on who came first: once is enough.
    for name, link in sorted(links[order[1]]):
        if link.startswith("/"):
            _follow(clients[name], link, order[1])


def _follow(client: FlaskClient, link: str, lang: str) -> None:
    answer = client.get(link)
    assert answer.status_code < 500, link
    if answer.status_code == 200 and answer.mimetype == "text/html" and "<html" in answer.text:
        assert Links(answer.text).language == lang, link
    if answer.status_code == 303:
        assert _speaks(answer.location) == lang, f"{link} leads to {answer.location}"


def test_no_filter_of_ours_is_worked_out_before_somebody_asks(app: Flask) -> None:
    ours = {
        name: made
        for name, made in app.jinja_env.filters.items()
        if (getattr(inspect.unwrap(made), "__module__", None) or "").startswith("mapapp")
    }
    assert len(ours) >= 15
    early = [name for name, made in ours.items() if getattr(made, "jinja_pass_arg", None) is None]
    assert not early, "register these with mapapp.web.i18n.per_request"
