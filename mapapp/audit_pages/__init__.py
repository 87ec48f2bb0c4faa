"""The audit log as those read it who answer for an area."""
