"""Shared parts of all commands: settings, database session, messages in the operator's language, progress bars."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from alembic.util import CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core import config, errors
from mapapp.core.languages import STAFF, WRITTEN
from mapapp.core.vault import Vault
from mapapp.database import keyring
from mapapp.web.i18n import place_of, tell, translate

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def lang() -> str:
    """The language of the terminal, from LANGUAGE, LC_ALL or LANG; Thai if it is Thai, otherwise English."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")[:2].lower()
        if value in STAFF:
            return value
    return WRITTEN.code


def say(text: str, **values: object) -> None:
    """One line on standard output, in the operator's language."""
    out.print(translate(text, lang(), **values), markup=False)


def settings() -> config.Config:
    """The settings from the environment."""
    return config.load(os.environ)


def engine() -> Engine:
    """An engine on the configured database, as the role that owns the tables."""
    return database.engine(settings().owner_database(), pool_size=2)


@contextmanager
def session() -> Iterator[Session]:
    """A session that is committed if the block succeeds, and rolled back otherwise."""
    made = engine()
    try:
        later: list[Later] = []
        carried = {"tambon_reach_m": settings().tambon_reach_m}
        with database.sessions(made, {_AFTERWARDS: later, **carried})() as opened:
            yield opened
            opened.commit()
        for work in later:
            work(database.sessions(made, carried))
    finally:
        made.dispose()


Later = Callable[[Callable[[], Session]], object]
"""Work in its own transactions: it gets a factory of sessions."""

_AFTERWARDS = "afterwards"


def afterwards(session: Session, work: Later) -> bool:
    """Registers work for after the commit of the command; it runs once, even if it is registered several times.

    Returns False if the session does not belong to a command: then nothing would run it.
    """
    later: list[Later] | None = session.info.get(_AFTERWARDS)
    if later is None:
        return False
    if work not in later:
        later.append(work)
    return True


def vault(session: Session) -> Vault:
    """The encryption keys, after a check that they belong to this database.

    Raises:
        WrongKeys: they do not.
    """
    made = settings().vault()
    keyring.settle(session, made)
    return made


def told_problem(problem: errors.FieldProblem) -> str:
    """A problem as one line in the operator's language: place and message."""
    place, text = place_of(problem, lang()), tell(problem.told, lang())
    return f"{place}: {text}" if place else text


@contextmanager
def told() -> Iterator[None]:
    """Turns domain errors into messages for the operator, and exit status 1."""
    try:
        yield
    except errors.Invalid as error:
        for problem in error.problems:
            err.print(f"✗ {told_problem(problem)}", markup=False)
        raise SystemExit(1) from None
    except errors.DomainError as error:
        err.print(f"✗ {tell(error.message, lang())}", markup=False)
        raise SystemExit(1) from None
    except config.BadConfig as error:
        err.print(f"✗ {error}", markup=False)
        raise SystemExit(2) from None
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[:1]
        err.print(f"✗ {''.join(why)}", markup=False)
        text = (
            errors.N_("The database refused this, and nothing was changed. Run mapapp check, then try again.")
            if isinstance(error, DBAPIError) and error.statement is not None and not error.connection_invalidated
            else errors.N_("The database does not answer. Start script/server, or check MAPAPP_DATABASE_URL.")
        )
        err.print(translate(text, lang()), markup=False)
        raise SystemExit(2) from None
    except CommandError as error:  # from alembic
        err.print(f"✗ {error}", markup=False)
        raise SystemExit(1) from None
    except OSError as error:
        name = f"{Path(os.fsdecode(error.filename)).name[:80]}: " if error.filename else ""
        err.print(f"✗ {name}{error.strerror or error}", markup=False)
        raise SystemExit(1) from None
    except UnicodeEncodeError:
        text = errors.N_("This text contains characters that cannot be stored. Remove them.")
        err.print(f"✗ {translate(text, lang())}", markup=False)
        raise SystemExit(1) from None
    except MemoryError:
        text = errors.N_("There is not enough memory for this. Nothing was changed. Split the file.")
        err.print(f"✗ {translate(text, lang())}", markup=False)
        raise SystemExit(1) from None


def mapping(
    fields: Collection[str],
) -> Callable[[click.Context, click.Parameter, Sequence[str]], dict[str, str]]:
    """For an option ``--map FIELD=COLUMN``, repeated: the column of each named field."""

    def read(_context: click.Context, _option: click.Parameter, pairs: Sequence[str]) -> dict[str, str]:
        made = {}
        for pair in pairs:
            field, _, column = (part.strip() for part in pair.partition("="))
            if field not in fields or not column:
                raise click.BadParameter(f"{pair!r}: write field=column, where field is one of {', '.join(fields)}")
            made[field] = column
        return made

    return read


def progress() -> Progress:
    """A progress bar on standard error, with count and time; silent without a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


class Group(click.Group):
    """A command group that shows domain errors as messages, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        with told():
            return super().invoke(ctx)
