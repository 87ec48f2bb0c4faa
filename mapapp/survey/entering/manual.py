"""What stands on the one page of paper for data volunteers: how to record."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_

STEPS: Final = (
    (N_("House number."), N_("Enter the number of the house. No names. If there is none, enter “camp 1”.")),
    (
        N_("People."),
        N_("For each group, enter who lives here now, then how many have no dose, 1, 2, or 3 doses and more."),
    ),
    (
        N_("Empty groups."),
        N_("Say whether no one of them lives here, or whether you did not ask. Each person counts in one group only."),
    ),
    (N_("Save."), N_("The page says whether the record counts. Then it is ready for the next house.")),
    (N_("A mistake."), N_("Open the same house number again, correct the numbers and save.")),
    (
        N_("Recorded twice."),
        N_("If someone else recorded the same house, both records are kept. Choose which one counts."),
    ),
    (
        N_("No signal."),
        N_(
            "Before you leave, open “Record without a connection” once. Records wait on the phone and are sent"
            " automatically. Do not clear the browser before they are sent."
        ),
    ),
    (
        N_("A person needs us."),
        N_("Read the consent text out. Only if they agree, save the record first, then write down a follow-up."),
    ),
)
"""What to do, in the order in which it happens."""
