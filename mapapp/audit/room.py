"""Registration of the audit room. Its pages are a room of their own, above accounts (``audit_pages``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.audit import cli, heads
from mapapp.core.config import Config
from mapapp.database import keyring
from mapapp.database.scheduler import Chore
from mapapp.web.room import Room


def _chores(config: Config, _extensions: Mapping[str, Any]) -> list[Chore]:
    def signed_head(session: Session, now: datetime) -> None:
        keyring.demand(session, config.vault())  # a checkpoint signed with a wrong key proves nothing
        heads.chores(session, vault=config.vault(), folder=config.heads_folder(), now=now)

    return [Chore("signed head", timedelta(minutes=10), signed_head)]


room = Room("audit", commands=(cli.audit,), chores=_chores)
