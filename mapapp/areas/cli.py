"""``mapapp areas``: boundaries, population figures and village names."""

from __future__ import annotations

import click


@click.group()
def areas() -> None:
    """Boundaries, population figures and village names."""
