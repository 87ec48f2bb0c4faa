"""Typed settings, read once from ``MAPAPP_*`` variables; a wrong value stops the start with a sentence.

``docs/configuration.md`` lists the same settings for operators; a test keeps the two in step.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder: ``static/``, ``templates/``, ``seed/`` and ``migrations/`` lie in it."""

PREFIX = "MAPAPP_"


class BadConfig(Exception):
    """A setting has a value the service cannot run with; the text says which one and what it takes."""


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class Config(BaseModel):
    """Every setting of the service. Field ``x`` is read from the variable ``MAPAPP_X``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field(
        default="",
        description="SQLAlchemy address of a PostGIS database, postgresql+psycopg2://…. "
        "Empty: the private cluster that script/server keeps under var/.",
    )
    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the web server listens on.")
    workers: int = Field(default=2, ge=1, le=64, description="Number of web processes.")
    cache_mb: int = Field(
        default=24,
        ge=0,
        le=4096,
        description="Memory in MB each web process may use for cached tiles and JSON.",
    )
    tile_url: str = Field(
        default="https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        description="Raster base map, with {z}, {x} and {y}; “none” switches it off.",
    )
    tile_attribution: str = Field(
        default="© OpenStreetMap contributors",
        max_length=200,
        description="Credit shown on the map for the base map.",
    )
    geocoder_url: str = Field(
        default="",
        description="Nominatim-compatible host for place names we do not know ourselves, https://…. Empty: off.",
    )
    geocoder_user_agent: str = Field(
        default="mapapp-thailand",
        min_length=3,
        max_length=100,
        description="How we name ourselves to the geocoder.",
    )
    redis_url: str = Field(
        default="",
        description="redis://… for rate limits shared by several web processes. Empty: in memory, each.",
    )
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=(),
        description="Addresses or networks of reverse proxies, by commas, whose X-Forwarded-* headers are believed.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much the service writes to its log."
    )

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith("postgresql+psycopg2://"):
            raise ValueError("write it as postgresql+psycopg2://user:password@host:port/name")
        try:
            make_url(value or "postgresql+psycopg2://")
        except (ValueError, ArgumentError):  # their texts may repeat the password
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
        return value

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

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            ipaddress.ip_network(part, strict=False)
        return value

    @property
    def tile_origin(self) -> str | None:
        """Scheme and host of the base map (for the Content-Security-Policy), or None where it is off."""
        if self.tile_url == "none":
            return None
        parts = urlsplit(self.tile_url)
        return f"{parts.scheme}://{parts.netloc}"

    def database(self) -> str:
        """The address to connect to: the configured one, or that of the private cluster under ``var/``."""
        return self.database_url or private_database_url()


def _http_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("write it with https:// and a host")
    if any(character in value for character in "\"'<>; \t\r\n,"):
        raise ValueError("an address has no blanks, quotes, commas or semicolons")
    return value


def private_database_url(name: str = "pg", database: str = "mapapp") -> str:
    """Address of a database in the private cluster ``var/<name>``, which script/lib/cluster.sh runs.

    Raises:
        BadConfig: there is no such cluster here.
    """
    socket = ROOT / "var" / f"{name}.socket"
    if not socket.is_file():
        raise BadConfig("There is no database yet: run script/server once, or set MAPAPP_DATABASE_URL.")
    return f"postgresql+psycopg2://mapapp@/{database}?host={quote(socket.read_text().strip())}&port=54329"


def load(environ: Mapping[str, str]) -> Config:
    """Reads the settings.

    Raises:
        BadConfig: a value is wrong, or a ``MAPAPP_`` variable is none of ours (a misspelt one would be silent).
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
            name = PREFIX + str(problem["loc"][0]).upper()
            text = "is not a setting of this service" if problem["type"] == "extra_forbidden" else problem["msg"]
            lines.append(f"{name}: {text}")
        raise BadConfig("\n".join([*lines, "docs/configuration.md lists every setting."])) from None
