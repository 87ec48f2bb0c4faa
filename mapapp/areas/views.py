"""Pages of the areas room."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("areas", __name__)
