"""The officers' board: requests without a volunteer, problems, and figures."""
