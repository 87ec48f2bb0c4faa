"""The application for a WSGI server: ``granian --interface wsgi mapapp.wsgi:app``; settings from the environment."""

from __future__ import annotations

import atexit
import os

from mapapp import config
from mapapp.app import create_app

app = create_app(config.load(os.environ))
app.extensions["mapapp_keeper"].start()
atexit.register(app.extensions["mapapp_keeper"].stop)
