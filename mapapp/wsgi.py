"""The WSGI entry point: ``app``, made from the environment's settings."""

from __future__ import annotations

import os

from mapapp.app import create_app
from mapapp.config import load

app = create_app(load(os.environ))
