"""Passwords: hashed with Argon2id, refused if they are easy to guess. There are no rules about capital letters and
digits: length and guessability count (NIST SP 800-63B, 5.1.1.2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BeforeValidator

from mapapp.core.errors import N_, invalid, refuse
from mapapp.core.fields import arabic_digits

SHORTEST: Final = 10
LONGEST: Final = 256
"""Maximum length in characters. A longer password is refused, never cut."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Parameters from the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane."""

_WORDS: Final = ("mapapp", "thailand", "ประเทศไทย", "moph", "สาธารณสุข", "โรงพยาบาล", "อำเภอ", "ตำบล", "จังหวัด", "อสม",
                 "แผนที่", "ช่วยเหลือ", "rongphayaban", "khonthai", "sawasdee", "sawatdee", "สวัสดี")  # fmt: skip
"""Words that people here would choose first."""

_THAI_ROWS: Final = ("_ๅ/-ภถุึคตจขช", "ๆไำพะัีรนยบลฃ", "ฟหกดเ้่าสวง", "ผปแอิืทมใฝ")
_THAI_ROWS_SHIFTED: Final = ("%+๑๒๓๔ู฿๕๖๗๘๙", '๐"ฎฑธํ๊ณฯญฐ,ฅ', "ฤฆฏโฌ็๋ษศซ.", "()ฉฮฺ์?ฒฬฦ")
_US_ROWS: Final = ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./")
_SAME_KEY: Final = {
    ord(thai): us
    for rows in (_THAI_ROWS, _THAI_ROWS_SHIFTED)
    for row, keys in zip(rows, _US_ROWS, strict=True)
    for thai, us in zip(row, keys, strict=True)
    if thai > "\u0e00"
}
"""Thai letter (Kedmanee layout) → what the same key writes on a US keyboard."""


def parse_password(value: object) -> str:
    """A password in one normal form (NFKC: the same password from a phone and a desktop has the same bytes). Not
    trimmed.

    Raises:
        PydanticCustomError: it is too long, or has characters that no keyboard types.
    """
    text = unicodedata.normalize("NFKC", value) if isinstance(value, str) and len(value) <= 4 * LONGEST else None
    if text is None or len(text) > LONGEST:
        raise refuse(N_("A password has at most %(max)s characters."), max=LONGEST)
    if not text:
        raise refuse(N_("Enter your password."))
    if any(unicodedata.category(character) in {"Cc", "Cs"} or character == "\ufffd" for character in text):
        raise refuse(N_("This text contains characters that cannot be stored. Remove them."))
    return text


Password = Annotated[str, BeforeValidator(parse_password)]


def hashed(password: str) -> str:
    """The hash that is stored."""
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def dummy() -> str:
    """A hash that no password matches, for unknown names: refusing them takes as long as refusing a wrong password."""
    return _hasher.hash("\0 no keyboard types this")


def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password. Always verifies one hash, even if the account has none."""
    try:
        return _hasher.verify(kept or dummy(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with weaker parameters than the current ones."""
    return _hasher.check_needs_rehash(kept)


def demand_strong(password: str, about: Iterable[str | None] = (), *, field: str = "password") -> None:
    """Refuses a password that is short or easy to guess.

    Args:
        password: as ``parse_password`` returns it.
        about: known data of the person: name, phone, organisation, user name.
        field: of the form, for the message.

    Raises:
        Invalid: with advice.
    """
    if len(password) < SHORTEST:
        raise invalid(
            field, N_("Use at least %(min)s characters. Three or four words are easy to remember."), min=SHORTEST
        )
    known = [part for text in about if text for part in _parts(text)]
    if _is_mostly_number(password) or any(_score(spelling, known) < 3 for spelling in _spellings(password)):
        raise invalid(
            field,
            N_("This password is easy to guess. Use three or four unrelated words."),
        )


def _score(password: str, known: list[str]) -> int:
    # Its word lists take 12 MB, which a web process needs only when a password is set.
    from zxcvbn import zxcvbn

    # zxcvbn reads 72 characters. A password that is strong so far does not become weaker by more characters.
    score: int = zxcvbn(password[:72], user_inputs=[*_WORDS, *known])["score"]
    return score


def _parts(text: str) -> list[str]:
    words = [word for word in re.split(r"[\s@.,_-]+", text) if len(word) > 2]
    digits = re.sub(r"\D", "", arabic_digits(text))
    if digits.startswith("66") and len(digits) > 9:
        words += ["0" + digits[2:]]
    return [text, *words, *([digits] if len(digits) > 5 else [])]


def _is_mostly_number(password: str) -> bool:
    """A phone number or a 13-digit ID number with few other characters."""
    text = re.sub(r"[\s().+-]", "", arabic_digits(password))
    rest = re.sub(r"(?:66|0)\d{8,9}|\d{13}", "", text)
    return len(rest) < len(text) and len(rest) < 6


def _spellings(password: str) -> set[str]:
    """As typed, and as the same keys write in the other layout: ฟหกดเ้่าสว is asdfghjkl; for a guesser, too."""
    # Normalisation splits ำ into two characters; it is one key.
    return {password, password.replace("ํา", "ำ").translate(_SAME_KEY)}
