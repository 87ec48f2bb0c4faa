"""What pages and API of this room share."""

from __future__ import annotations

from flask import request

from mapapp.core.addresses import network
from mapapp.core.errors import N_, TooMany
from mapapp.web import limits

LIMIT = "60 per minute"
"""Sites tried by one address; nothing of them is kept, so each is computed."""


def limited() -> None:
    """Counts one more site that is tried.

    Raises:
        TooMany: this address has had its share.
    """
    wait = limits.wait_s("one more site", LIMIT, network(request.remote_addr or "unknown"))
    if wait:
        raise TooMany(wait, N_("Too many places were tried from your network. Try again later."))
