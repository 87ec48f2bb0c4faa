"""The application for a WSGI server: ``granian --interface wsgi mapapp.wsgi:app``; settings from the environment."""

from __future__ import annotations

import atexit
import os

from mapapp.web import shutdown_signals

shutdown_signals.with_parent()  # before what takes long

from mapapp.app import create_app  # noqa: E402
from mapapp.core import config  # noqa: E402
from mapapp.web import idle_connections, watchdog  # noqa: E402

settings = config.load(os.environ)
app = create_app(settings)
watchdog.say_so()
idle_connections.watch(settings.port)
shutdown_signals.when_told(app.extensions["mapapp_live"].stop)
app.extensions["mapapp_scheduler"].start()
atexit.register(app.extensions["mapapp_scheduler"].stop)
