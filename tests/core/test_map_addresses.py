"""What may stand in a map's scripts: addresses, and nothing that means more."""

from __future__ import annotations

import pytest

from mapapp.core import config
from mapapp.core.map_addresses import Address
from tests.maps.test_documents import PAYLOADS

GOOD = [
    "",
    "/tiles",
    "/static/-/js/map/layers/area-tiles.js",
    "/tiles/areas/{z}/{x}/{y}.mvt?kind=hospital&stale=1",
    "https://tiles.example.org/{z}/{x}/{y}@2x.png?key=a-b_c~%7B",
    "http://127.0.0.1:8000",
    "https://[2001:db8::1]:8443/{s}",
]


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_kept_as_it_is(text: str) -> None:
    assert Address(text) == text


@pytest.mark.parametrize("payload", [*PAYLOADS, "'", "`", "\\", "\n", " ", "<", ">", "{x", "x}", "{}", "%}", "}}", "ก"])
def test_what_could_be_code_is_no_address(payload: str) -> None:
    for text in (payload, f"/{payload}", f"https://tiles.example.org/{payload}", f"/{{z}}/{payload}"):
        with pytest.raises(ValueError, match="address of a map"):
            Address(text)


@pytest.mark.parametrize("text", ["//foreign.example.org/x.js", "javascript:alert(1)", "data:text/html,x", "tiles"])
def test_other_schemes_and_relative_paths_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="address of a map"):
        Address(text)


def test_the_setting_is_such_an_address() -> None:
    for payload in ("`", "\\", "${x}"):
        with pytest.raises(ValueError, match="tile_url"):
            config.Config(tile_url="https://tiles.example.org/{z}/{x}/{y}.png" + payload)
