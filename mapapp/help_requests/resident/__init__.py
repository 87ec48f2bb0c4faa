"""The resident's page: its secret link and code, the history of the request, and the resident's actions."""
