"""The append-only audit log of privileged changes and of views of personal data."""
