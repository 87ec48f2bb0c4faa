"""The record in plain words: actions, what they were about, who did them, and fields that changed."""

from __future__ import annotations

from typing import Final

from mapapp.errors import N_

ACTIONS: Final[dict[str, dict[str, str]]] = {
    N_("Facilities"): {
        "facility.add": N_("Added a facility"),
        "facility.edit": N_("Edited a facility"),
        "facility.move": N_("Moved a facility on the map"),
        "facility.confirm": N_("Confirmed: still right"),
        "facility.capacity": N_("Said what is free"),
        "facility.close": N_("Closed a facility"),
        "facility.reopen": N_("Reopened a facility"),
        "facility.merge": N_("Merged two facilities"),
        "facility.undo": N_("Undid a change"),
        "facility.doubt": N_("Marked doubtful after three reports"),
        "reports.fixed": N_("Reports: corrected the facility"),
        "reports.still_right": N_("Reports: still right"),
        "reports.dismissed": N_("Reports: set aside"),
        "reports.reopened": N_("Reports: opened again"),
        "facilities.import_upload": N_("Uploaded a list"),
        "facilities.import": N_("Imported a list"),
        "facilities.import_undo": N_("Took an import back"),
        "facilities.export": N_("Downloaded facilities"),
    },
    N_("Help requests"): {
        "request.take": N_("Took a request by telephone"),
        "request.contact": N_("Opened how to reach a resident"),
        "request.link": N_("Gave a resident a new link"),
    },
    N_("People"): {
        "appointment.add": N_("Appointed somebody"),
        "appointment.amend": N_("Changed an appointment"),
        "appointment.end": N_("Ended an appointment"),
        "invitation.create": N_("Made an invitation"),
        "invitation.use": N_("Took up an invitation"),
        "person.add": N_("Added a person"),
        "person.join": N_("Signed up"),
        "person.view": N_("Looked at a person's data"),
        "people.view": N_("Looked at the list of people"),
        "person.edit": N_("Changed a person's data"),
        "person.suspend": N_("Suspended an account"),
        "person.unsuspend": N_("Let an account in again"),
        "person.download": N_("Downloaded own data"),
        "person.match": N_("Looked up phone numbers to appoint somebody"),
        "person.erase": N_("Deleted an account"),
    },
    N_("Volunteers"): {
        "volunteer.approve": N_("Approved a volunteer"),
        "volunteer.refuse": N_("Refused a volunteer"),
        "volunteer.suspend": N_("Suspended a volunteer"),
    },
    N_("Signing in"): {
        "sign_in": N_("Signed in"),
        "sign_in.fail": N_("Failed to sign in"),
        "sign_in.confirm": N_("Typed the password once more"),
        "sign_in.confirm.fail": N_("Typed a wrong password"),
        "second_factor.show": N_("Showed the second factor"),
        "second_factor.fail": N_("Failed the second factor"),
        "second_factor.set": N_("Set up the second factor"),
        "recovery_codes.set": N_("Made new recovery codes"),
        "password.change": N_("Changed the password"),
        "account.lock": N_("Locked after too many tries"),
        "session.end": N_("Ended a sign-in on another device"),
        "session.end_all": N_("Ended all sign-ins of a person"),
        "session.end_others": N_("Ended all other sign-ins"),
        "sign_out": N_("Signed out"),
        "token.make": N_("Made a key for a program"),
        "token.revoke": N_("Took a program's key back"),
    },
    N_("This record"): {
        "audit.export": N_("Downloaded the audit log"),
        "audit.prune": N_("Took old entries away"),
        "keys.reseal": N_("Sealed personal data with the newest key"),
    },
}
"""Group → action → what was done. An action that is not here is shown by its own name."""

ACTION_LABELS: Final = {action: label for group in ACTIONS.values() for action, label in group.items()}

SUBJECTS: Final[dict[str, str]] = {
    "facility": N_("Facility"),
    "facilities": N_("Facilities"),
    "import": N_("Import"),
    "person": N_("Person"),
    "people": N_("People"),
    "appointment": N_("Appointment"),
    "invitation": N_("Invitation"),
    "token": N_("Key for a program"),
    "request": N_("Help request"),
    "list": N_("List"),
    "audit": N_("Audit log"),
}

WITHOUT_NAME: Final[dict[str, str]] = {
    "public": N_("Somebody without an account"),
    "command": N_("An operator at the command line"),
    "system": N_("The service itself"),
    "person": N_("An account that is gone"),
    "token": N_("A program whose account is gone"),
}
"""Who it was, where there is no name to show."""

FIELDS: Final[dict[str, str]] = {
    "kind": N_("Kind"),
    "name_th": N_("Name in Thai"),
    "name_en": N_("Name in English"),
    "point": N_("Place (longitude, latitude)"),
    "address": N_("Address"),
    "phone": N_("Phone"),
    "opening_hours": N_("Opening hours"),
    "serves": N_("Who it is for"),
    "beds": N_("Beds"),
    "beds_free": N_("Free beds"),
    "doses_per_day": N_("Doses a day"),
    "tests_per_day": N_("Tests a day"),
    "test_types": N_("Kinds of test"),
    "vaccines": N_("Vaccines"),
    "places": N_("Places"),
    "places_free": N_("Free places"),
    "status": N_("Status"),
    "closed_from": N_("Closed from"),
    "closed_until": N_("Closed until"),
    "closed_reason": N_("Why it is closed"),
    "merged_into": N_("Merged into"),
    "reason": N_("Reason"),
    "role": N_("Role"),
    "area_code": N_("Area"),
    "ends_at": N_("Until"),
    "purpose": N_("Purpose"),
    "person": N_("Person"),
    "confidentiality_on": N_("Confidentiality agreement signed"),
    "training_expires_on": N_("Training counts until"),
    "starts_at": N_("From"),
    "source": N_("Source"),
    "version": N_("Version"),
    "entries": N_("Entries"),
    "bytes": N_("Size in bytes"),
    "until": N_("Until"),
    "how": N_("How they came in"),
    "facility": N_("Facility"),
    "people": N_("People"),
    "scopes": N_("What it may do"),
    "reports": N_("Reports"),
    "answer": N_("Answer given"),
    "verified_at": N_("Checked on"),
    "confirmed_at": N_("Last confirmed"),
    "sources": N_("Source"),
    "new": N_("New"),
    "changed": N_("Changed"),
    "same": N_("The same"),
    "closed": N_("Closed"),
    "merged": N_("Belong to joined pins"),
    "restored": N_("Got their values back"),
    "left": N_("Left as they are"),
}

_STATUS: Final[dict[str, str]] = {
    "open": N_("Open"),
    "full": N_("Full"),
    "temporarily_closed": N_("Closed for now"),
    "closed": N_("Closed for good"),
}

VALUES: Final[dict[str, dict[str, str]]] = {
    "status": _STATUS,
    "how": {
        "password": N_("Password"),
        "join": N_("Your invitation"),
        "new_password": N_("A new password"),
        "new_second_factor": N_("A new second factor"),
        "sign_up": N_("Signed up"),
    },
    "kind": {
        "test_site": N_("COVID test site"),
        "vaccination_site": N_("Vaccination site"),
        "hospital": N_("Hospital"),
        "field_hospital": N_("Field hospital"),
        "waiting_centre": N_("Waiting centre"),
    },
    "purpose": {
        "join": N_("Your invitation"),
        "new_password": N_("A new password"),
        "new_second_factor": N_("A new second factor"),
    },
    "answer": {
        "still_right": N_("Still right"),
        "full": N_("Set to full"),
        "close": N_("Close temporarily"),
        "fixed": N_("It is mended"),
        "dismiss": N_("Dismiss"),
    },
    "scopes": {
        "facilities.capacity": N_("Say free beds, doses, tests and places, and whether it is full"),
        "facilities.edit": N_("Add, change and close facilities"),
        "facilities.reports": N_("Handle reports from the public"),
    },
}
"""Field → what is stored → what it means. The words are those of the rooms the entries come from, which lie above."""
