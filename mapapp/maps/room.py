"""The room of maps."""

from __future__ import annotations

from mapapp.maps import picture_views, tiles, views
from mapapp.web.room import Room

room = Room("maps", blueprints=(views.pages, tiles.tiles, picture_views.pages))
