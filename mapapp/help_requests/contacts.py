"""Contact details and landmark of a resident: encrypted, decrypted only for people who may see them. Follow-ups of the
survey encrypt theirs in the same way."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from mapapp.core.contact_fields import phone_index
from mapapp.core.vault import Vault
from mapapp.help_requests.models import HelpRequest


@dataclass(frozen=True)
class Contact:
    """Contact details of a request."""

    name: str | None = None
    phone: str | None = None
    """E.164."""
    other: str | None = None
    """Another way, in words: a neighbour, a LINE name."""

    @property
    def is_empty(self) -> bool:
        return not (self.phone or self.other)


def keep(vault: Vault, row: HelpRequest, contact: Contact | None) -> None:
    """Stores the contact details of a request whose id is known; None removes them and their index."""
    row.contact_sealed = None
    row.phone_index = None
    if contact is not None:
        row.contact_sealed = seal(vault, contact, table="help_requests", record=row.id)
        row.phone_index = phone_index(vault, contact.phone) if contact.phone else None


def of(vault: Vault, request_id: int, sealed: bytes | None) -> Contact:
    """The decrypted contact details (empty if there are none). Showing them to anyone but the resident must be
    recorded."""
    return unseal(vault, sealed, table="help_requests", record=request_id)


def seal(vault: Vault, contact: Contact, *, table: str, record: int) -> bytes:
    """Contact details, encrypted for the column ``contact_sealed`` of one record."""
    text = json.dumps(asdict(contact), ensure_ascii=False)
    return vault.seal(text, table=table, column="contact_sealed", record=str(record))


def unseal(vault: Vault, sealed: bytes | None, *, table: str, record: int) -> Contact:
    """The decrypted contact details of a record; empty if there are none."""
    if sealed is None:
        return Contact()
    return Contact(**json.loads(vault.open(sealed, table=table, column="contact_sealed", record=str(record))))


def keep_landmark(vault: Vault, row: HelpRequest, landmark: str | None) -> None:
    """Stores the landmark of a request whose id is known."""
    row.landmark_sealed = None if landmark is None else vault.seal(landmark, **_place("landmark_sealed", row.id))


def landmark_of(vault: Vault, request_id: int, sealed: bytes | None) -> str | None:
    """The decrypted landmark."""
    return None if sealed is None else vault.open(sealed, **_place("landmark_sealed", request_id))


def _place(column: str, request_id: int) -> dict[str, str]:
    return {"table": "help_requests", "column": column, "record": str(request_id)}
