"""Second factor: 6 digits that change every 30 seconds (RFC 6238), and recovery codes in case the phone is lost."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import Person, RecoveryCode
from mapapp.core.errors import N_, Invalid, invalid
from mapapp.core.fields import arabic_digits
from mapapp.core.vault import CannotOpen, Vault

STEP_S: Final = 30
CODES: Final = 10
ISSUER: Final = "Help map Thailand"

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No i, l, o, 0 and 1: people copy the codes by hand."""


@dataclass(frozen=True)
class SetUp:
    """What a set-up page shows before anything is stored. It is encrypted into the form, so that sending the form twice
    has the same result as sending it once."""

    secret: str
    """Base32, for the app."""
    codes: tuple[str, ...]
    """Recovery codes, shown after the set-up."""

    def uri(self, account: str) -> str:
        """The ``otpauth://`` address in the QR code."""
        return pyotp.TOTP(self.secret).provisioning_uri(name=account, issuer_name=ISSUER)

    @property
    def spaced(self) -> str:
        """The secret in groups of four letters, for typing."""
        return " ".join(re.findall(".{1,4}", self.secret))


def new_set_up() -> SetUp:
    """A new secret and new recovery codes."""
    return SetUp(pyotp.random_base32(), new_codes())


def new_codes() -> tuple[str, ...]:
    """Ten recovery codes of 49 random bits."""
    return tuple("-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(CODES))


def seal_set_up(vault: Vault, made: SetUp, session_id: uuid.UUID) -> str:
    """Encrypted for a hidden field; can be decrypted only in the same session."""
    text = ",".join((made.secret, *made.codes))
    return vault.seal(text, table="forms", column="second_factor", record=session_id).hex()


def open_set_up(vault: Vault, sealed: str, session_id: uuid.UUID) -> SetUp:
    """The content of the hidden field.

    Raises:
        Invalid: it is from another session, or was changed.
    """
    try:
        text = vault.open(bytes.fromhex(sealed), table="forms", column="second_factor", record=session_id)
    except (CannotOpen, ValueError):
        raise invalid("", N_("This form is too old. Reload the page and send it again.")) from None
    secret, *codes = text.split(",")
    return SetUp(secret, tuple(codes))


def set_up(session: Session, vault: Vault, person: Person, made: SetUp, code: str, now: datetime) -> None:
    """Stores this secret as the person's second factor, after the first correct code. Older recovery codes are deleted.

    Raises:
        Invalid: the code is wrong for this secret at this moment.
    """
    if is_set_up_with(vault, person, made):
        return  # the same form again
    step = _step_of(made.secret, code, now)
    if step is None:
        raise _wrong()
    person.totp_sealed = vault.seal(made.secret, **contacts.place("totp_sealed", person.id))
    person.totp_set_at = now
    person.totp_last_step = step
    session.flush()
    store_codes(session, vault, person.id, made.codes)


def is_set_up_with(vault: Vault, person: Person, made: SetUp) -> bool:
    """Whether this secret already is the person's second factor."""
    sealed = person.totp_sealed
    return sealed is not None and vault.open(sealed, **contacts.place("totp_sealed", person.id)) == made.secret


def store_codes(session: Session, vault: Vault, person_id: uuid.UUID, codes: tuple[str, ...]) -> None:
    """Stores these recovery codes. If the same codes are sent again, used ones stay used."""
    hashes = [_hash(vault, person_id, code) for code in codes]
    session.execute(
        delete(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.code_hash.not_in(hashes))
    )
    known = set(session.execute(select(RecoveryCode.code_hash).where(RecoveryCode.person_id == person_id)).scalars())
    fresh = [{"person_id": person_id, "code_hash": one} for one in hashes if one not in known]
    if fresh:
        session.execute(insert(RecoveryCode), fresh)


def codes_left(session: Session, person_id: uuid.UUID) -> int:
    """Number of unused recovery codes."""
    which = (RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.execute(select(func.count()).select_from(RecoveryCode).where(*which)).scalar_one()


def take(session: Session, vault: Vault, person: Person, code: str, now: datetime) -> str:
    """Accepts a code from the app or a recovery code. Each is valid once (RFC 6238, 5.2).

    Returns:
        ``app`` or ``recovery``.

    Raises:
        Invalid: the code is wrong or was used.
    """
    text = _plain(code)
    if len(text) == 6:
        secret = vault.open(person.totp_sealed or b"", **contacts.place("totp_sealed", person.id))
        step = _step_of(secret, text, now)
        if step is not None and _newest(session, person.id, step):
            return "app"
        raise _wrong()
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.code_hash == _hash(vault, person.id, text),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if used is None:
        raise _wrong()
    return "recovery"


def drop(session: Session, person: Person) -> None:
    """Deletes the second factor and its recovery codes. The next sign-in asks for a new set-up."""
    person.totp_sealed = person.totp_set_at = person.totp_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


def _newest(session: Session, person_id: uuid.UUID, step: int) -> bool:
    """Whether no code of this step or a later one was used; checked and stored in one statement."""
    row = session.execute(
        update(Person)
        .where(Person.id == person_id, or_(Person.totp_last_step.is_(None), Person.totp_last_step < step))
        .values(totp_last_step=step)
        .returning(Person.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return row is not None


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step of this code: the current one, the one before or the one after, because clocks of phones differ."""
    text = _plain(code)
    if len(text) != 6:
        return None
    app, this = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    fitting = [step for step in (this - 1, this, this + 1) if secrets.compare_digest(app.generate_otp(step), text)]
    return max(fitting, default=None)


def _plain(code: str) -> str:
    """The code without spaces and other characters that people add. Thai digits are converted; other non-ASCII
    characters give an empty string."""
    return re.sub(r"[^a-z0-9]", "", arabic_digits(code).lower())


def _hash(vault: Vault, person_id: uuid.UUID, code: str) -> bytes:
    return vault.index(f"{person_id}:{_plain(code)}", "recovery")


def _wrong() -> Invalid:
    return invalid("code", N_("This code is wrong. Enter the newest code from your app. Each code works once."))
