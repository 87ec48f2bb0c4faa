"""The first page, the data that is loaded, the API's documentation, and the health checks."""

from __future__ import annotations

from flask import Blueprint, render_template

pages = Blueprint("home", __name__)


@pages.get("/")
def index() -> str:
    """The map of Thailand, search, and the two questions."""
    return render_template("home/index.html")
