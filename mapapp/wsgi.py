"""The application for a WSGI server: ``granian --interface wsgi mapapp.wsgi:app``; settings from the environment."""

from __future__ import annotations

import atexit
import os

from mapapp import config
from mapapp.app import create_app
from mapapp.web import ending, threads

app = create_app(config.load(os.environ))
app.wsgi_app = threads.few_at_a_time(app.wsgi_app)  # type: ignore[method-assign,assignment]  # as Flask's docs have it
ending.when_told(app.extensions["mapapp_live"].stop)
app.extensions["mapapp_keeper"].start()
atexit.register(app.extensions["mapapp_keeper"].stop)
