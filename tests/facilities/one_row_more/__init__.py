"""A kind and fields more, put into a copy of the service."""
