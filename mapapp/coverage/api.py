"""The coverage room's part of the API."""

from __future__ import annotations

from mapapp.web.openapi import Api

api = Api("coverage", __name__)
