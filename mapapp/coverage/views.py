"""Pages of the coverage room."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("coverage", __name__)
