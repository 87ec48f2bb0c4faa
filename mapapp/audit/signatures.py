"""The messages that are signed with our key: checkpoints of the log, and anchors where its beginning was deleted. No
database access."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mapapp.audit.chain import moment
from mapapp.core.errors import N_, invalid


@dataclass(frozen=True)
class Head:
    """On ``day`` (in Bangkok), entry ``seq`` was the newest and had this hash."""

    day: date
    seq: int
    hash: bytes
    signed_at: datetime
    signature: bytes

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return f"mapapp audit head|{self.day}|{self.seq}|{self.hash.hex()}|{moment(self.signed_at)}".encode()


def is_signed(public_keys: Sequence[Ed25519PublicKey], signature: bytes, message: bytes) -> bool:
    """Whether one of the keys made the signature."""
    for key in public_keys:
        with contextlib.suppress(InvalidSignature):
            key.verify(signature, message)
            return True
    return False


def anchor_message(seq: int, previous: bytes) -> bytes:
    """The bytes that are signed when entries up to ``seq``, the last of them with this hash, are deleted."""
    return f"mapapp audit anchor|{seq}|{previous.hex()}".encode()


def public_key_text(key: Ed25519PublicKey) -> str:
    """The key as base64 of its 32 bytes; ``parse_public_key`` reads it."""
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def parse_public_key(value: str) -> Ed25519PublicKey:
    """A public key from its text.

    Raises:
        Invalid: it is not a public key.
    """
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(value.strip(), validate=True))
    except ValueError:
        raise invalid("public-key", N_("Give it as mapapp audit public-key prints it.")) from None
