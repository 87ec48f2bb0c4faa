"""What tests read out of the console's pages."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import TestResponse


def shown(page: TestResponse) -> list[int]:
    """The pins of the table or the queue, in their order."""
    assert page.status_code in (200, 400), page.text[:500]
    return [int(number) for number in re.findall(r'id="row-(\d+)"', page.text)]


def picks(page: TestResponse) -> dict[int, str]:
    """Pin → how the form names it."""
    found = re.findall(r'name="(?:pick|still)" value="((\d+)\.\d+)"', page.text)
    return {int(facility_id): pick for pick, facility_id in found}


def hidden(page: TestResponse, name: str) -> str:
    """The value of a hidden field (the first of this name)."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no {name} on the page"
    return unescape(found[1])


def text_of(page: TestResponse) -> str:
    """The page's words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())
