"""Protects data from a thief of the database: encrypted values, blind indexes, keyed hashes, signatures.

Values are encrypted (“sealed”) with AES-256-GCM and a separate key for each record, which is wrapped by an encryption
key outside the database (``MAPAPP_SECRET_KEYS``). The associated data names table, column, record and key, so that a
value copied to another row or column cannot be decrypted. Lookup uses an HMAC-SHA-256 blind index with a separate key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from functools import cached_property, lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_KEY = 32
_WRAPPED = _NONCE + _KEY + 16


class CannotOpen(Exception):
    """The value was encrypted with an unknown key or for another column or record, or was changed."""


def parse_keys(value: str) -> tuple[tuple[str, bytes], ...]:
    """Encryption keys as ``name:base64``, separated by commas, the newest first.

    Raises:
        ValueError: a key has no name, is not 32 bytes of base64, or a name occurs twice.
    """
    found: list[tuple[str, bytes]] = []
    for part in filter(None, (part.strip() for part in value.split(","))):
        name, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not name.isalnum() or not name.isascii() or len(name) > 40 or len(key) != _KEY:
            raise ValueError("write it as name:base64 of 32 bytes, the newest first, by commas")
        found.append((name, key))
    if len({name for name, _ in found}) != len(found):
        raise ValueError("two keys have the same name")
    return tuple(found)


def new_key(name: str) -> str:
    """A new encryption key, as ``parse_keys`` reads it."""
    return f"{name}:{base64.b64encode(os.urandom(_KEY)).decode()}"


def new_token() -> str:
    """256 random bits for a link or a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """The hash of a token that is stored. A token is random and long, so a plain hash cannot be reversed by trying."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class Vault:
    """The encryption keys and all operations with them. The first key encrypts; all of them can decrypt."""

    def __init__(self, keys: Iterable[tuple[str, bytes]]) -> None:
        self._keys = dict(keys)
        if not self._keys:
            raise ValueError("a vault needs a key")
        self._current = next(iter(self._keys))

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._keys)})"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the keys, the newest first."""
        return tuple(self._keys)

    # Sealing ----------------------------------------------------------------------------------------------------

    def seal(self, value: str, *, table: str, column: str, record: object, key: str | None = None) -> bytes:
        """The encrypted value for this column of this record, with the newest key or a named one. It cannot be
        decrypted for another column or record."""
        name = key or self._current
        about = _about(table, column, record, name)
        fresh, outer, inner = os.urandom(_KEY), os.urandom(_NONCE), os.urandom(_NONCE)
        wrapped = outer + AESGCM(self._derived(name, "wrap")).encrypt(outer, fresh, about)
        return (
            bytes([1, len(name)])
            + name.encode()
            + wrapped
            + inner
            + AESGCM(fresh).encrypt(inner, value.encode("utf-8"), about)
        )

    def open(self, sealed: bytes, *, table: str, column: str, record: object) -> str:
        """The decrypted value.

        Raises:
            CannotOpen: wrong key, wrong column or record, or changed.
        """
        try:
            if sealed[0] != 1:
                raise CannotOpen
            end = 2 + sealed[1]
            name = sealed[2:end].decode()
            about = _about(table, column, record, name)
            wrapped, rest = sealed[end : end + _WRAPPED], sealed[end + _WRAPPED :]
            key = AESGCM(self._derived(name, "wrap")).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], about)
            return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], about).decode("utf-8")
        except (InvalidTag, KeyError, IndexError, ValueError) as error:
            raise CannotOpen("this value does not open here") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was encrypted with the newest key; others must be encrypted again before their key is removed."""
        return key_of(sealed) == self._current

    # Keyed hashes -----------------------------------------------------------------------------------------------

    def index(self, value: str, purpose: str) -> bytes:
        """The blind index of a value: equal values have equal indexes, and without the key no one can test values.

        Its key comes from the oldest encryption key, so that stored values are still found after a newer key is added.
        """
        return hmac.digest(self._derived(next(reversed(self._keys)), f"index {purpose}"), value.encode(), "sha256")

    def mac(self, value: str, purpose: str) -> str:
        """A keyed hash that is not stored (form tokens), with the newest key."""
        made = hmac.digest(self._derived(self._current, f"mac {purpose}"), value.encode("utf-8", "replace"), "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    def same(self, given: str, value: str, purpose: str) -> bool:
        """Whether ``given`` is the keyed hash of ``value``, compared in constant time."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.mac(value, purpose).encode())

    # Key pairs of people ----------------------------------------------------------------------------------------

    def pairs(self, owner: object, purpose: str) -> list[dict[str, str]]:
        """Key pairs of one owner on the curve P-256, as private JSON Web Keys (RFC 7517) with a ``kid``.

        One for each encryption key, the newest first: what was encrypted for an owner before a rotation can still be
        read. They are computed again each time and stored nowhere.
        """
        return [_pair(self._derived(name, f"pair {purpose}"), str(owner)) for name in self._keys]

    # Signing ----------------------------------------------------------------------------------------------------

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._derived(next(reversed(self._keys)), "sign"))

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature; ``public_key`` checks it without being able to make one."""
        return self._signer.sign(message)

    @property
    def public_key(self) -> Ed25519PublicKey:
        """The public key that verifies our signatures."""
        return self._signer.public_key()

    def _derived(self, name: str, purpose: str) -> bytes:
        return _derive(self._keys[name], purpose)


def key_of(sealed: bytes) -> str:
    """The name of the key that a value was encrypted with."""
    return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")


def _about(table: str, column: str, record: object, key: str) -> bytes:
    return f"{table}|{column}|{record}|{key}".encode()


_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256: a private key is a number below it."""


def _pair(secret: bytes, owner: str) -> dict[str, str]:
    # 512 bits modulo the order: the remainder is as good as random (FIPS 186-5, A.2.1).
    number = int.from_bytes(hmac.digest(secret, owner.encode(), "sha512"), "big") % (_ORDER - 1) + 1
    public = ec.derive_private_key(number, ec.SECP256R1()).public_key().public_numbers()
    x, y, d = (_base64url(one.to_bytes(_KEY, "big")) for one in (public.x, public.y, number))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d, "kid": hashlib.sha256(x.encode()).hexdigest()[:8]}


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@lru_cache(maxsize=128)
def _derive(master: bytes, purpose: str) -> bytes:
    made: bytes = HKDF(algorithm=hashes.SHA256(), length=_KEY, salt=None, info=f"mapapp {purpose}".encode()).derive(
        master
    )
    return made
