"""What is shown once: the code of a page, sealed and for minutes.

It is known only at the moment of the post, and nothing in the database can give it again. A reload on a bad network
must show it all the same, so the browser carries it, good for ``SHOWN_FOR``: who asked in a cookie of the page that
shows it, an officer in its address, where it opens for that officer alone.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any, Final

from mapapp.core.vault import CannotOpen, Vault

SHOWN_FOR: Final = timedelta(minutes=30)


def seal(vault: Vault, values: dict[str, Any], *, place: str, now: datetime) -> str:
    """The values as a parameter of an address or a cookie.

    Args:
        values: what is shown.
        place: whose eyes they are for: the page's number, or the officer's id. Elsewhere it does not open.
    """
    text = json.dumps(values | {"until": (now + SHOWN_FOR).timestamp()})
    sealed = vault.seal(text, table="seen", column="once", record=place)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(vault: Vault, given: str, *, place: str, now: datetime) -> dict[str, Any] | None:
    """The values again; None where it is too late, or this is not their place."""
    try:
        sealed = base64.urlsafe_b64decode(given[:2_000] + "=" * (-len(given) % 4))
        found: dict[str, Any] = json.loads(vault.open(sealed, table="seen", column="once", record=place))
    except (CannotOpen, ValueError):
        return None
    return found if found.pop("until") > now.timestamp() else None
