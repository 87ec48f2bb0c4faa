"""``mapapp facilities``: lists of facilities in and out."""

from __future__ import annotations

import click


@click.group()
def facilities() -> None:
    """Lists of facilities."""
