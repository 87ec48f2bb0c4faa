"""The room of maps."""

from __future__ import annotations

from mapapp.maps import cli, picture_views, saved_views, tiles, views
from mapapp.web.room import Room

room = Room(
    "maps",
    blueprints=(views.pages, tiles.tiles, picture_views.pages, saved_views.pages),
    commands=(cli.maps,),
)
