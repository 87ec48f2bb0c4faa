"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from pydantic import BaseModel

from mapapp.accounts import schemas
from mapapp.accounts.signing_in import forms
from mapapp.accounts.tokens import service as tokens
from tests.architecture.matrix import AGE_ONLY, WATCHED, Freshness, Post
from tests.people import PASSWORD

PEOPLE_MODELS = (
    schemas.AgainForm, schemas.AmendForm, schemas.EndForm, schemas.MoveForm, schemas.LinkForm, schemas.SuspendForm,
)  # fmt: skip

SWEPT: dict[str, str] = {
    "login_sessions": "old sign-ins",
    "invitations": "old sign-ins",
    "api_tokens": "old sign-ins",
}
"""Table → the chore that takes out what has served its time."""

KEPT: dict[str, str] = {
    "people": "one row for each person; an erased one stays without a name, for what it signed",
    "recovery_codes": "ten for each person",
    "appointments": "who was responsible when is part of the record",
}
"""Table → why nothing is swept."""

FRESHNESS: dict[str, Freshness] = {
    "account.account_page": WATCHED,
    "people.index": WATCHED,
    "people.person": WATCHED,
    "tokens.listed": WATCHED,
    "account.confirm_page": AGE_ONLY,
    "account.contacts_page": AGE_ONLY,
    "account.erase_page": AGE_ONLY,
    "account.join_page": AGE_ONLY,
    "account.password_page": AGE_ONLY,
    "account.renew_codes_page": AGE_ONLY,
    "account.renew_factor_page": AGE_ONLY,
    "account.sign_in_page": AGE_ONLY,
    "people.new": AGE_ONLY,
    "people_bulk.start": AGE_ONLY,
}
"""Page → how it says that it has changed."""

MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "people.change": PEOPLE_MODELS,
    "people.add": (schemas.NewForm,),
    "people_bulk.hand_in": (schemas.BulkForm,),
    "tokens.change": (tokens.TokenIn,),
    "account.sign_in": (forms.SignIn,),
    "account.join": (forms.Join,),
    "account.account": (forms.Profile,),
    "account.change_contacts": (forms.Contacts,),
    "account.change_password": (forms.NewPassword,),
    "account.confirm": (forms.Confirm,),
    "account.end_session": (forms.EndSession,),
    "account.erase": (forms.Erase,),
    "account.renew_codes": (forms.Sealed,),
    "account.renew_factor": (forms.SetUpCode,),
    "account.second_factor": (forms.SetUpCode,),
}
"""Form → what its fields are; a form that is not here has none of its own."""

GOOD: dict[str, dict[str, str]] = {
    "people.change": {"do": "again", "role": "volunteer", "area": "900101"},
    "tokens.change": {"name": "ระบบ", "scopes": "facilities.capacity", "appointment": "{own}", "until": "2026-12-01"},
    "account.join": {"phone": "0812345670", "password": PASSWORD, "again": PASSWORD, "it_is_me": "1"},
    "account.change_contacts": {"password": PASSWORD, "phone": "0812345678"},
    "account.change_password": {"old": PASSWORD, "password": PASSWORD + "๒", "again": PASSWORD + "๒"},
    "account.confirm": {"password": PASSWORD},
    "account.erase": {"password": PASSWORD, "sure": "1"},
}
"""Right values beside those of the access rows."""


def payload_posts(payload: str, number: int) -> list[Post]:
    """What looks like code, in every text of this room that somebody can store."""
    return [
        ("/officer/people/new", {"name": payload, "phone": f"08123{number:05}", "organisation": payload,
                                 "role": "volunteer", "area": "900101"}, 200),
        ("/officer/people/{helper}", {"do": "end", "appointment": "{helping}", "reason": payload}, 303),
        ("/account", {"name": payload, "organisation": payload, "language": "th"}, 303),
        ("/account/tokens", {"name": payload, "scopes": "facilities.edit", "appointment": "{own}",
                             "until": "2026-12-01"}, 200),
    ]  # fmt: skip
