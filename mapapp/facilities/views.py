"""Pages of the facilities room."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("facilities", __name__)
