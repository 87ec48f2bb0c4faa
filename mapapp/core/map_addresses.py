"""Addresses that may stand in a map's scripts. They are the only text from outside that folium is ever given."""

from __future__ import annotations

import re

# Braces hold one word each ({z}): "{{", "{%" and "{#" would be code to branca, "${" to a browser.
_ADDRESS = re.compile(
    r"(?:https?://[\w.:@\[\]-]+)?(?:[/?][\w.~:/?#\[\]@!&()*+,;=%|-]*(?:\{\w+\}[\w.~:/?#\[\]@!&()*+,;=%|-]*)*)?"
)


class Address(str):
    """An address of http, or a path on this server, with places like ``{z}``; nothing in it means anything else.

    Raises:
        ValueError: for any other text.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Address:
        if not text.isascii() or not _ADDRESS.fullmatch(text) or text.startswith("//"):
            raise ValueError("an address of a map begins with http://, https:// or /, and has no code in it")
        return super().__new__(cls, text)
