"""The application: settings → database → web kit → rooms. One readable list."""

from __future__ import annotations

import logging

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from mapapp import config as settings
from mapapp import db, wiring
from mapapp.accounts import api as accounts_api
from mapapp.accounts import bulk_views as accounts_bulk
from mapapp.accounts import edge as accounts_edge
from mapapp.accounts import people_views as accounts_people
from mapapp.areas import api as areas_api
from mapapp.areas import views as areas_views
from mapapp.coverage import api as coverage_api
from mapapp.coverage import views as coverage_views
from mapapp.facilities import api as facilities_api
from mapapp.facilities import views as facilities_views
from mapapp.home import views as home_views
from mapapp.maps import tiles as maps_tiles
from mapapp.maps import views as maps_views
from mapapp.web import assets, cache, compression, i18n, limits, problems, proxies, request, security

APIS = [areas_api.api, accounts_api.api, facilities_api.api, coverage_api.api]


STATEMENT_TIMEOUT_S = 15
"""No answer is worth more of the database's time; the slowest page of the whole country takes about a second."""


def create_app(config: settings.Config, factory: sessionmaker[Session] | None = None) -> Flask:
    """The WSGI application.

    Args:
        config: the settings.
        factory: sessions to use instead of pools on ``config.database()``; tests hand in theirs.
    """
    logging.getLogger("mapapp").setLevel(config.log_level.upper())
    app = Flask("mapapp", static_folder=None, template_folder=str(settings.ROOT / "templates"))
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    writing = factory or _pool(config)
    reading = factory or _pool(config, autocommit=True)

    request.init(app, config, writing, reading)
    cache.init(app, config.cache_mb, reading)
    i18n.init(app)
    compression.init(app)
    security.init(app, config)
    limits.init(app, config)
    problems.init(app)
    accounts_edge.init(app, config.vault())
    wiring.connect()

    app.register_blueprint(home_views.pages)
    app.register_blueprint(areas_views.pages)
    app.register_blueprint(accounts_people.pages)
    app.register_blueprint(accounts_bulk.pages)
    app.register_blueprint(facilities_views.pages)
    app.register_blueprint(coverage_views.pages)
    app.register_blueprint(maps_views.pages)
    app.register_blueprint(maps_tiles.tiles)
    for api in APIS:
        app.register_blueprint(api.blueprint)
    app.extensions["mapapp_apis"] = APIS

    assets.init(app)
    proxies.init(app, config)
    return app


def _pool(config: settings.Config, *, autocommit: bool = False) -> sessionmaker[Session]:
    return db.sessions(db.engine(config.database(), statement_timeout_s=STATEMENT_TIMEOUT_S, autocommit=autocommit))
