"""The application: settings → database → web kit → rooms. One readable list."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database, rooms
from mapapp.accounts import edge
from mapapp.core import config as settings
from mapapp.database.scheduler import Scheduler
from mapapp.web import (
    assets,
    cache,
    compression,
    gateway,
    i18n,
    limits,
    locked_tables,
    page_freshness,
    problems,
    proxies,
    request,
    security,
)
from mapapp.web.room import Serving

STATEMENT_TIMEOUT_S = 15
"""No answer is worth more of the database's time; the slowest page of the whole country takes about a second."""

LOCK_TIMEOUT_S = 1
"""So long a page waits for a table that is locked; reading waits for nothing but a change of the table itself."""


class _Application(Flask):
    """Flask, without asking of every function of every request whether it is a coroutine: none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func


def create_app(config: settings.Config, factory: sessionmaker[Session] | None = None) -> Flask:
    """The WSGI application.

    Args:
        config: the settings.
        factory: sessions to use instead of pools on ``config.database()``; tests hand in theirs.
    """
    logging.getLogger("mapapp").setLevel(config.log_level.upper())
    app = _Application("mapapp", static_folder=None, template_folder=str(settings.ROOT / "templates"))
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if factory is None:
        carried = {"tambon_reach_m": config.tambon_reach_m}
        scheduler = Scheduler(
            lambda: database.engine(config.database(), pool_size=1),
            rooms.chores(config, app.extensions),
            unfit=rooms.unfit(config),
            carried=carried,
        )
        app.extensions["mapapp_scheduler"] = scheduler
        app.before_request(scheduler.start)
        writing = _pool(config, info={"scheduler": scheduler, **carried})
        reading = _pool(config, autocommit=True, info=carried)
    else:
        writing = reading = factory

    request.init(app, config, writing, reading)
    if factory is None:
        for pool in (writing, reading):
            app.extensions["mapapp_clock"].follow(pool.kw["bind"])
    cache.init(app, config.cache_mb, reading)
    i18n.init(app)
    page_freshness.init(app)
    compression.init(app)
    security.init(app, config)
    limits.init(app, config)
    locked_tables.init(app)
    problems.init(app)
    edge.init(app, config.vault())
    app.jinja_env.globals["room_menu"] = rooms.menu
    rooms.connect()
    serving = Serving(app, config, reading, threaded=factory is None)
    for room in rooms.ROOMS:
        if room.start is not None:
            room.start(serving)
        for blueprint in room.blueprints:
            app.register_blueprint(blueprint)
        for name, number in room.waiting.items():
            page_freshness.beside(app, name, number)
    for api in rooms.APIS:
        app.register_blueprint(api.blueprint)
    app.extensions["mapapp_apis"] = rooms.APIS
    edge.check_actions(app)

    assets.init(app)
    if factory is None:
        gateway.init(app, edge.may_send_files)
    proxies.init(app, config)
    request.commit_first(app)
    return app


def _pool(
    config: settings.Config, *, autocommit: bool = False, info: dict[str, Any] | None = None
) -> sessionmaker[Session]:
    engine = database.engine(
        config.database(),
        statement_timeout_s=STATEMENT_TIMEOUT_S,
        lock_timeout_s=LOCK_TIMEOUT_S if autocommit else 0,
        autocommit=autocommit,
    )
    return database.sessions(engine, info)
