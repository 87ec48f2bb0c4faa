"""Settings: read once, typed, and a wrong one stops the start with its name."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

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
        ("MAPAPP_TILE_URL", "https://tiles.example/{z}/{x}/{y}/{{7*191}}.png"),
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
