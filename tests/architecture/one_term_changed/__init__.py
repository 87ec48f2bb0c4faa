"""Terms changed in a copy of the service."""
