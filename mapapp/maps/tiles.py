"""Vector tiles of boundaries, straight from PostGIS."""

from __future__ import annotations

from flask import Blueprint

tiles = Blueprint("tiles", __name__, url_prefix="/tiles")
