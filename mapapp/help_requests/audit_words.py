"""What the audit log calls what is done with help requests."""

from __future__ import annotations

from typing import Final

from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_
from mapapp.help_requests.board.labels import CALLS, CLOSE, REPORT_OUTCOMES, REVEALS
from mapapp.help_requests.labels import URGENCY_LABELS
from mapapp.help_requests.working.schemas import CONTACT_REASONS

AUDIT_WORDS: Final = AuditWords(
    group=N_("Help requests"),
    actions={
        "request.take": N_("Took a request by telephone"),
        "request.contact": N_("Opened how to reach a resident"),
        "request.link": N_("Gave a resident a new link"),
        "request.view": N_("Looked at a request with its place"),
        "request.assign": N_("Asked a volunteer to take a request on"),
        "request.team": N_("Took a request on for an own team"),
        "request.take_back": N_("Opened a request again for others"),
        "request.renew": N_("Gave a volunteer more time"),
        "request.urgency": N_("Changed how urgent a request is"),
        "request.close": N_("Closed a request"),
        "request.reopen": N_("Opened a closed request again"),
        "request.done": N_("Marked a request as done"),
        "request.confirm": N_("Confirmed for a resident that they were helped"),
        "request.contest": N_("Said for a resident that it was not done"),
        "request.helped_already": N_("Closed a request as helped already"),
        "request.still_needed": N_("Wrote down that a request is still needed"),
        "request.looked": N_("Looked at a request that was marked for it"),
        "request.call": N_("Wrote down a call to a resident"),
        "request.linked": N_("Linked two requests"),
        "request.merge": N_("Closed a request as a duplicate of another"),
        "request.unlink": N_("Undid a link between requests"),
        "request.block": N_("Blocked a telephone number"),
        "request.unblock": N_("Lifted the block on a telephone number"),
        "request.erase": N_("Deleted all about a resident who asked for it"),
        "request.report": N_("Answered a report about a request"),
        "request.report_undo": N_("Opened a report about a request again"),
        "requests.export": N_("Downloaded a list of requests"),
    },
    subjects={
        "request": N_("Help request"),
        "requests": N_("Help requests"),
        "list": N_("List"),
    },
    fields={
        "outcome": N_("Outcome"),
        "days": N_("Days"),
        "other": N_("The other request"),
    },
    values={
        "from": URGENCY_LABELS,
        "to": URGENCY_LABELS,
        "outcome": {**CLOSE, **CALLS, **REPORT_OUTCOMES},
        "reason": {**CONTACT_REASONS, **{f"officer_{reason}": label for reason, label in REVEALS.items()}},
    },
)
