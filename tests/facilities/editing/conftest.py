"""A small country, an officer of each level in it, and forms as browsers send them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.facilities.editing import forms
from mapapp.facilities.models import Facility, FacilityChange
from tests.data import small_country
from tests.people import Browser, appoint, browser

NEW = "/officer/facilities/new"


@pytest.fixture
def country(session: Session) -> int:
    """The small country; the id of its hospital in tambon 900101."""
    small_country(session)
    return session.scalars(select(Facility.id)).one()


@pytest.fixture
def signed_in(app: Flask, session: Session, country: int) -> Callable[[str, str], Browser]:
    """A browser of somebody new in this role for this area."""
    return lambda role, area: browser(app, session, appoint(session, role, area))


@pytest.fixture
def officer(signed_in: Callable[[str, str], Browser]) -> Browser:
    """The officer of tambon 900101."""
    return signed_in("tambon_officer", "900101")


def pin_form(**values: str) -> dict[str, str]:
    """What a browser sends for a new pin in the middle of tambon 900101, far from the hospital."""
    made = {"kind": "test_site", "name_th": "จุดตรวจหน้าวัด", "place": "14.02, 100.02", "hours_how": "unknown"}
    return {**made, "once": str(uuid.uuid4()), **values}


def edit_form(answer_text: str, **values: str) -> dict[str, str]:
    """The fields of the edit form on a page as they stand there, with some of them changed."""
    body = answer_text[answer_text.index('<form class="editor"') :]
    body = body[: body.index("</form>")]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", body):
        kind = re.search(r'type="(\w+)"', tag)
        name = re.search(r'name="(\w+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name is None or (kind and kind[1] in ("checkbox", "radio") and "checked" not in tag):
            continue
        found[name[1]] = unescape(value[1]) if value else ""
    for name_, inner in re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        found[name_] = unescape(inner)
    for name_, inner in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner) or re.search(r'<option value="([^"]*)"', inner)
        found[name_] = chosen[1] if chosen else ""
    found.pop("csrf_token", None)
    return {**found, **values}


def newest(session: Session) -> Facility:
    """The pin that was added last, as the database has it now."""
    session.expire_all()
    return session.scalars(select(Facility).order_by(Facility.id.desc()).limit(1)).one()


def pin(session: Session, number: int) -> Facility:
    """A pin as the database has it now."""
    session.expire_all()
    return session.get_one(Facility, number)


def steps(session: Session, number: int) -> list[FacilityChange]:
    """A pin's history, oldest first."""
    session.expire_all()
    found = select(FacilityChange).where(FacilityChange.facility_id == number).order_by(FacilityChange.id)
    return list(session.scalars(found))


def typed(**values: Any) -> dict[str, str]:
    """A form filled from a pin's values."""
    return forms.typed(values)
