"""Parsing of input into pydantic models; problems become sentences beside fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar, get_origin
from urllib.parse import parse_qsl, unquote_to_bytes

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from mapapp.core import files
from mapapp.core.errors import N_, FieldProblem, Invalid, Message
from mapapp.core.fields import MESSAGES, problems_of
from mapapp.web.i18n import tell

Model = TypeVar("Model", bound=BaseModel)

_CHOOSE = N_("Choose one from the list.")


def parse(model: type[Model], sent: MultiDict[str, str]) -> Model:
    """Parses a query string or a form into a model. ``lang`` belongs to the web layer and is never part of a model.

    Raises:
        Invalid: with a problem for each field that is not valid.
    """
    once: dict[str, Any] = {}
    repeated = []
    for name, values in sent.lists():
        if name == "lang":
            continue
        if len(values) > 1 and not _is_list(model, name):
            repeated.append(FieldProblem(name[:60], Message(MESSAGES["repeated"])))
        once[name] = values if _is_list(model, name) else values[0]
    if repeated:
        raise Invalid(repeated)
    try:
        return model.model_validate(once)
    except ValidationError as error:
        raise Invalid([_to_choose(model, one) for one in problems_of(error)]) from None


def _to_choose(model: type[BaseModel], problem: FieldProblem) -> FieldProblem:
    """Nothing is filled in where answers are offered: one is chosen."""
    known = model.model_fields.get(problem.field)
    is_choice = known is not None and get_origin(known.annotation) is Literal
    if not is_choice or problem.message.text != MESSAGES["missing"]:
        return problem
    return FieldProblem(problem.field, Message(MESSAGES["unchosen"]))


def _is_list(model: type[BaseModel], name: str) -> bool:
    known = model.model_fields.get(name)
    return known is not None and getattr(known.annotation, "__origin__", None) in (list, tuple)


def _sent() -> MultiDict[str, str]:
    """The query string. Bytes that are not UTF-8 become lone surrogates, which every check of a text refuses.

    Werkzeug keeps such bytes as they were written (“%ED%A0%80”), so they would be searched for as that text.
    """
    try:
        unquote_to_bytes(request.query_string).decode("utf-8")
    except UnicodeDecodeError:
        text = request.query_string.decode("utf-8", "surrogateescape")
        return MultiDict(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
    return request.args


def query(model: type[Model]) -> Model:
    """The query string as a model (API). Raises ``Invalid``, which becomes a 400 problem."""
    return parse(model, _sent())


MAX_DEPTH = 20
"""Maximum nesting depth of a JSON body; valid bodies have three levels."""


def parse_json(model: type[Model]) -> Model:
    """The JSON body of an API request as a model.

    Raises:
        Invalid: it is not a JSON object in UTF-8, is nested too deeply, or has invalid fields.
    """
    if not request.is_json:
        raise Invalid([FieldProblem("", Message(N_("Send JSON, with Content-Type: application/json.")))])
    try:
        found = files.parse_json(request.get_data(), MAX_DEPTH)
    except files.TooDeep:
        raise Invalid([FieldProblem("", Message(N_("This JSON is nested too deeply.")))]) from None
    except ValueError:
        raise Invalid([FieldProblem("", Message(N_("This is not valid JSON in UTF-8.")))]) from None
    if not isinstance(found, dict):
        raise Invalid([FieldProblem("", Message(N_("Send one JSON object.")))])
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise Invalid(problems_of(error)) from None


@dataclass
class Asked(Generic[Model]):
    """The form of a page: the parsed value or None, what was typed, and the problems of each field."""

    value: Model | None
    typed: Mapping[str, str]
    problems: dict[str, list[str]] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """200, or 400 if there are problems."""
        return 400 if self.problems else 200


def asked(model: type[Model]) -> Asked[Model]:
    """The query string of a page. Problems are kept by field, together with what was typed.

    An unknown parameter (a campaign tag in a shared link) is no reason to refuse the page.
    """
    known = MultiDict((name, value) for name, value in _sent().items(multi=True) if name in model.model_fields)
    typed = {name: values[0].encode("utf-8", "replace").decode() for name, values in known.lists()}
    try:
        return Asked(parse(model, known), typed)
    except Invalid as error:
        return Asked(None, typed, problems_by_field(error))


def problems_by_field(error: Invalid) -> dict[str, list[str]]:
    """Problems as sentences in the request's language, by field."""
    problems: dict[str, list[str]] = {}
    for problem in error.problems:
        # People see a list of names; the codes of the choices are for programs.
        unknown_choice = problem.message.text == MESSAGES["literal_error"]
        told = tell(Message(_CHOOSE) if unknown_choice else problem.message)
        problems.setdefault(problem.field, []).append(told)
    return problems
