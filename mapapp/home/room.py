"""The room of the first page."""

from __future__ import annotations

from mapapp.home import views
from mapapp.web.room import Room

room = Room("home", blueprints=(views.pages,))
