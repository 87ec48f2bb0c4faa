"""Runs an import beside the pages: a thread of the web process, with sessions of its own."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from functools import partial

from flask import current_app

from mapapp.accounts import edge
from mapapp.core.actors import Actor
from mapapp.facilities.imports import jobs
from mapapp.web.request import clock


def start(import_id: uuid.UUID, name: str, acting: Actor) -> None:
    """Starts a claimed run. Tests put ``app.extensions["mapapp_background"]`` in the thread's place."""
    instead: Callable[[Callable[[], None]], None] | None = current_app.extensions.get("mapapp_background")
    job = partial(jobs.run, edge.writing(), import_id, name, acting, clock(), None if instead else jobs.BEAT_S)
    if instead:
        instead(job)
    else:
        threading.Thread(target=job, name=f"import {import_id}", daemon=True).start()
