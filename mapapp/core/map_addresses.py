"""Addresses that can be put into the scripts of maps. They are the only text from outside that folium gets."""

from __future__ import annotations

import re

# Braces may contain one word each ({z}): branca would run "{{", "{%" and "{#" as code, a browser "${".
_ADDRESS = re.compile(
    r"(?:https?://[\w.:@\[\]-]+)?(?:[/?][\w.~:/?#\[\]@!&()*+,;=%|-]*(?:\{\w+\}[\w.~:/?#\[\]@!&()*+,;=%|-]*)*)?"
)


class Address(str):
    """An http address, or a path on this server, with placeholders like ``{z}``; nothing else in it has a special
    meaning.

    Raises:
        ValueError: any other text.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Address:
        if not text.isascii() or not _ADDRESS.fullmatch(text) or text.startswith("//"):
            raise ValueError("an address of a map begins with http://, https:// or /, and has no code in it")
        return super().__new__(cls, text)
