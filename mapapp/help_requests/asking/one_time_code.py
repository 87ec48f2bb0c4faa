"""The code of a resident's page, which is shown for a few minutes only, in encrypted form.

The code is known only when the request is sent; the database cannot return it. A reload on a bad network must still
show it. So the browser stores it encrypted for ``SHOWN_FOR``: for residents in a cookie of the page, for officers in
the address of their page, where only that officer can decrypt it.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any, Final

from mapapp.core.vault import CannotOpen, Vault

SHOWN_FOR: Final = timedelta(minutes=30)


def seal(vault: Vault, values: dict[str, Any], *, place: str, now: datetime) -> str:
    """The values, encrypted for a parameter of an address or a cookie.

    Args:
        values: what is shown.
        place: for whom: the number of the page, or the officer's id. It can be decrypted only with the same one.
    """
    text = json.dumps(values | {"until": (now + SHOWN_FOR).timestamp()})
    sealed = vault.seal(text, table="seen", column="once", record=place)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(vault: Vault, given: str, *, place: str, now: datetime) -> dict[str, Any] | None:
    """The decrypted values; None if it is too late, or they belong to another page or officer."""
    try:
        sealed = base64.urlsafe_b64decode(given[:2_000] + "=" * (-len(given) % 4))
        found: dict[str, Any] = json.loads(vault.open(sealed, table="seen", column="once", record=place))
    except (CannotOpen, ValueError):
        return None
    return found if found.pop("until") > now.timestamp() else None
