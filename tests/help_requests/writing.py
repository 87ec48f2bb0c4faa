"""Everything that anybody can write about a request: the fields are found in the forms and bodies themselves, each is
filled with a word of its own, and the whole database is read for these words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args

from flask import Flask
from flask.testing import FlaskClient
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from sqlalchemy import Connection, text
from werkzeug.test import TestResponse

from mapapp.help_requests.asking.forms import AskForm
from mapapp.help_requests.asking.schemas import HelpRequestIn, NeedIn
from tests.people import Browser

_LETTERS = "bcdfghjklm"


def canaries() -> Iterator[str]:
    """Words that stand nowhere else, without digits: no check takes them for a number."""
    for number in itertools.count(100):
        yield "canary" + "".join(_LETTERS[int(digit)] for digit in str(number))


def free_fields(model: type[BaseModel]) -> set[str]:
    """The fields of a form or body that take any words. Those of the flat form of who asks are what ``HelpRequestIn``
    takes; everything else in it is read as something else or refused (``test_what_is_no_text_keeps_no_words``)."""
    if issubclass(model, AskForm):
        details = {name for name in model.model_fields if name.startswith("detail_")}
        return details | (free_fields(HelpRequestIn) & set(model.model_fields))
    return {name for name, info in model.model_fields.items() if _takes_words(info)} - {"consent"}


def _takes_words(info: FieldInfo) -> bool:
    if any(isinstance(part, type) and issubclass(part, BaseModel) for part in (info.annotation, *_parts(info))):
        return False  # its own fields are looked at
    kind: Any = info.annotation
    for one in reversed(info.metadata):
        kind = Annotated[kind, one]
    try:
        return "canarywords" in str(TypeAdapter(kind).validate_python("canarywords"))
    except ValidationError:
        return False


def _parts(info: FieldInfo) -> Iterator[Any]:
    waiting = [info.annotation]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(get_args(one))


def database(connection: Connection) -> str:
    """All that stands in every table of the database, as text; bytes as they are and as hexadecimal."""
    columns = connection.execute(
        text(
            "SELECT quote_ident(c.table_schema) || '.' || quote_ident(c.table_name) AS name,"
            " quote_ident(c.column_name) AS col, c.udt_name AS kind"
            " FROM information_schema.columns AS c"
            " JOIN information_schema.tables AS t USING (table_schema, table_name)"
            " WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')"
            " AND c.table_name <> 'spatial_ref_sys'"
        )
    ).all()
    tables: dict[str, list[str]] = {}
    for row in columns:
        told = f"{row.col}::text"
        if row.kind in ("geography", "geometry"):
            told = f"ST_AsText({row.col})"
        elif row.kind == "bytea":
            told = f"encode({row.col}, 'escape') || ' ' || encode({row.col}, 'hex')"
        tables.setdefault(row.name, []).append(told)
    assert {"public.help_events", "public.audit_log", "public.help_leases", "public.written_texts"} <= tables.keys()
    kept: list[str] = []
    for name, parts in tables.items():
        rows = connection.exec_driver_sql(f"SELECT concat_ws(' ', {', '.join(parts)}) FROM {name}")
        kept += [row[0] for row in rows]
    return "\n".join(kept)


def stands_in(word: str, kept: str) -> bool:
    """Whether a word stands in the database, as text or as bytes."""
    return word in kept or word.encode().hex() in kept


@dataclass
class Step:
    """Something that is sent: by whom, where, in which form or body, and what is not words in it."""

    who: str
    address: str
    model: type[BaseModel]
    sent: dict[str, Any] = field(default_factory=dict)
    words: bool = True
    """Its free fields are filled; False: a step on the way."""

    @property
    def is_api(self) -> bool:
        return self.address.startswith("/api/")


@dataclass
class Writers:
    """Those who write, each in their browser or with their token."""

    app: Flask
    browsers: dict[str, Browser]
    token: dict[str, str]
    words: Iterator[str] = field(default_factory=canaries)
    planted: dict[str, tuple[type[BaseModel], str]] = field(default_factory=dict)
    """Word → the form and the field it was written into."""
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.resident: FlaskClient = self.app.test_client()
        """The browser of who asks: it has the key to their page."""

    def send(self, step: Step) -> tuple[TestResponse, set[str]]:
        """Sends a step with a word of its own in each free field; answers which words these are."""
        body = {name: self._filled(value) for name, value in step.sent.items()}
        used = set()
        if step.words:
            for model, name, where in self._free(step, body):
                word = next(self.words)
                self.planted[word] = (model, name)
                where[name] = word
                used.add(word)
        address = step.address.format(**self.values)
        if step.is_api:
            return self.app.test_client().post(address, json=body, headers=self.token), used
        visitor: Browser | FlaskClient = self.browsers.get(step.who) or self.resident
        return visitor.post(address, data=body), used

    def _free(self, step: Step, body: dict[str, Any]) -> Iterator[tuple[type[BaseModel], str, dict[str, Any]]]:
        for name in sorted(free_fields(step.model) - body.keys()):
            yield step.model, name, body
        inner = body.get("request", body)
        if "request" in body:
            for name in sorted(free_fields(HelpRequestIn) - inner.keys()):
                yield HelpRequestIn, name, inner
        if step.is_api:
            for need in inner.get("needs") or []:
                if isinstance(need, dict):
                    yield NeedIn, "detail", need

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
            return self.values[value[1:-1]]
        if isinstance(value, dict):
            return {name: self._filled(one) for name, one in value.items()}
        return [self._filled(one) for one in value] if isinstance(value, list) else value
