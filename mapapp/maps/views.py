"""Map documents: Folium skeletons in their own sandboxed frame."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("maps", __name__)
