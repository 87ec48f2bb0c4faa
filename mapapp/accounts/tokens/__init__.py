"""API keys of officers."""
