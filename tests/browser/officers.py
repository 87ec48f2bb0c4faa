"""Officers for browser tests: appointed and signed in as after a password and a second factor, without the clicks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import text, update
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import Appointment, LoginSession, Person
from mapapp.accounts.signing_in import passwords, sessions
from mapapp.core.config import Config
from mapapp.core.vault import Vault, token_hash
from mapapp.facilities.models import Facility
from mapapp.statistics import service as statistics
from mapapp.statistics.fridays import seed as fridays
from tests.data import add_facility

PROVINCE, AMPHOE, TAMBON = "50", "5001", "500101"
"""Chiang Mai, its first amphoe and that one's first tambon, of the demo data."""

PASSWORD = "ตะกร้า ฝนตก กระดาษ 44"
"""Of everybody here."""

PHONE, DESK = (360, 740), (1280, 800)
SCREENS = {"phone": PHONE, "desk": DESK}

STICKS_OUT = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""By how many pixels the page is wider than the screen."""


@lru_cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)


def signed_in(
    session: Session, role: str, area: str, name: str = "สมหญิง ตั้งใจ", *, second_factor: bool = True, **values: Any
) -> str:
    """Somebody new in this role for this area, their papers in order unless ``values`` (of the appointment) says
    otherwise; answers the cookie of their session. Flushed, not committed."""
    now = datetime.now(UTC)
    who = Person(
        name=name, organisation="เทศบาลตัวอย่าง", first_signed_in_at=now, last_signed_in_at=now,
        password_hash=_hashed(), password_set_at=now,
    )  # fmt: skip
    session.add(who)
    session.flush()
    session.add(
        Appointment(
            **{
                "person_id": who.id, "role": role, "area_code": area, "starts_at": now - timedelta(days=1),
                "confidentiality_on": date(2026, 1, 15), "training_expires_on": now.date() + timedelta(days=300),
                **values,
            }
        )
    )  # fmt: skip
    session.flush()
    device = "Chrome, Android"
    return sessions.start(session, who.id, now=now, device=device, address="127.0.0.1", second_factor=second_factor)


UNDO = 'details:has(form[action*="/undo"]) > summary'
"""Opens what undoing an import would do, with its button; there once the import is done."""


def six_fridays(session: Session, vault: Vault, now: datetime) -> None:
    """The example Fridays, of what is recorded now. A service that runs has kept the last one by itself: it goes, and
    its table is held, so that the service does not keep it once more meanwhile."""
    statistics.settle(session, Config(), now)
    session.execute(text("TRUNCATE statistics_snapshots CASCADE"))
    fridays.make(session, Config(), vault, now)


def let_in(page: Page, address: str, token: str) -> None:
    """Gives a page's browser the cookie of a session."""
    page.context.add_cookies([{"name": PLAIN_COOKIE, "value": token, "url": address}])


def with_lang(path: str, lang: str) -> str:
    """The address in a language."""
    return path if lang == "th" else f"{path}{'&' if '?' in path else '?'}lang=en"


class Workshop:
    """A running service on the demo data with some work in amphoe 5001, and what tests do behind its back."""

    def __init__(self, address: str, factory: sessionmaker[Session]) -> None:
        self.address = address
        self.factory = factory
        self._tokens: dict[tuple[str, str], str] = {}

    def appoint(self, role: str, area: str, name: str, **values: Any) -> str:
        """Somebody new who has signed in a moment ago; their cookie."""
        with self.factory() as session:
            token = signed_in(session, role, area, name, **values)
            session.commit()
        return token

    def token(self, role: str, area: str) -> str:
        """The cookie of the one who holds this role here, the same one each time."""
        key = (role, area)
        if key not in self._tokens:
            self._tokens[key] = self.appoint(role, area, NAMES.get(role, "สมหญิง ตั้งใจ"))
        token = self._tokens[key]
        with self.factory() as session:  # the password was typed a moment ago, however long the tests take
            mine = update(LoginSession).where(LoginSession.token_hash == token_hash(token))
            session.execute(mine.values(confirmed_at=datetime.now(UTC)))
            session.commit()
        return token

    def add(self, kind: str, name: str, *, lat: float, lon: float, days_old: float = 1, **values: Any) -> int:
        """A pin in tambon 500101, confirmed so many days ago; its number."""
        with self.factory() as session:
            made = _pin(session, kind, name, lat=lat, lon=lon, days_old=days_old, **values)
            database.mark_changed(session, "facilities")
            session.commit()
            return made.id


NAMES = {
    "province_admin": "พิมพ์ใจ ดูแลดี",
    "amphoe_coordinator": "ประสาน เมืองเชียงใหม่",
    "tambon_officer": "ศรีภูมิ ขยันยิ่ง",
    "auditor": "ตรวจสอบ เที่ยงตรง",
}


def _pin(session: Session, kind: str, name: str, *, lat: float, lon: float, days_old: float, **values: Any) -> Facility:
    when = datetime.now(UTC) - timedelta(days=days_old)
    return add_facility(
        session, kind, lat=lat, lon=lon,
        **{
            "name_th": name, "source_ref": name, "tambon_code": TAMBON,
            "confirmed_at": when, "verified_at": when, "verified_by": "เทศบาลตัวอย่าง", **values,
        },
    )  # fmt: skip


def fill(session: Session) -> None:
    """Into the demo data: what an officer of Mueang Chiang Mai finds in the morning."""
    for kind, name, lat, lon, days_old in (
        ("waiting_centre", "ศูนย์พักคอยวัดเจดีย์หลวง", 18.787, 98.987, 5.0),
        ("vaccination_site", "จุดฉีดวัคซีนตลาดวโรรส", 18.790, 98.990, 9.0),
        ("test_site", "จุดตรวจหอประชุมเทศบาล", 18.793, 98.986, 1.0),
        ("field_hospital", "โรงพยาบาลสนามโรงยิม", 18.796, 98.992, 0.5),
    ):
        _pin(session, kind, name, lat=lat, lon=lon, days_old=days_old, phone="+6653920300")
    for role, area, name, ends in (
        ("amphoe_coordinator", "5002", "สุดา ใกล้หมดวาระ", 9),
        ("tambon_officer", TAMBON, "ธวัช มั่นคง", None),
    ):
        now = datetime.now(UTC)
        signed_in(session, role, area, name, ends_at=now + timedelta(days=ends) if ends else None)


At = Callable[..., Page]
"""``at(role, area, lang=, size=, **context)``: a page on which somebody of that role is signed in."""


def doors(watched: Callable[..., Page], shop: Workshop) -> At:
    """Makes signed-in pages; relative addresses go to the workshop."""

    def at(role: str, area: str, size: tuple[int, int] = DESK, **options: Any) -> Page:
        width, height = size
        narrow = {"has_touch": True, "is_mobile": True, "device_scale_factor": 1.25} if width < 600 else {}
        page = watched(viewport={"width": width, "height": height}, base_url=shop.address, **narrow, **options)
        if role:
            let_in(page, shop.address, shop.token(role, area))
        return page

    return at
