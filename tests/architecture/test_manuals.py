"""The manuals in Thai tell the truth: each picture is there and small, each address is a route, each text they quote
stands on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound

from mapapp.core.config import ROOT
from mapapp.web import catalogues

FOLDER = ROOT / "docs" / "th"
MANUALS = sorted(FOLDER.glob("*.md"))
PICTURES = FOLDER / "pictures"
MOST_BYTES = 120_000
MAKERS = sorted((ROOT / "tests" / "browser").glob("test_*.py"))

pytestmark = pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.stem)


def said_on_pages() -> Iterator[str]:
    """What pages say in Thai."""
    for message in catalogues.messages(catalogues.read("th")):
        yield from catalogues.forms(message)


def test_every_picture_is_there_and_small(manual: Path) -> None:
    named = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", manual.read_text(encoding="utf-8"))
    assert len(named) > 2
    for name in named:
        picture = FOLDER / name
        assert picture.read_bytes().startswith(b"\x89PNG"), name
        assert picture.stat().st_size <= MOST_BYTES, name


def test_every_picture_can_be_made_again(manual: Path) -> None:
    made = "".join(path.read_text(encoding="utf-8") for path in MAKERS)
    for name in re.findall(r"pictures/([\w-]+)\.png", manual.read_text(encoding="utf-8")):
        assert f'"{name}"' in made, f"no browser test makes {name}"


def test_every_address_is_a_route(manual: Path, app: Flask) -> None:
    named = re.findall(r"`(/[^`]*)`", manual.read_text(encoding="utf-8"))
    assert named
    routes = app.url_map.bind("localhost")
    for address in named:
        try:
            routes.match(address, method="GET")
        except (NotFound, MethodNotAllowed):
            pytest.fail(f"{manual.name} names {address}")


def test_every_quoted_text_is_on_a_page(manual: Path) -> None:
    # A manual gives a figure where the message has a place for it.
    said = re.compile("|".join(re.sub(r"%\\\(\w+\\\)s", r"[\\d,]+", re.escape(text)) for text in set(said_on_pages())))
    quoted = re.findall(r"\*\*([^*]+)\*\*|«([^»]+)»", manual.read_text(encoding="utf-8"))
    assert len(quoted) > 20
    assert [text for text in map("".join, quoted) if not said.fullmatch(text)] == []


def test_every_link_inside_leads_somewhere(manual: Path) -> None:
    text = manual.read_text(encoding="utf-8")
    heads = [
        re.sub(r"[^\w\u0e01-\u0e4e -]", "", head).strip().replace(" ", "-")
        for head in re.findall(r"^#+ (.+)$", text, re.M)
    ]
    for target in re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in heads, f"{manual.name}: {target}"
        else:
            assert (FOLDER / target).is_file(), f"{manual.name}: {target}"


def test_no_picture_lies_about_unused(manual: Path) -> None:
    every = "".join(path.read_text(encoding="utf-8") for path in MANUALS)
    for picture in PICTURES.glob("*"):
        assert f"pictures/{picture.name}" in every, f"{picture.name} is in no manual"
