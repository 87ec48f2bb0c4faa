"""What the page about the data says of cookies is what browsers are given."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.accounts.signing_in import sessions
from mapapp.help_requests.asking import one_time_code
from mapapp.help_requests.resident import page_key
from tests.data import small_country


def test_the_page_says_which_cookies_there_are_and_for_how_long(client: FlaskClient, session: Session) -> None:
    small_country(session)
    session.commit()
    page = client.get("/about/data?lang=en")
    assert "You can read this site without cookies" in page.text
    assert f"for {page_key.LASTS.days} days after you last opened it" in page.text
    assert f"for {one_time_code.SHOWN_FOR.seconds // 60} minutes" in page.text
    assert f"for at most {sessions.LASTS.days} days" in page.text
    for address in ("/", "/about/data", "/coverage", "/requests/new"):
        assert "Set-Cookie" not in client.get(address).headers
