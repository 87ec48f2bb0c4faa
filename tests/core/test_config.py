"""Settings: read once, typed, and a wrong one stops the start with its name."""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mapapp.app import create_app
from mapapp.areas.queries import reach_m
from mapapp.core import config
from mapapp.core.config import BadConfig, Config, load


def test_defaults_need_nothing() -> None:
    assert load({}) == Config()
    assert load({"HOME": "/root", "MAPAPP_TEST_DATABASE_URL": "x"}) == Config()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAPAPP_PORT", "eighty"),
        ("MAPAPP_PORT", "0"),
        ("MAPAPP_WORKERS", "0"),
        ("MAPAPP_DATABASE_URL", "mysql://x"),
        ("MAPAPP_DATABASE_URL", "postgresql://x"),
        ("MAPAPP_TILE_URL", "https://tiles.example/{z}/{x}.png"),
        ("MAPAPP_TILE_URL", "https://tiles.example/{z}/{x}/{y}/{{98765*54321}}.png"),
        ("MAPAPP_TILE_URL", "javascript:alert(1)//{z}{x}{y}"),
        ("MAPAPP_TILE_URL", "https://a.example; script-src *//{z}{x}{y}"),
        ("MAPAPP_GEOCODER_URL", "nominatim.example"),
        ("MAPAPP_REDIS_URL", "localhost:6379"),
        ("MAPAPP_TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("MAPAPP_LOG_LEVEL", "loud"),
        ("MAPAPP_PROT", "8000"),
    ],
)
def test_a_wrong_value_names_the_setting(name: str, value: str) -> None:
    with pytest.raises(BadConfig) as caught:
        load({name: value})
    assert name in str(caught.value)


def test_good_values_arrive_typed() -> None:
    made = load({"MAPAPP_PORT": "9000", "MAPAPP_TRUSTED_PROXIES": "10.0.0.0/8, ::1", "MAPAPP_TILE_URL": "none"})
    assert (made.port, made.trusted_proxies, made.tile_origin) == (9000, ("10.0.0.0/8", "::1"), None)
    assert Config().tile_origin == "https://tile.openstreetmap.org"


def test_each_database_has_its_own_folder_of_heads() -> None:
    here = load({}).heads_folder()
    one = load({"MAPAPP_DATABASE_URL": "postgresql+psycopg2://a:b@db:5432/map"}).heads_folder()
    same = load({"MAPAPP_DATABASE_URL": "postgresql+psycopg2://other@db:5432/map"}).heads_folder()
    other = load({"MAPAPP_DATABASE_URL": "postgresql+psycopg2://a:b@db2:5432/map"}).heads_folder()
    assert one == same
    assert len({here, one, other}) == 3
    assert one.parent == other.parent == here
    assert str(load({"MAPAPP_AUDIT_HEADS": "/mnt/heads"}).heads_folder()) == "/mnt/heads"


@pytest.mark.parametrize(
    ("field", "name", "before", "after"),
    [
        ("lease_hours", "life", '"life": 2', '"life": 5'),
        ("lease_hours", "normal", '"normal": 24', '"normal": 30'),
    ],
)
def test_a_changed_default_is_the_default_everywhere(field: str, name: str, before: str, after: str) -> None:
    source = Path(config.__file__).read_text("utf-8")
    assert source.count(before) == 1, "it stands in one place"
    changed = ModuleType("changed_config")
    changed.__dict__["__file__"] = config.__file__
    sys.modules[changed.__name__] = changed  # where its models look for their names
    try:
        exec(compile(source.replace(before, after), config.__file__, "exec"), changed.__dict__)
        number = int(after.rpartition(" ")[2])
        other = next(one for one in getattr(Config(), field) if one != name)
        for made in (changed.Config(), changed.load({}), changed.load({f"MAPAPP_{field.upper()}": f"{other}=1"})):
            assert getattr(made, field)[name] == number
        assert f"{name}={number}" in changed.Config.model_fields[field].default, "what the documentation is held to"
    finally:
        del sys.modules[changed.__name__]


@pytest.mark.parametrize("field", ["lease_hours"])
def test_what_is_not_named_keeps_its_default(field: str) -> None:
    defaults = getattr(Config(), field)
    for name in defaults:
        made = getattr(load({f"MAPAPP_{field.upper()}": f"{name}=11"}), field)
        assert made == defaults | {name: 11}


# Every setting, tried -------------------------------------------------------------------------------------------------

KEYS = "k1:" + base64.b64encode(bytes(range(32))).decode()
DATABASE = "postgresql+psycopg2://a:b@db:5432/map"

OTHERWISE: dict[str, tuple[str, object, str | None]] = {
    "database_url": (DATABASE, DATABASE, "mysql://x"),
    "owner_database_url": (DATABASE, DATABASE, "postgresql://x"),
    "secret_keys": (KEYS, KEYS, "k1:short"),
    "mode": ("development", "development", "test"),
    "audit_heads": ("/mnt/heads", "/mnt/heads", None),
    "smtp_url": ("smtps://a:b@mail.example", "smtps://a:b@mail.example", "mail.example"),
    "mail_from": ("map@example.go.th", "map@example.go.th", "the map"),
    "public_url": ("https://map.example.go.th/", "https://map.example.go.th", "map.example.go.th"),
    "service_owner": ("สสจ. เชียงใหม่", "สสจ. เชียงใหม่", "a\nb"),
    "service_contact": ("053 920 300", "053 920 300", "x" * 201),
    "fresh_days": ("hospital=60", {"hospital": 60}, "hospital=none"),
    "lease_hours": ("life=3", {"life": 3, "urgent": 6, "normal": 24}, "soon=3"),
    "leases_per_volunteer": ("4", 4, "0"),
    "lease_renewals": ("0", 0, "-1"),
    "ask_after_days": ("10", 10, "0"),
    "close_after_days": ("30", 30, "14"),
    "confirm_days": ("8", 8, "91"),
    "erase_after_days": ("60", 60, "6"),
    "survey_days": ("90", 90, "29"),
    "survey_follow_up_days": ("60", 60, "6"),
    "statistics_hour": ("9", 9, "24"),
    "survey_an_hour": ("500", 500, "99"),
    "survey_a_day": ("900", 900, "99"),
    "survey_offline": ("off", "off", "sometimes"),
    "backup_days": ("20", 20, "0"),
    "coverage_days": ("30", 30, "0"),
    "tambon_reach_m": ("0", 0, "20001"),
    "sign_up_days": ("31", 31, "x"),
    "host": ("0.0.0.0", "0.0.0.0", "http://0.0.0.0"),
    "port": ("9000", 9000, "65536"),
    "workers": ("3", 3, "65"),
    "supervisor": ("systemd", "systemd", "$(x)"),
    "cache_mb": ("0", 0, "-1"),
    "tile_url": ("none", "none", "https://tiles.example/"),
    "tile_attribution": ("GISTDA", "GISTDA", "x" * 201),
    "geocoder_url": ("https://names.example/", "https://names.example", "names.example"),
    "geocoder_user_agent": ("map of Chiang Mai", "map of Chiang Mai", "x"),
    "help_line": ("1669", "1669", "call us"),
    "help_elsewhere_url": ("https://help.example", "https://help.example", "help.example"),
    "redis_url": ("redis://localhost:6379/0", "redis://localhost:6379/0", "localhost"),
    "trusted_proxies": ("10.0.0.1", ("10.0.0.1",), "proxy"),
    "log_level": ("debug", "debug", "loud"),
}
"""Setting → another value as it is written, what it arrives as, and a wrong one (None: a path may be anything)."""


def test_every_setting_is_tried() -> None:
    assert OTHERWISE.keys() == Config.model_fields.keys()


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_setting_of_the_environment_arrives_and_a_wrong_one_is_named(name: str) -> None:
    written, arrives, wrong = OTHERWISE[name]
    variable = f"MAPAPP_{name.upper()}"
    made, usual = load({variable: written}), Config()
    assert getattr(made, name) == arrives != getattr(usual, name)
    assert made.model_dump(exclude={name}) == usual.model_dump(exclude={name}), "and nothing else changes"
    if wrong is not None:
        with pytest.raises(BadConfig) as caught:
            load({variable: wrong})
        said = str(caught.value)
        assert variable in said
        assert "docs/configuration.md" in said
        if name in {"database_url", "owner_database_url", "secret_keys", "smtp_url"}:
            assert wrong not in said, "it may hold a password"


def test_every_setting_is_read_by_the_service() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (config.ROOT / "mapapp").rglob("*.py"))
    assert [
        name for name in Config.model_fields if not re.search(rf"(?:config|settings|self)(?:\(\))?\.{name}\b", code)
    ] == []


def test_how_far_a_tambon_reaches_goes_with_every_session() -> None:
    """Imports and chores have sessions of their own; they place pins by the same setting as the pages."""
    made = create_app(
        load({"MAPAPP_TAMBON_REACH_M": "7000", "MAPAPP_DATABASE_URL": DATABASE, "MAPAPP_SECRET_KEYS": KEYS})
    )
    for name in ("mapapp_writing", "mapapp_reading"):
        with made.extensions[name]() as session:
            assert reach_m(session) == 7000, name
    assert made.extensions["mapapp_scheduler"].carried == {"tambon_reach_m": 7000}
