"""Addresses as QR codes, for printed sheets and screens."""

from __future__ import annotations

import segno
from markupsafe import Markup


def svg(url: str) -> Markup:
    """The address as a QR code: inline SVG without style attributes, sized by the class ``qr``."""
    code = segno.make(url, error="m", micro=False)
    drawn = code.svg_inline(border=4, svgclass="qr", lineclass=None, omitsize=True, light="#fff")
    return Markup(drawn)  # noqa: S704 - drawn by segno from the modules of the code, it contains no text of a person
