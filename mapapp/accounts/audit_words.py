"""The words of the audit log for changes of accounts and for sign-ins."""

from __future__ import annotations

from typing import Final

from mapapp.accounts.labels import PURPOSES
from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_, NC_

PEOPLE: Final = AuditWords(
    group=N_("People"),
    actions={
        "appointment.add": N_("Appointed someone"),
        "appointment.amend": N_("Changed a role"),
        "appointment.end": N_("Ended a role"),
        "invitation.create": N_("Created an invitation"),
        "invitation.use": N_("Accepted an invitation"),
        "person.add": N_("Added a person"),
        "person.join": N_("Signed up"),
        "person.view": N_("Viewed a person's data"),
        "people.view": N_("Viewed the list of people"),
        "person.edit": N_("Changed a person's data"),
        "person.suspend": N_("Suspended an account"),
        "person.unsuspend": N_("Ended the suspension of an account"),
        "person.download": N_("Downloaded own data"),
        "person.match": N_("Searched for phone numbers to appoint someone"),
        "person.erase": N_("Deleted an account"),
        "person.wrong_person": N_("Recovered an account that the wrong person used"),
    },
    subjects={
        "person": N_("Person"),
        "people": N_("People"),
        "appointment": N_("Role and area"),
        "invitation": N_("Invitation"),
    },
    fields={
        "role": N_("Role"),
        "area_code": N_("Area"),
        "ends_at": N_("Until"),
        "starts_at": NC_("first day", "From"),
        "purpose": N_("Purpose"),
        "person": N_("Person"),
        "people": N_("People"),
        "confidentiality_on": N_("Confidentiality agreement signed"),
        "training_expires_on": N_("Training is valid until"),
        "how": N_("How they signed in"),
        "scopes": N_("Permissions"),
    },
    values={
        "how": {
            "password": N_("Password"),
            "join": N_("Your invitation"),
            "new_password": N_("A new password"),
            "new_second_factor": N_("Set up two-step sign-in again"),
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
        "sign_in.confirm": N_("Entered the password again"),
        "sign_in.confirm.fail": N_("Entered a wrong password"),
        "second_factor.show": N_("Passed two-step sign-in"),
        "second_factor.fail": N_("Failed two-step sign-in"),
        "second_factor.set": N_("Set up two-step sign-in now"),
        "recovery_codes.set": N_("Created new recovery codes"),
        "password.change": N_("Changed the password"),
        "account.lock": N_("Locked after too many attempts"),
        "session.end": N_("Ended a sign-in on another device"),
        "session.end_all": N_("Ended all sign-ins of a person"),
        "session.end_others": N_("Ended all other sign-ins"),
        "sign_out": N_("Signed out"),
        "token.make": N_("Created an API key"),
        "token.revoke": N_("Revoked an API key"),
    },
    subjects={
        "token": N_("API key"),
    },
)
