"""Typed settings, read once from ``MAPAPP_*`` variables; an invalid value stops the start with a message.

``docs/configuration.md`` lists the same settings for operators; a test compares the two.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from mapapp.core.map_addresses import Address
from mapapp.core.vault import Vault, new_key, parse_keys

ROOT = Path(__file__).resolve().parent.parent.parent
"""The folder of the project, with ``static/``, ``templates/``, ``seed/`` and ``migrations/``."""

PREFIX = "MAPAPP_"

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""This machine, by its addresses and its name."""

APP_ROLE = "mapapp_app"
"""The database role of the running service: it reads and writes rows, but cannot alter tables or change the audit
log."""


ERASE_AFTER_DAYS = 30
"""Default of the days after which a closed help request is deleted."""
FOLLOW_UP_DAYS = 90
"""Default of the days after which a follow-up of the survey is deleted."""


class BadConfig(Exception):
    """A setting has an invalid value; the text names the setting and the valid values."""


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _written(values: Mapping[str, int]) -> str:
    """The value as an operator writes it."""
    return ",".join(f"{name}={number}" for name, number in values.items())


def _days(value: object) -> object:
    if not isinstance(value, str):
        return value
    days: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        kind, _, number = part.partition("=")
        if not kind or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 3650:
            raise ValueError("write it as kind=days by commas, 1 to 3650")
        days[kind] = int(number)
    return days


LEASE_HOURS = {"life": 2, "urgent": 6, "normal": 24}


def _hours(value: object) -> object:
    if not isinstance(value, str):
        return value
    hours = dict(LEASE_HOURS)
    for part in filter(None, (part.strip() for part in value.split(","))):
        urgency, _, number = part.partition("=")
        if urgency not in hours or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 168:
            raise ValueError(f"write it as urgency=hours by commas, 1 to 168; the urgencies are {', '.join(hours)}")
        hours[urgency] = int(number)
    return hours


class Config(BaseModel):
    """Every setting of the service. Field ``x`` is read from the variable ``MAPAPP_X``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field(
        default="",
        description="SQLAlchemy address of a PostGIS database, postgresql+psycopg2://…. Empty: the private cluster "
        "of script/server in var/.",
    )
    owner_database_url: str = Field(
        default="",
        description="The same database, signed in as a member of the role that owns the tables, for migrations and "
        "imports. Empty: as MAPAPP_DATABASE_URL.",
    )
    secret_keys: str = Field(
        default="",
        repr=False,
        description="Encryption keys as name:base64 of 32 bytes, separated by commas, the newest first. Empty: "
        "var/secret-keys, created at the first start.",
    )
    mode: Literal["production", "development"] = Field(
        default="production",
        description="“development” allows demo accounts without two-step sign-in, on loopback only.",
    )
    audit_heads: str = Field(
        default="",
        description="Folder for the signed checkpoints of the audit log, if possible on another machine. Empty: "
        "var/audit-heads.",
    )
    smtp_url: str = Field(
        default="",
        repr=False,
        description="Mail server, smtp://user:password@host:587 (STARTTLS) or smtps://…. Empty: no email is sent.",
    )
    mail_from: str = Field(
        default="", pattern=r"^([^\s@<>]+@[^\s@<>]+)?$", description="Sender of email, for example map@province.go.th."
    )
    public_url: str = Field(
        default="",
        description="Public address of the service, for all links that are printed, sent or given out: https://…. "
        "Empty: the host named by a trusted proxy, this machine or the local network; otherwise "
        "http://127.0.0.1 and the port.",
    )
    service_owner: str = Field(
        default="",
        max_length=120,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Name of the authority or organisation that runs the service; it stands on saved maps, pictures "
        "and downloads. Empty: only the host of MAPAPP_PUBLIC_URL.",
    )
    service_contact: str = Field(
        default="",
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="How people who have a saved map reach its owner: a phone number, an email address; public.",
    )
    fresh_days: Annotated[dict[str, int], BeforeValidator(_days)] = Field(
        default="",
        validate_default=True,
        description="Days until a facility counts as out of date after its last confirmation, kind=days separated "
        "by commas, for example hospital=60. Types that are not named keep their default.",
    )
    lease_hours: Annotated[dict[str, int], BeforeValidator(_hours)] = Field(
        default=_written(LEASE_HOURS),
        validate_default=True,
        description="Hours until a claim expires, urgency=hours separated by commas.",
    )
    leases_per_volunteer: int = Field(
        default=3,
        ge=1,
        le=50,
        description="Maximum number of help requests that one volunteer can have claimed at the same time.",
    )
    lease_renewals: int = Field(
        default=2, ge=0, le=20, description="How often a volunteer can renew a claim; after that an officer decides."
    )
    ask_after_days: int = Field(
        default=14, ge=1, le=365, description="Days after which a resident is asked whether help is still needed."
    )
    close_after_days: int = Field(
        default=21,
        ge=2,
        le=730,
        description="Days after which a request without confirmation is closed; more than MAPAPP_ASK_AFTER_DAYS.",
    )
    confirm_days: int = Field(
        default=7,
        ge=1,
        le=90,
        description="Days a resident has to answer whether the work was done; without an answer the request closes "
        "as helped.",
    )
    erase_after_days: int = Field(
        default=ERASE_AFTER_DAYS,
        ge=7,
        le=365,
        description="Days after which the personal data of a closed help request is deleted; residents agree to "
        "this number.",
    )
    survey_days: int = Field(
        default=180,
        ge=30,
        le=730,
        description="Days after which house numbers are taken out of the records of a closed survey; the figures stay.",
    )
    survey_follow_up_days: int = Field(
        default=FOLLOW_UP_DAYS,
        ge=7,
        le=365,
        description="Days after which a follow-up of the survey is deleted, done or not; people agree to this number.",
    )
    statistics_hour: int = Field(
        default=16, ge=0, le=23, description="Hour of Friday, in Bangkok, whose figures are saved and published."
    )
    survey_an_hour: int = Field(
        default=2_000,
        ge=100,
        le=100_000,
        description="Survey records that one data volunteer can send within an hour.",
    )
    survey_a_day: int = Field(
        default=5_000,
        ge=100,
        le=500_000,
        description="Survey records that one data volunteer can send within 24 hours.",
    )
    survey_offline: Literal["on", "off"] = Field(
        default="on",
        description="Whether phones keep the form of the survey to open it without a connection. `off` removes it from "
        "them as soon as they are online; records that wait there stay, and are sent.",
    )
    backup_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Days for which you keep backups of the database. Residents are told this number, so it must be "
        "true.",
    )
    coverage_days: int = Field(
        default=400,
        ge=1,
        le=4000,
        description="Days of which coverage figures are kept, to compare with.",
    )
    tambon_reach_m: int = Field(
        default=5000,
        ge=0,
        le=20_000,
        description="Metres outside all tambons within which a point still belongs to the nearest one; farther away "
        "it is outside the service.",
    )
    sign_up_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Days after which the sign-up of a volunteer is deleted if no officer has approved it.",
    )
    host: str = Field(default="127.0.0.1", pattern=r"^[\w.:%\[\]-]+$", description="Address the web server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the web server listens on.")
    workers: int = Field(default=2, ge=1, le=64, description="Number of web processes.")
    supervisor: str = Field(
        default="",
        max_length=40,
        pattern=r"^[\w./ -]*$",
        description="Program that restarts the service when it stops: systemd, docker …; mapapp check warns if it "
        "is empty.",
    )
    cache_mb: int = Field(
        default=24,
        ge=0,
        le=4096,
        description="Memory in MB that each web process can use for cached tiles and JSON.",
    )
    tile_url: str = Field(
        default="https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        description="Raster base map, with {z}, {x} and {y}; “none” turns it off.",
    )
    tile_attribution: str = Field(
        default="© OpenStreetMap contributors",
        max_length=200,
        description="Attribution of the base map.",
    )
    geocoder_url: str = Field(
        default="",
        description="Nominatim-compatible host for place names that our own data does not have, https://…. Empty: off.",
    )
    geocoder_user_agent: str = Field(
        default="mapapp-thailand",
        min_length=3,
        max_length=100,
        description="User agent for requests to the geocoder.",
    )
    help_line: str = Field(
        default="1300",
        pattern=r"^[0-9 +-]{3,20}$",
        description="Phone number that people outside the area of this service are told to call; 1300 is the "
        "national social assistance line.",
    )
    help_elsewhere_url: str = Field(
        default="",
        max_length=500,
        pattern=r"^(https?://[^\s\"<>]+)?$",
        description="Page for people outside the area of this service, for example a national list. Empty: none.",
    )
    redis_url: str = Field(
        default="",
        description="redis://… for rate limits shared by several web processes. Empty: each process counts separately.",
    )
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=(),
        description="Addresses or networks of reverse proxies, separated by commas, whose X-Forwarded-* headers are "
        "trusted.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Minimum level of log messages."
    )

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith("postgresql+psycopg2://"):
            raise ValueError("write it as postgresql+psycopg2://user:password@host:port/name")
        try:
            make_url(value or "postgresql+psycopg2://")
        except (ValueError, ArgumentError):  # their texts can contain the password
            raise ValueError("write it as postgresql+psycopg2://user:password@host:port/name") from None
        return value

    @field_validator("tile_url")
    @classmethod
    def _tile(cls, value: str) -> str:
        if value == "none":
            return value
        _http_address(value)
        if not all(part in value for part in ("{z}", "{x}", "{y}")):
            raise ValueError("it needs {z}, {x} and {y}, or is the word none")
        if "{" in value.replace("{z}", "").replace("{x}", "").replace("{y}", ""):
            raise ValueError("only {z}, {x} and {y} may stand in braces")
        return Address(value)  # it is put into the scripts of maps

    @field_validator("secret_keys")
    @classmethod
    def _keys(cls, value: str) -> str:
        parse_keys(value)
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            is_right = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
        except ValueError:  # not a port; the text can contain the password
            is_right = False
        if value and not is_right:
            raise ValueError("write it as smtp://user:password@host:587 or smtps://user:password@host:465")
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        return _http_address(value).rstrip("/") if value else value

    @field_validator("geocoder_url")
    @classmethod
    def _geocoder(cls, value: str) -> str:
        return _http_address(value).rstrip("/") if value else value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("write it as redis://host:port/number")
        return value

    @model_validator(mode="after")
    def _asked_before_closed(self) -> Self:
        if self.close_after_days <= self.ask_after_days:
            raise ValueError("MAPAPP_CLOSE_AFTER_DAYS must be more than MAPAPP_ASK_AFTER_DAYS")
        return self

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            ipaddress.ip_network(part, strict=False)
        return value

    @property
    def tile_origin(self) -> str | None:
        """Scheme and host of the base map (for the Content-Security-Policy), or None if it is off."""
        if self.tile_url == "none":
            return None
        parts = urlsplit(self.tile_url)
        return f"{parts.scheme}://{parts.netloc}"

    def database(self) -> str:
        """The service's address to connect to: the configured one, or that of the private cluster under ``var/``."""
        return self.database_url or private_database_url(user=APP_ROLE)

    def owner_database(self) -> str:
        """The address for migrations and for the command line: as the role that owns the tables."""
        return self.owner_database_url or self.database_url or private_database_url()

    def vault(self) -> Vault:
        """The encryption keys: the configured ones, or those of ``var/secret-keys``, created if missing."""
        return _vault(self.secret_keys)

    @property
    def public_host(self) -> str:
        """The host of ``public_url``, shown on pictures and files; empty if it is not set."""
        return urlsplit(self.public_url).netloc

    @property
    def signature(self) -> str:
        """The owner of the service, their contact and the address, as shown on pictures and files; can be empty."""
        return " · ".join(filter(None, (self.service_owner.strip(), self.service_contact.strip(), self.public_host)))

    def own_address(self) -> str:
        """The address of the service, for links that are made without a request."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    def heads_folder(self) -> Path:
        """The folder for signed checkpoints of the audit log: one for each database."""
        if self.audit_heads:
            return Path(self.audit_heads)
        folder = ROOT / "var" / "audit-heads"
        if not self.database_url:
            return folder
        url = make_url(self.database_url)
        place = (
            f"{url.host}:{url.port}/{url.database}?{url.query.get('host')}"  # without user and role, which can differ
        )
        return folder / f"{url.database}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


KEY_FILE = ROOT / "var" / "secret-keys"


@lru_cache(maxsize=4)
def _vault(secret_keys: str) -> Vault:
    return Vault(parse_keys(secret_keys or _key_file()))


def _key_file() -> str:
    """The keys under ``var/``, readable only by their owner. Two processes that start at the same time agree on one
    key."""
    if not KEY_FILE.exists():
        KEY_FILE.parent.mkdir(exist_ok=True)
        fresh = KEY_FILE.with_name(f"{KEY_FILE.name}.{os.getpid()}")
        fresh.touch(0o600, exist_ok=False)
        fresh.write_text(new_key("k1") + "\n", "ascii")
        try:
            os.link(fresh, KEY_FILE)  # fails if another process was first: its key is used
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return KEY_FILE.read_text("ascii").strip().replace("\n", ",")


def _http_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("write it with https:// and a host")
    if any(character in value for character in "\"'<>; \t\r\n,"):
        raise ValueError("an address has no blanks, quotes, commas or semicolons")
    return value


def private_database_url(name: str = "pg", database: str = "mapapp", user: str = "mapapp") -> str:
    """Address of a database in the private cluster ``var/<name>``, which script/lib/cluster.sh runs.

    The cluster's user ``mapapp`` owns everything; the service connects as ``APP_ROLE``.

    Raises:
        BadConfig: there is no such cluster here.
    """
    socket = ROOT / "var" / f"{name}.socket"
    if not socket.is_file():
        raise BadConfig("There is no database yet: run script/server once, or set MAPAPP_DATABASE_URL.")
    return f"postgresql+psycopg2://{user}@/{database}?host={quote(socket.read_text().strip())}&port=54329"


def load(environ: Mapping[str, str]) -> Config:
    """Reads the settings.

    Raises:
        BadConfig: a value is invalid, or a ``MAPAPP_`` variable is unknown (a spelling mistake would otherwise not be
            noticed).
    """
    given: dict[str, Any] = {
        key.removeprefix(PREFIX).lower(): value
        for key, value in environ.items()
        if key.startswith(PREFIX) and not key.startswith(PREFIX + "TEST_")
    }
    try:
        return Config.model_validate(given)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            if not problem["loc"]:  # two settings contradict each other; the message names them
                lines.append(problem["msg"])
                continue
            name = PREFIX + str(problem["loc"][0]).upper()
            text = "is not a setting of this service" if problem["type"] == "extra_forbidden" else problem["msg"]
            lines.append(f"{name}: {text}")
        raise BadConfig("\n".join([*lines, "docs/configuration.md lists every setting."])) from None
