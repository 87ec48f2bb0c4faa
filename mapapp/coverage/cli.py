"""``mapapp coverage``: what reaches whom."""

from __future__ import annotations

import click


@click.group()
def coverage() -> None:
    """What reaches whom."""
