"""The application: settings → database → web kit → rooms. One readable list."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database, wiring
from mapapp.accounts import edge as accounts_edge
from mapapp.accounts.appointing import api as accounts_api
from mapapp.accounts.appointing import bulk_views as accounts_bulk
from mapapp.accounts.people import account_views as _account_views  # noqa: F401 - its views join the room's blueprint
from mapapp.accounts.people import views as accounts_people
from mapapp.accounts.signing_in import join_views as _join_views  # noqa: F401 - as above
from mapapp.accounts.signing_in import view_helpers as accounts_view_helpers
from mapapp.accounts.tokens import views as token_views
from mapapp.areas import api as areas_api
from mapapp.areas import views as areas_views
from mapapp.audit_pages import views as audit_views
from mapapp.core import config as settings
from mapapp.coverage import api as coverage_api
from mapapp.coverage import views as coverage_views
from mapapp.database.scheduler import Scheduler
from mapapp.facilities import api_writes as facilities_api
from mapapp.facilities import changes as facility_changes
from mapapp.facilities import view_counts as facilities_view_counts
from mapapp.facilities import views as facilities_views
from mapapp.facilities.console import views as console_views
from mapapp.facilities.editing import lifecycle as editing_lifecycle
from mapapp.facilities.editing import views as editing_views
from mapapp.facilities.freshness import lifetimes
from mapapp.facilities.imports import views as imports_views
from mapapp.facilities.reports import views as facility_reports_views
from mapapp.help_requests.asking import api as help_asking_api
from mapapp.help_requests.asking import views as help_asking_views
from mapapp.help_requests.board import measures_views as board_measures
from mapapp.help_requests.board import request_views as _request_views  # noqa: F401 - its views join the blueprint
from mapapp.help_requests.board import views as board_views
from mapapp.help_requests.nearby import api as nearby_api
from mapapp.help_requests.nearby import live_views
from mapapp.help_requests.nearby import views as nearby_views
from mapapp.help_requests.resident import api as resident_api
from mapapp.help_requests.resident import views as resident_views
from mapapp.help_requests.working import api as working_api
from mapapp.help_requests.working import views as working_views
from mapapp.home import views as home_views
from mapapp.maps import tiles as maps_tiles
from mapapp.maps import views as maps_views
from mapapp.volunteers import vetting_views as volunteers_vetting
from mapapp.volunteers import views as volunteers_views
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

APIS = [
    areas_api.api,
    accounts_api.api,
    facilities_api.api,
    coverage_api.api,
    help_asking_api.api,
    working_api.api,
    nearby_api.api,
    resident_api.api,
    board_measures.api,
]


STATEMENT_TIMEOUT_S = 15
"""No answer is worth more of the database's time; the slowest page of the whole country takes about a second."""

LOCK_TIMEOUT_S = 1
"""So long a page waits for a table that is locked; reading waits for nothing but a change of the table itself."""


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
    counted = facilities_view_counts.Uses()
    app.extensions["mapapp_uses"] = counted
    if factory is None:
        scheduler = Scheduler(
            lambda: database.engine(config.database(), pool_size=1),
            wiring.chores(config, counted),
            unfit=wiring.unfit(config),
        )
        app.extensions["mapapp_scheduler"] = scheduler
        app.before_request(scheduler.start)
        writing = _pool(config, info={"scheduler": scheduler})
        reading = _pool(config, autocommit=True)
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
    accounts_edge.init(app, config.vault())
    live_views.init(app, reading, threaded=factory is None)
    wiring.connect(lifetimes(config))

    app.register_blueprint(home_views.pages)
    app.register_blueprint(areas_views.pages)
    app.register_blueprint(accounts_view_helpers.pages)
    app.register_blueprint(accounts_people.pages)
    app.register_blueprint(accounts_bulk.pages)
    app.register_blueprint(facilities_views.pages)
    app.register_blueprint(editing_views.pages)
    app.register_blueprint(editing_lifecycle.pages)
    app.register_blueprint(imports_views.pages)
    app.register_blueprint(console_views.pages)
    app.register_blueprint(facility_reports_views.pages)
    app.register_blueprint(help_asking_views.pages)
    app.register_blueprint(working_views.pages)
    app.register_blueprint(nearby_views.pages)
    app.register_blueprint(live_views.pages)
    app.register_blueprint(resident_views.pages)
    board_views.init(app)
    app.register_blueprint(volunteers_views.pages)
    volunteers_vetting.init(app)
    token_views.init(app, facility_changes.tambon_of)
    app.register_blueprint(coverage_views.pages)
    app.register_blueprint(audit_views.pages)
    app.register_blueprint(maps_views.pages)
    app.register_blueprint(maps_tiles.tiles)
    for api in APIS:
        app.register_blueprint(api.blueprint)
    app.extensions["mapapp_apis"] = APIS

    assets.init(app)
    if factory is None:
        gateway.init(app, accounts_edge.may_send_files)
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
