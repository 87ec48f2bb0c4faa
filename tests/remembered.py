"""What an application works out from the sources alone is worked out once in each test process.

A test makes an application of its own, so that nothing of one test is left for the next. Its templates, addresses
and static files are the same each time: they are read once and handed to the next application. It takes a tenth of a
second otherwise, thousands of times. Nor is the same drawing painted twice: that takes a third of a second each time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

import resvg_py
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule
from whitenoise import WhiteNoise

from mapapp.web import assets


class Templates(BytecodeCache):
    """Compiled templates. Jinja tells by a checksum whether a source is another one than before."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code


_addresses: dict[tuple[object, ...], dict[str, Any]] = {}


class Address(Rule):
    """A rule that is compiled once. Its two ways from values to an address speak of it as ``self``."""

    def compile(self) -> None:
        assert self.map is not None
        key = (self.rule, self.subdomain, self.host, self.map.host_matching, self.merge_slashes, repr(self.defaults))
        known = _addresses.get(key)
        if known is None:
            super().compile()
            made = {name: vars(self)[name] for name in ("_parts", "_trace", "_converters", "arguments")}
            builders = {name: getattr(self, name).__func__ for name in ("_build", "_build_unknown")}
            _addresses[key] = {"made": made, "builders": builders}
            return
        vars(self).update(known["made"])
        self.arguments = set(self.arguments)
        for name, build in known["builders"].items():
            setattr(self, name, build.__get__(self, None))


_fingerprint = assets.fingerprint
_files: dict[tuple[str, str], dict[str, Any]] = {}


@cache
def _of_static() -> str:
    return _fingerprint(assets.STATIC)


class Files(WhiteNoise):  # type: ignore[misc]  # it has no types
    """Static files that are looked through once."""

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        if (root, prefix) not in _files:
            super().update_files_dictionary(root, prefix)
            _files[root, prefix] = dict(self.files)
        self.files.update(_files[root, prefix])


_paint: Callable[..., bytes] = resvg_py.svg_to_bytes
_pictures: dict[tuple[str, str], bytes] = {}


def painted(*, svg_string: str, **options: Any) -> bytes:
    """A drawing that was painted before with the same fonts is the same picture."""
    key = (svg_string, repr(options))
    if key not in _pictures:
        _pictures[key] = _paint(svg_string=svg_string, **options)
    return _pictures[key]


def remember() -> None:
    """From now on, for every application of this process."""
    options: dict[str, Any] = {**Flask.jinja_options, "bytecode_cache": Templates()}
    Flask.jinja_options = options
    Flask.url_rule_class = Address
    assets.fingerprint = lambda folder: _of_static() if folder == assets.STATIC else _fingerprint(folder)
    setattr(resvg_py, "svg_to_bytes", painted)  # noqa: B010  # its type has two dozen parameters
    setattr(assets, "WhiteNoise", Files)  # noqa: B010  # mypy knows no such name there
