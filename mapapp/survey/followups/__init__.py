"""Follow-ups of the survey: a person who agreed that someone comes back to them, until it is done."""
