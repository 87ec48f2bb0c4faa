"""The problem types of the API: one row for each kind of refusal that programs can distinguish (RFC 9457, “type”).

A row is a promise: its slug is part of an address that programs compare, so it is never renamed or used for something
else. Two refusals have two rows if a program should react differently; the text for a person (``detail``) can say more.
An error without a row of its own has the general one of its class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mapapp.core.messages import N_

PATH: Final = "/problems/"
"""The path of the pages about the rows; with a slug after it, the value of ``type``."""


@dataclass(frozen=True)
class ProblemType:
    """A row. Its texts are messages for developers; text in backticks is code."""

    slug: str
    status: int
    """The HTTP status."""
    title: str
    """A short name, always the same."""
    meaning: str
    """When it happens."""
    to_do: str
    """What the program should do."""
    members: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """Additional members of its documents, with an example of each."""

    @property
    def path(self) -> str:
        return PATH + self.slug


# 400 ------------------------------------------------------------------------------------------------------------

BAD_REQUEST = ProblemType(
    "bad-request", 400, N_("Some of the information sent is missing or wrong"),
    N_("The request is broken: it was incomplete, or its `Host` header is not a host name."),
    N_("Correct the program. If you send the same request again, you get the same answer, unless the "
        "connection was lost."),
)  # fmt: skip
INVALID = ProblemType(
    "invalid", 400, N_("Some of the data sent is not valid"),
    N_("A field or a parameter is invalid, is missing, or does not match another one."),
    N_("Read `errors`: it names each field and says what to do. Correct the data before you send it again."),
    {"errors": [{"field": "lat", "detail": N_("Latitude and longitude seem to be swapped.")}]},
)  # fmt: skip
OUTSIDE_AREA = ProblemType(
    "outside-area", 400, N_("The location is outside the area of this service"),
    N_("The point is far from every tambon of this service."),
    N_("Check latitude and longitude. If they are correct, another service covers that location: do not try again."),
    {"errors": [{"field": "lat", "detail": N_("This point is outside the area of this service.")}]},
)  # fmt: skip

# 401, 403 -------------------------------------------------------------------------------------------------------

NOT_SIGNED_IN = ProblemType(
    "not-signed-in", 401, N_("Sign in first"),
    N_("This is not public, and the request had no key."),
    N_("Send a key: `Authorization: Bearer …`"),
)  # fmt: skip
TOKEN_REFUSED = ProblemType(
    "token-refused", 401, N_("This API key is not valid"),
    N_("The API key is unknown, expired or revoked, or the role it belongs to has ended."),
    N_("Stop, and ask the officer who gave it to you for a new one. Public data can be read without a key."),
)  # fmt: skip
FORBIDDEN = ProblemType(
    "forbidden", 403, N_("You are not allowed to do this"),
    N_("No role of the signed-in person allows this."),
    N_("Do not try again. `detail` says whom to ask."),
)  # fmt: skip
NOT_YOUR_AREA = ProblemType(
    "not-your-area", 403, N_("This is outside your area"),
    N_("The role allows this, but only in another area."),
    N_("Leave it to the officers of that area, or use an API key of one of them."),
)  # fmt: skip
WRONG_TOKEN = ProblemType(
    "wrong-token", 403, N_("This API key does not allow that"),
    N_("The API key was created for other tasks (its scope) or for one facility only, or no API key can do this."),
    N_("Ask the owner for an API key with the correct scope. The scope is chosen when the key is created."),
)  # fmt: skip
STEP_NEEDED = ProblemType(
    "step-needed", 403, N_("One more step first"),
    N_("The person is signed in with a browser and must complete two-step sign-in or enter the password again."),
    N_("Lead the person to that step (`step`: `second_factor` or `confirm`), then send the request again."),
    {"step": "confirm"},
)  # fmt: skip
SUSPENDED = ProblemType(
    "suspended", 403, N_("This account is suspended"),
    N_("An officer has suspended this account, or this person as a volunteer."),
    N_("Stop. The person must ask the officer who appointed them."),
)  # fmt: skip
PAPERS_MISSING = ProblemType(
    "papers-missing", 403, N_("The agreement or the training is missing or has expired"),
    N_("This is about personal data: a confidentiality agreement and valid training are needed."),
    N_("The person must complete these documents. Then send the request again."),
)  # fmt: skip
CSRF = ProblemType(
    "csrf", 403, N_("This request does not seem to come from our own page"),
    N_("The request has a browser session, but no `X-CSRF-Token`, or it comes from another site."),
    N_("A program uses an API key and sends no cookie. In a browser, reload the page."),
)  # fmt: skip
NUMBER_PAUSED = ProblemType(
    "number-paused", 403, N_("Requests from this phone number are blocked"),
    N_("An officer has blocked this number in that area for some days. Life-threatening requests are still accepted."),
    N_("Do not try again. Show `detail`: it says whom to call."),
)  # fmt: skip

# 404, 405, 410 --------------------------------------------------------------------------------------------------

NOT_FOUND = ProblemType(
    "not-found", 404, N_("Not found"),
    N_("The address is correct, but the object does not exist or you are not allowed to see it."),
    N_("Remove it from your own list. Search for it again if you need it."),
)  # fmt: skip
NO_SUCH_ADDRESS = ProblemType(
    "no-such-address", 404, N_("Page not found"),
    N_("This service has no such address."),
    N_("Correct the address in the program. `openapi.json` lists all of them."),
)  # fmt: skip
LINK_UNKNOWN = ProblemType(
    "link-unknown", 404, N_("The key of this page is unknown"),
    N_("The key in the link to a resident's page is wrong or was revoked, or the request was deleted."),
    N_("Delete the key. The person can open the page with the code, or send a new request."),
)  # fmt: skip
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed", 405, N_("This address does not support this request method"),
    N_("The address exists but supports other methods."),
    N_("Use a method from the `Allow` header."),
)  # fmt: skip
GONE = ProblemType(
    "gone", 410, N_("This page no longer exists"),
    N_("It existed before: a form that was sent long ago, or a link that was used or has expired."),
    N_("Do not try again. With a new `Idempotency-Key` it is a new request. `detail` says what else you can do."),
)  # fmt: skip

# 409 ------------------------------------------------------------------------------------------------------------

CONFLICT = ProblemType(
    "conflict", 409, N_("This has changed in the meantime"),
    N_("The object's current state does not allow this."),
    N_("Read it again, then decide. `detail` says in which state it is."),
)  # fmt: skip
VERSION_CONFLICT = ProblemType(
    "version-conflict", 409, N_("Someone else saved this"),
    N_("The version you sent is not the current version."),
    N_("Read it again, merge both changes, and send it with the current `version`."),
    {"version": 8},
)  # fmt: skip
RECORD_CHANGED = ProblemType(
    "record-changed", 409, N_("This record has changed since you read or sent it"),
    N_("The record is not the one that you correct, or you sent something else under its key before."),
    N_("Compare `current` with `sent`; `differs` has the target groups in which they differ. If yours counts, send it "
       "with a new key and the `entry` and `revision` of `current`."),
    {"version": 2, "current": {"entry": 7, "revision": 2, "groups": {"adult": {"here": 3}}},
     "sent": {"groups": {"adult": {"here": 5}}}, "differs": ["adult"]},
)  # fmt: skip
RETRY = ProblemType(
    "retry", 409, N_("This has just changed"),
    N_("Two requests came at the same moment, and this one was later."),
    N_("Send the same request again now."),
)  # fmt: skip
TAKEN = ProblemType(
    "taken", 409, N_("Another volunteer has accepted this"),
    N_("A help request has one volunteer at a time, and another volunteer has accepted it."),
    N_("Look for another request nearby. If the volunteer returns this one, it will be in the list again."),
)  # fmt: skip
LEASE_OVER = ProblemType(
    "lease-over", 409, N_("You do not have this request now"),
    N_("The time limit expired, the request was returned, or you never accepted it. It is open to all volunteers."),
    N_("Accept it (again), then do the step."),
)  # fmt: skip
FULL = ProblemType(
    "full", 409, N_("The limit is reached"),
    N_("The number of accepted requests per person is limited, and so is the number of administrators per area."),
    N_("Finish, return or end one first. Waiting does not help."),
)  # fmt: skip
PAUSED = ProblemType(
    "paused", 409, N_("You are on a break"),
    N_("The volunteer is taking a break."),
    N_("The volunteer ends the break on their own page. Then send the request again."),
)  # fmt: skip
NO_MORE_TIME = ProblemType(
    "no-more-time", 409, N_("The time cannot be extended again"),
    N_("The volunteer has extended the time as often as allowed."),
    N_("Finish or return the request in time, or ask the officers of the area for more time."),
)  # fmt: skip
WRONG_STATE = ProblemType(
    "wrong-state", 409, N_("This step is not possible in the current state"),
    N_("A need of a help request goes from `open` to `claimed`, `done` and `helped`. This step does not "
        "start from its current state."),
    N_("Read `state` (`open`, `claimed`, `done`, `helped`, `cancelled`) and choose a step that starts from it."),
    {"state": "helped"},
)  # fmt: skip
CLOSED = ProblemType(
    "closed", 409, N_("This is closed"),
    N_("The request or the facility is closed and cannot be changed in this way."),
    N_("Reopen it first if you are allowed to. `detail` says who can do this."),
)  # fmt: skip
MERGED = ProblemType(
    "merged", 409, N_("This was merged into another one"),
    N_("Two records of the same facility were merged."),
    N_("Use the number in `merged_into` in your own list, and send your data there."),
    {"merged_into": 1234},
)  # fmt: skip
ALREADY_SO = ProblemType(
    "already-so", 409, N_("Already done"),
    N_("The person already has this role, or it has already ended."),
    N_("You do not need to do anything. Treat it as done."),
)  # fmt: skip
LAST_ONE = ProblemType(
    "last-one", 409, N_("No one would be left"),
    N_("The last account of the ministry cannot end its role."),
    N_("Appoint someone else first."),
)  # fmt: skip
PERSON_KNOWN = ProblemType(
    "person-known", 409, N_("This phone number belongs to an account"),
    N_("You appoint someone by name and phone number, but the number already belongs to an account."),
    N_("A person must check whether it is the right account, then send its `person_id`."),
)  # fmt: skip
PERSON_SUSPENDED = ProblemType(
    "person-suspended", 409, N_("The account is suspended"),
    N_("A suspended account cannot be appointed."),
    N_("An officer must end the suspension first."),
)  # fmt: skip
KEY_REUSED = ProblemType(
    "key-reused", 409, N_("This key was used for something else"),
    N_("The `Idempotency-Key` was used before with another request or other content."),
    N_("Use a new key for a new request. With the old key, nothing happens."),
)  # fmt: skip

# Limits -----------------------------------------------------------------------------------------------------------

TOO_SLOW = ProblemType(
    "too-slow", 408, N_("Sending took too long"),
    N_("The body did not arrive in time. Nothing was saved."),
    N_("Send it again, if possible over a better connection."),
)  # fmt: skip
TOO_LARGE = ProblemType(
    "too-large", 413, N_("This is too large"),
    N_("The body is larger than this address accepts."),
    N_("Split it, or leave out data that is not needed."),
)  # fmt: skip
ADDRESS_TOO_LONG = ProblemType(
    "address-too-long", 414, N_("This address is too long"),
    N_("The path or the query string is too long."),
    N_("Ask for less at a time."),
)  # fmt: skip
LIMIT = ProblemType(
    "limit", 429, N_("Too many attempts; wait a few minutes"),
    N_("The limit for one API key, person, phone number or address in this period is reached."),
    N_("Wait for `retry_after` seconds (as in the `Retry-After` header), then continue."),
    {"retry_after": 60},
)  # fmt: skip

# Errors of the service --------------------------------------------------------------------------------------------

INTERNAL_ERROR = ProblemType(
    "internal-error", 500, N_("Something went wrong on our side"),
    N_("An error of this service. It was recorded for the system operator."),
    N_("Try again later, with the same `Idempotency-Key` if there was one. If it fails again, report the "
        "time to the system operator."),
)  # fmt: skip
UNAVAILABLE = ProblemType(
    "unavailable", 503, N_("The service is not available now; try again in one minute"),
    N_("The database does not answer, or the service is busy. Saved data is safe."),
    N_("Wait for `retry_after` seconds (as in the `Retry-After` header), then send the same request again."),
    {"retry_after": 30},
)  # fmt: skip
NOT_READY = ProblemType(
    "not-ready", 503, N_("The system operator must fix this service first"),
    N_("Its keys do not match its database, or there is no area data yet: it cannot accept data."),
    N_("Tell the system operator. Do not try again often: it cannot recover automatically."),
    {"retry_after": 30},
)  # fmt: skip

ALL: Final = tuple(made for made in list(globals().values()) if isinstance(made, ProblemType))
"""All rows, in the order above."""

BY_SLUG: Final[Mapping[str, ProblemType]] = {row.slug: row for row in ALL}

OF_STATUS: Final[Mapping[int, ProblemType]] = {
    row.status: row
    for row in (
        BAD_REQUEST, NOT_SIGNED_IN, FORBIDDEN, NO_SUCH_ADDRESS, METHOD_NOT_ALLOWED, TOO_SLOW, CONFLICT, GONE, TOO_LARGE,
        ADDRESS_TOO_LONG, LIMIT, INTERNAL_ERROR, UNAVAILABLE,
    )
}  # fmt: skip
"""The general row of an HTTP status, for answers about which nothing else is known."""


def of_status(status: int) -> ProblemType:
    """The general row of an HTTP status; for a status that this service never uses, that of its class (4xx, 5xx)."""
    return OF_STATUS.get(status, BAD_REQUEST if status < 500 else INTERNAL_ERROR)
