"""The resident's page says of when it is, and tells within seconds that somebody comes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.help_requests.models import HelpRequest
from tests.conftest import NOON
from tests.help_requests.build import needs_of
from tests.help_requests.resident.conftest import Resident, hold

InState = Callable[..., HelpRequest]
Open = Callable[[HelpRequest], Resident]


def test_the_page_is_as_it_was_until_somebody_comes(
    session: Session, helper: Person, in_state: InState, resident: Open, clock: dict[str, datetime]
) -> None:
    asked = in_state("open")
    page = resident(asked)
    text = page.text("?lang=en")
    assert re.search(r"As of .*20 Nov", text), "who has no scripts is told how old it is"
    found = re.search(r'data-fresh="(\w+)" data-watch="always" data-at="([^"?]+)', text)
    assert found
    assert found[2] == page.address

    def again() -> int:
        return page.client.get(page.address, headers={"If-None-Match": f'W/"{found[1]}"'}).status_code

    clock["now"] = NOON + timedelta(minutes=10)
    assert again() == 304, "time alone changes nothing here"
    hold(session, needs_of(session, asked.id)[0], helper, ends=clock["now"] + timedelta(hours=2))
    session.commit()
    assert again() == 200
