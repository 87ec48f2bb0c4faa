"""Sending a request, the same for page, officers' form and API: its form key, and the answer if it is sent again.

The key of a form is 122 random bits that only the sender's browser knows, so anyone who has it is the sender: a phone
that tries again may have another address by then. The database has only a hash of the key. A person who reads the
database finds neither a key to ask for a page, nor a link: the answer is created again.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Final

from flask import request

from mapapp.accounts import edge
from mapapp.core.errors import Conflict
from mapapp.core.problem_types import KEY_REUSED
from mapapp.help_requests.asking import service
from mapapp.help_requests.asking.schemas import HelpRequestIn
from mapapp.help_requests.asking.service import Source, Submitted
from mapapp.web import forms
from mapapp.web.request import config, now, session

_SENDER: Final = "help request"
_ANSWER: Final = re.compile(r"/requests/new/(\d{1,18})/([\w-]{43})")


class SentOther(Conflict):
    """This key was used for a request with other contents."""

    kind = KEY_REUSED


def form_key() -> uuid.UUID | None:
    """The key of the form that was sent; None where it has none that could be secret."""
    return random_key(request.form.get("once", ""))


def random_key(text: str) -> uuid.UUID | None:
    """A key of random bits. A key made of the time or a name could be guessed by others."""
    try:
        key = uuid.UUID(text)
    except ValueError:
        return None
    return key if key.version == 4 else None


def post(data: HelpRequestIn, *, key: uuid.UUID | None, source: Source) -> Submitted:
    """Posts the request once for each key; the same key and contents again give a fresh link to the same page.

    Raises:
        SentOther: the key was used for something else.
        And what ``service.submit`` and ``service.again`` raise.
    """
    # A form has the language of its page: the same form sent again from the page in another language is the same one.
    content = data.model_dump_json(exclude=None if source == "api" else {"language"})
    digest = edge.vault().mac(f"{source} {content}", "help request form")
    if key is not None:
        try:
            forms.once(_hashed(key), sender=_SENDER)
        except forms.SentBefore as before:
            return _again(before.answer, digest)
    made = service.submit(
        session(), edge.vault(), edge.actor(), data, address=edge.address(), now=now(), source=source,
        kept_days=config().erase_after_days,
    )  # fmt: skip
    forms.remember(f"/requests/new/{made.request_id}/{digest}")
    return made


def _hashed(key: uuid.UUID) -> uuid.UUID:
    return uuid.UUID(bytes=hashlib.sha256(b"help request " + key.bytes).digest()[:16])


def _again(answer: str, digest: str) -> Submitted:
    found = _ANSWER.fullmatch(answer)
    if found is None or found[2] != digest:
        raise SentOther("")
    return service.again(session(), edge.vault(), int(found[1]), now=now())
