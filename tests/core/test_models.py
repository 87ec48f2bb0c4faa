"""Whatever stands in a field of ours, its model takes it or refuses it in words: no check fails on a value itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from pydantic import BaseModel, ValidationError

import mapapp
from mapapp.core.fields import problems_of

ODD: tuple[object, ...] = (
    "", " ", None, [], {}, [""], [None], [[]], {"a": 1}, "x", "1", "\x00", "\ud800", "9" * 5000, "1e400", "nan", "๑",
    "²", 1e400, -1, True, b"x", "0001-01-01", "9999-12-31", "31/12/9999", "1/1/544", "9999-12-31T23:59:59-23:59",
)  # fmt: skip


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from _below(one)


def _fields() -> list[tuple[type[BaseModel], str]]:
    for module in pkgutil.walk_packages(mapapp.__path__, "mapapp."):
        if module.name != "mapapp.wsgi":  # it makes the application while it is imported
            importlib.import_module(module.name)
    ours = {one for one in _below(BaseModel) if one.__module__.startswith("mapapp.")}
    return [(model, name) for model in ours for name in model.model_fields]


def test_no_field_breaks_on_a_value() -> None:
    """A limit beside ``BlankIsNone`` that is meant for the number alone would be asked of None as well."""
    fields = _fields()
    assert len(fields) > 300
    broken = []
    for model, name in fields:
        for value in ODD:
            try:
                model.model_validate({name: value})
            except ValidationError as error:
                problems_of(error)
            except Exception as error:
                broken.append((model.__name__, name, value, type(error).__name__))
    assert not broken, broken
