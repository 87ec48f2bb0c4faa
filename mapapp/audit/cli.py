"""``mapapp audit``: verifies, signs and prunes the audit log."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mapapp.audit import heads, pruning, verification
from mapapp.audit.signatures import parse_public_key, public_key_text
from mapapp.core import actors
from mapapp.core.errors import N_, Conflict
from mapapp.database.server_time import database_time
from mapapp.web import command_line
from mapapp.web.i18n import tell

_FOLDER = click.option(
    "--heads",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the signed checkpoints. Default: MAPAPP_AUDIT_HEADS.",
)


@click.group()
def audit() -> None:
    """The audit log of privileged changes and of views of personal data: verify, sign, prune."""


@audit.command()
@_FOLDER
@click.option(
    "--public-key", "keys", multiple=True, help="Another public key to check signatures with; can be repeated."
)
def verify(folder: Path | None, keys: tuple[str, ...]) -> None:
    """Reads the whole audit log and reports entries that were changed, removed, inserted, swapped or cut off.

    Exit status: 0 intact, 1 damaged. The best evidence is a copy of the checkpoints on another machine: --heads.

    \b
    mapapp audit verify
    mapapp audit verify --heads /media/usb/heads
    """
    settings = command_line.settings()
    allowed: list[Ed25519PublicKey] = [settings.vault().public_key, *map(parse_public_key, keys)]
    with command_line.progress() as bar, command_line.session() as session:
        signed = heads.known(session, folder or settings.heads_folder())
        task = bar.add_task("audit_log", total=verification.total(session))
        report = verification.verify(
            session, allowed, signed, progress=lambda done: bar.update(task, completed=done)
        )  # fmt: skip
    for problem in report.problems:
        command_line.err.print(f"✗ {tell(problem, command_line.lang())}", markup=False)
    if not report.is_whole:
        raise Conflict(N_("The audit log is damaged. Problems found: %(count)s."), count=report.count)
    command_line.say(
        N_("The audit log is intact: %(entries)s entries; matching signed checkpoints: %(heads)s."),
        entries=report.entries,
        heads=report.heads,
    )
    if report.beyond:
        command_line.say(
            N_(
                "Entries newer than the latest signed checkpoint: %(count)s. If someone deleted entries at "
                "the end, this check cannot detect it yet."
            ),
            count=report.beyond,
        )


@audit.command("export-head")
@_FOLDER
def export_head(folder: Path | None) -> None:
    """Signs the newest entry as the checkpoint of the last full day. Safe to repeat; the service also does it
    automatically."""
    settings = command_line.settings()
    with command_line.session() as session:
        vault, now = command_line.vault(session), database_time(session)
        head = heads.export_head(session, vault, folder or settings.heads_folder(), now)
    if head is None:
        command_line.say(N_("Nothing has been recorded yet, so there is no checkpoint."))
    else:
        command_line.say(
            N_("Signed checkpoint of %(day)s: entry %(seq)s, %(hash)s"),
            day=head.day,
            seq=head.seq,
            hash=head.hash.hex(),
        )


@audit.command("public-key")
def public_key() -> None:
    """Prints the public key for the signatures of checkpoints. Give it to everyone who keeps a copy of them."""
    click.echo(public_key_text(command_line.settings().vault().public_key))


@audit.command()
@click.option(
    "--before",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day to keep; at least 90 days ago.",
)
@click.option("--dry-run", is_flag=True, help="Only print how many entries would be deleted.")
@_FOLDER
def prune(before: datetime, dry_run: bool, folder: Path | None) -> None:
    """Deletes the oldest entries of the audit log; the rest can still be verified. Make a backup first.

    \b
    mapapp audit prune --before 2025-01-01 --dry-run
    """
    settings = command_line.settings()
    with command_line.session() as session:
        done = pruning.prune(
            session,
            actors.command(),
            command_line.vault(session),
            heads.known(session, folder or settings.heads_folder()),
            before=before.date(),
            now=database_time(session),
            dry_run=dry_run,
        )
    if dry_run:
        command_line.say(N_("%(count)s entries would be deleted. Nothing was changed."), count=done.entries)
    else:
        command_line.say(N_("%(count)s entries were deleted."), count=done.entries)
