"""The room of the first page."""

from __future__ import annotations

from mapapp.home import sources, views
from mapapp.web.room import Room, Serving


def _start(serving: Serving) -> None:
    serving.app.jinja_env.globals["map_sources"] = sources.line  # templates/parts/map_frame.html


room = Room("home", blueprints=(views.pages,), start=_start)
