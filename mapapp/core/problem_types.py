"""Every kind of refusal that a program can tell apart: one row each, and the only place they stand (RFC 9457, “type”).

A row is a promise: its slug is part of an address that programs compare, so it is never renamed nor used for something
else. Two refusals have two rows where a program would do something else; a sentence for a person (``detail``) may say
more. An error that names no row has the general one of its class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mapapp.core.messages import N_

PATH: Final = "/problems/"
"""Where the pages of the rows are; with a slug behind it, what ``type`` names."""


@dataclass(frozen=True)
class ProblemType:
    """A row: texts are message keys, for people who write programs; what stands between backticks is code."""

    slug: str
    status: int
    """The HTTP status it is answered with."""
    title: str
    """What it is, in a few words; the same whenever it happens."""
    meaning: str
    """When it happens."""
    to_do: str
    """What the program does now."""
    members: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What its documents have besides, with an example of each."""

    @property
    def path(self) -> str:
        return PATH + self.slug


# 400 ------------------------------------------------------------------------------------------------------------

BAD_REQUEST = ProblemType(
    "bad-request", 400, N_("Some of the information sent is missing or wrong"),
    N_("The request itself is broken: half of it came in, or its header `Host` is no host name."),
    N_("Mend the program. Sent again as it is, the answer is the same, unless the line broke."),
)  # fmt: skip
INVALID = ProblemType(
    "invalid", 400, N_("Some of what was sent cannot be used"),
    N_("A field or a parameter cannot be read, is missing, or does not go together with another one."),
    N_("Read `errors`: it names each field and says what to do. Send it again when that is mended, not before."),
    {"errors": [{"field": "lat", "detail": N_("Latitude and longitude look swapped.")}]},
)  # fmt: skip
OUTSIDE_AREA = ProblemType(
    "outside-area", 400, N_("The place lies outside the area of this service"),
    N_("The point is far from every tambon that this service looks after."),
    N_("Check latitude and longitude. If they are right, somebody else looks after that place: do not try again."),
    {"errors": [{"field": "lat", "detail": N_("This point lies outside the area of this service.")}]},
)  # fmt: skip

# 401, 403 -------------------------------------------------------------------------------------------------------

NOT_SIGNED_IN = ProblemType(
    "not-signed-in", 401, N_("Sign in first"),
    N_("This is not for everybody, and the request carried no key."),
    N_("Send it along: `Authorization: Bearer …`"),
)  # fmt: skip
TOKEN_REFUSED = ProblemType(
    "token-refused", 401, N_("This token is no good (any more)"),
    N_("The token is not known, has run out or was taken back, or the appointment it hangs on has ended."),
    N_("Stop, and ask the officer who gave it to you for a new one. Without any token, what is public can be read."),
)  # fmt: skip
FORBIDDEN = ProblemType(
    "forbidden", 403, N_("You are not allowed to do this"),
    N_("No appointment of whoever asks includes this."),
    N_("Do not try again. `detail` says whom to ask."),
)  # fmt: skip
NOT_YOUR_AREA = ProblemType(
    "not-your-area", 403, N_("This lies outside your area"),
    N_("The appointment includes this, and is for another area."),
    N_("Leave it to the officers of that area, or use a token of one of them."),
)  # fmt: skip
WRONG_TOKEN = ProblemType(
    "wrong-token", 403, N_("This token is not good for that"),
    N_("The token was made for other tasks (its scope), for one facility only, or no token may do this at all."),
    N_("Ask its owner for a token with the right scope; the tasks themselves are named when a token is made."),
)  # fmt: skip
STEP_NEEDED = ProblemType(
    "step-needed", 403, N_("One more step first"),
    N_("Somebody is signed in by a browser, and has to give the second factor or the password once more."),
    N_("Lead the person to that step (`step`: `second_factor` or `confirm`), then send it again."),
    {"step": "confirm"},
)  # fmt: skip
SUSPENDED = ProblemType(
    "suspended", 403, N_("This account is suspended"),
    N_("An officer has suspended the account of whoever asks, as an account or as a volunteer."),
    N_("Stop. The person asks whoever appointed them."),
)  # fmt: skip
PAPERS_MISSING = ProblemType(
    "papers-missing", 403, N_("The agreement or the training is missing or has run out"),
    N_("This is about personal data: a confidentiality agreement and valid training are needed."),
    N_("The person sees to these papers; then it can be sent again."),
)  # fmt: skip
CSRF = ProblemType(
    "csrf", 403, N_("It cannot be seen that this comes from our own page"),
    N_("A browser's session came along, without its `X-CSRF-Token` or from another site."),
    N_("A program uses a token and sends no cookie. A page of ours is loaded again."),
)  # fmt: skip
NUMBER_PAUSED = ProblemType(
    "number-paused", 403, N_("Requests from this telephone number are paused"),
    N_("An officer has paused this number in that area for some days. What is life-threatening is taken all the same."),
    N_("Do not try again. Show `detail`: it says whom to call."),
)  # fmt: skip

# 404, 405, 410 --------------------------------------------------------------------------------------------------

NOT_FOUND = ProblemType(
    "not-found", 404, N_("There is no such thing"),
    N_("The address is right, and what it names is not there, or is not for you to know of."),
    N_("Drop it from your own list. Look for it anew if you need it."),
)  # fmt: skip
NO_SUCH_ADDRESS = ProblemType(
    "no-such-address", 404, N_("Page not found"),
    N_("No address of this service looks like this."),
    N_("Mend the address in the program: `openapi.json` has all of them."),
)  # fmt: skip
LINK_UNKNOWN = ProblemType(
    "link-unknown", 404, N_("The key of this page is not known"),
    N_("The key in the link of a resident's page is mistyped, was taken back, or everything of it was erased."),
    N_("Forget the key. The person finds their page with the code, or asks for help anew."),
)  # fmt: skip
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed", 405, N_("This address does not support this request method"),
    N_("The address is there, and takes other methods."),
    N_("Use one of those in the header `Allow`."),
)  # fmt: skip
GONE = ProblemType(
    "gone", 410, N_("This page no longer exists"),
    N_("It was here once: a form that was sent long ago, or a link that was used or has run out."),
    N_("Do not try again. With a new `Idempotency-Key` it is a new request; `detail` says what else can be done."),
)  # fmt: skip

# 409 ------------------------------------------------------------------------------------------------------------

CONFLICT = ProblemType(
    "conflict", 409, N_("This has changed in the meantime"),
    N_("What it is about does not allow this now."),
    N_("Read it again, then decide. `detail` says in which state it is."),
)  # fmt: skip
VERSION_CONFLICT = ProblemType(
    "version-conflict", 409, N_("Somebody else has saved this meanwhile"),
    N_("The version you sent is not the one it has now."),
    N_("Read it again, bring both changes together, and send it with the version it has now (`version`)."),
    {"version": 8},
)  # fmt: skip
RETRY = ProblemType(
    "retry", 409, N_("This has just changed"),
    N_("Two requests met in the same moment, and this one was the later."),
    N_("Send the same once more, at once."),
)  # fmt: skip
TAKEN = ProblemType(
    "taken", 409, N_("Somebody else has taken this on"),
    N_("A request for help has one helper at a time, and it is somebody else now."),
    N_("Look for another one nearby. When the other gives it back, it is in the list again."),
)  # fmt: skip
LEASE_OVER = ProblemType(
    "lease-over", 409, N_("You do not hold this (any more)"),
    N_("The time for it has run out, it was given back, or it was never taken on by you. It is open to all."),
    N_("Take it on (again), then do the step."),
)  # fmt: skip
FULL = ProblemType(
    "full", 409, N_("There are as many as there may be"),
    N_("One person may hold only so many requests, and one area may have only so many administrators."),
    N_("Finish one, give one back or end one first. Waiting alone does not help."),
)  # fmt: skip
PAUSED = ProblemType(
    "paused", 409, N_("You have paused"),
    N_("The volunteer has said that they take a break."),
    N_("They end it on their own page; then it can be sent again."),
)  # fmt: skip
NO_MORE_TIME = ProblemType(
    "no-more-time", 409, N_("There is no more time to be had"),
    N_("The holder has had more time as often as they can take it by themselves."),
    N_("Finish it or give it back in time, or ask the officers of the area for more."),
)  # fmt: skip
WRONG_STATE = ProblemType(
    "wrong-state", 409, N_("This step does not lead on from the state it is in now"),
    N_("A need of a request for help goes from `open` to `claimed`, `done` and `helped`; this step begins elsewhere."),
    N_("Read `state` (`open`, `claimed`, `done`, `helped`, `cancelled`), and take a step that leads on from it."),
    {"state": "helped"},
)  # fmt: skip
CLOSED = ProblemType(
    "closed", 409, N_("This is closed"),
    N_("The request or the facility is closed, and cannot be changed like this."),
    N_("Have it opened again first, if that is yours to do; `detail` says who does. Else leave it."),
)  # fmt: skip
MERGED = ProblemType(
    "merged", 409, N_("This was merged into another one"),
    N_("Two entries of one facility were made one."),
    N_("Change your own list to the number in `merged_into`, and send it there."),
    {"merged_into": 1234},
)  # fmt: skip
ALREADY_SO = ProblemType(
    "already-so", 409, N_("It is so already"),
    N_("The person holds this appointment already, or it is over already."),
    N_("Nothing is left to do; take it as done."),
)  # fmt: skip
LAST_ONE = ProblemType(
    "last-one", 409, N_("Nobody would be left"),
    N_("The last one at the ministry cannot give the appointment up."),
    N_("Have somebody else appointed first."),
)  # fmt: skip
PERSON_KNOWN = ProblemType(
    "person-known", 409, N_("This telephone number belongs to an account"),
    N_("Somebody is to be appointed by name and number, and the number is that of an account."),
    N_("A person looks whether it is the one who is meant, and then names the account (`person_id`)."),
)  # fmt: skip
PERSON_SUSPENDED = ProblemType(
    "person-suspended", 409, N_("The account this is about is suspended"),
    N_("Who is suspended is not appointed."),
    N_("An officer lifts the suspension first."),
)  # fmt: skip
KEY_REUSED = ProblemType(
    "key-reused", 409, N_("This key was used for something else"),
    N_("The `Idempotency-Key` came with another request before, or with other contents."),
    N_("Make a new key for what is a new request. Sent again with the old one, nothing happens."),
)  # fmt: skip

# What is too much -----------------------------------------------------------------------------------------------

TOO_SLOW = ProblemType(
    "too-slow", 408, N_("Sending took too long"),
    N_("The body did not come in within its time. Nothing was saved."),
    N_("Send it again, best over a better line."),
)  # fmt: skip
TOO_LARGE = ProblemType(
    "too-large", 413, N_("This is too large"),
    N_("The body has more bytes than this address takes."),
    N_("Split it, or leave out what is not needed."),
)  # fmt: skip
ADDRESS_TOO_LONG = ProblemType(
    "address-too-long", 414, N_("This address is too long"),
    N_("The path or the query string is longer than this service reads."),
    N_("Ask for less at a time."),
)  # fmt: skip
LIMIT = ProblemType(
    "limit", 429, N_("Too many attempts. Wait a few minutes."),
    N_("As much as one token, person, number or address may do within a time is done."),
    N_("Wait for `retry_after` seconds (the header `Retry-After` says the same), then go on."),
    {"retry_after": 60},
)  # fmt: skip

# What is ours ---------------------------------------------------------------------------------------------------

INTERNAL_ERROR = ProblemType(
    "internal-error", 500, N_("Something went wrong on our side"),
    N_("A fault of this service. It has been written down for its operator."),
    N_("Try it once more later, with the same `Idempotency-Key` if it had one; then tell the operator when it was."),
)  # fmt: skip
UNAVAILABLE = ProblemType(
    "unavailable", 503, N_("The service is not available now. Try again in one minute."),
    N_("The database does not answer, or everything is taken by others at the moment. What was saved is safe."),
    N_("Wait for `retry_after` seconds (the header `Retry-After` says the same), then send the same again."),
    {"retry_after": 30},
)  # fmt: skip
NOT_READY = ProblemType(
    "not-ready", 503, N_("The operator has to see to this service first"),
    N_("Its keys do not open its database, or no areas are loaded yet: nothing can be taken in."),
    N_("Tell the operator. Ask again rarely: it does not mend itself."),
    {"retry_after": 30},
)  # fmt: skip

ALL: Final = tuple(made for made in list(globals().values()) if isinstance(made, ProblemType))
"""Every row, in the order they stand above."""

BY_SLUG: Final[Mapping[str, ProblemType]] = {row.slug: row for row in ALL}

OF_STATUS: Final[Mapping[int, ProblemType]] = {
    row.status: row
    for row in (
        BAD_REQUEST, NOT_SIGNED_IN, FORBIDDEN, NO_SUCH_ADDRESS, METHOD_NOT_ALLOWED, TOO_SLOW, CONFLICT, GONE, TOO_LARGE,
        ADDRESS_TOO_LONG, LIMIT, INTERNAL_ERROR, UNAVAILABLE,
    )
}  # fmt: skip
"""The row of an answer about which nothing is known but its HTTP status."""


def of_status(status: int) -> ProblemType:
    """The general row of an HTTP status; of a status we never give ourselves, that of its hundred."""
    return OF_STATUS.get(status, BAD_REQUEST if status < 500 else INTERNAL_ERROR)
