"""What the audit log calls what is done with people, and how they came in."""

from __future__ import annotations

from typing import Final

from mapapp.accounts.labels import PURPOSES
from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_

PEOPLE: Final = AuditWords(
    group=N_("People"),
    actions={
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
        "person.wrong_person": N_("Corrected an account that the wrong person had"),
    },
    subjects={
        "person": N_("Person"),
        "people": N_("People"),
        "appointment": N_("Appointment"),
        "invitation": N_("Invitation"),
    },
    fields={
        "role": N_("Role"),
        "area_code": N_("Area"),
        "ends_at": N_("Until"),
        "starts_at": N_("From"),
        "purpose": N_("Purpose"),
        "person": N_("Person"),
        "people": N_("People"),
        "confidentiality_on": N_("Confidentiality agreement signed"),
        "training_expires_on": N_("Training counts until"),
        "how": N_("How they came in"),
        "scopes": N_("What it may do"),
    },
    values={
        "how": {
            "password": N_("Password"),
            "join": N_("Your invitation"),
            "new_password": N_("A new password"),
            "new_second_factor": N_("A new second factor"),
            "sign_up": N_("Signed up"),
        },
        "purpose": PURPOSES,
    },
)

SIGNING_IN: Final = AuditWords(
    group=N_("Signing in"),
    actions={
        "sign_in": N_("Signed in"),
        "sign_in.fail": N_("Failed to sign in"),
        "sign_in.confirm": N_("Typed the password once more"),
        "sign_in.confirm.fail": N_("Typed a wrong password"),
        "second_factor.show": N_("Passed two-step sign-in"),
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
    subjects={
        "token": N_("Key for a program"),
    },
)
