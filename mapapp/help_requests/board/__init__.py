"""The officers' request list (“board”): requests without a volunteer, problems, and figures."""
