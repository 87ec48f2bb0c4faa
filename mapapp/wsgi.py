"""The application for a WSGI server: ``granian --interface wsgi mapapp.wsgi:app``; settings from the environment."""

from __future__ import annotations

import atexit
import os

from mapapp.web import ending

ending.with_parent()  # before what takes long

from mapapp import config  # noqa: E402
from mapapp.app import create_app  # noqa: E402
from mapapp.web import sockets, watchdog  # noqa: E402

settings = config.load(os.environ)
app = create_app(settings)
watchdog.say_so()
sockets.watch(settings.port)
ending.when_told(app.extensions["mapapp_live"].stop)
app.extensions["mapapp_keeper"].start()
atexit.register(app.extensions["mapapp_keeper"].stop)
