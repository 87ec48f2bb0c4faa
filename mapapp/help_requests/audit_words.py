"""The words of the audit log for help requests."""

from __future__ import annotations

from typing import Final

from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_
from mapapp.help_requests.labels import CALLS, CLOSE, REPORT_OUTCOMES, REVEALS, URGENCY_LABELS
from mapapp.help_requests.working.schemas import CONTACT_REASONS

AUDIT_WORDS: Final = AuditWords(
    group=N_("Help requests"),
    actions={
        "request.take": N_("Took a request by phone"),
        "request.contact": N_("Viewed the contact details of a resident"),
        "request.link": N_("Created a new link for a resident"),
        "request.view": N_("Viewed a request with its exact location"),
        "request.assign": N_("Offered a request to a volunteer"),
        "request.team": N_("Accepted a request for an own team"),
        "request.take_back": N_("Returned a request to the list"),
        "request.renew": N_("Extended the time of a volunteer"),
        "request.urgency": N_("Changed how urgent a request is"),
        "request.close": N_("Closed a request"),
        "request.reopen": N_("Reopened a closed request"),
        "request.done": N_("Marked a request as done"),
        "request.confirm": N_("Confirmed for a resident that they got help"),
        "request.contest": N_("Answered for a resident that no help came"),
        "request.helped_already": N_("Closed a request: help already received"),
        "request.still_needed": N_("Recorded that help is still needed"),
        "request.looked": N_("Checked a request that was marked for checking"),
        "request.call": N_("Recorded a call to a resident"),
        "request.linked": N_("Linked two requests"),
        "request.merge": N_("Closed a request as a duplicate of another"),
        "request.unlink": N_("Removed a link between requests"),
        "request.block": N_("Blocked a phone number"),
        "request.unblock": N_("Unblocked a phone number"),
        "request.erase": N_("Deleted all data of a resident at their request"),
        "request.report": N_("Resolved a report about a request"),
        "request.report_undo": N_("Reopened a report about a request"),
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
