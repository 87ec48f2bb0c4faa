"""What an application works out from the sources alone is worked out once in each test process.

A test makes an application of its own, so that nothing of one test is left for the next. Its templates and addresses
are the same each time: they are compiled once and handed to the next application, which is what takes a tenth of a
second otherwise, thousands of times.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Templates(BytecodeCache):
    """Compiled templates. Jinja tells by a checksum whether a source is another one than before."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code


_builders: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}


class Address(Rule):
    """A rule whose way from values to an address is compiled once: it speaks of its rule as ``self``."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, self.subdomain, self.merge_slashes, repr(self.defaults), append_unknown)
        if key not in _builders:
            _builders[key] = super()._compile_builder(append_unknown)
        return _builders[key]


def remember() -> None:
    """From now on, for every application of this process."""
    options: dict[str, Any] = {**Flask.jinja_options, "bytecode_cache": Templates()}
    Flask.jinja_options = options
    Flask.url_rule_class = Address
