"""The resident's page: a secret link and a code, what has happened, and all the resident can do about it."""
