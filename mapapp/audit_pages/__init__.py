"""Pages of the audit log, for the people responsible for an area."""
