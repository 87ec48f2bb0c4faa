"""The append-only record of privileged changes and of views of personal data."""
