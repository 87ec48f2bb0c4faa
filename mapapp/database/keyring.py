"""Whether the encryption keys of this process are the ones this database was encrypted with.

For each key that encrypts, the database has a probe: a short text encrypted with it. Keys that cannot decrypt every
probe are wrong – another machine's, or from a backup of another day. Nothing may be read or encrypted with them: what
is encrypted under a wrong key of the same name can never be decrypted later.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import DateTime, Row, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from mapapp.core.errors import N_, Unavailable
from mapapp.core.problem_types import NOT_READY
from mapapp.core.vault import CannotOpen, Vault, key_of
from mapapp.database import Base

log = logging.getLogger(__name__)

GOOD_FOR_S: Final = 60.0
"""So long a process believes that its keys fit; a database may be restored under it."""

AGAIN_S: Final = 2.0
"""Until keys that did not fit are tried again."""

_PLACE: Final = {"table": "key_probes", "column": "sealed"}
_NO_SUCH_TABLE: Final = "42P01"
_WORDS: Final = "mapapp"
_SAMPLE: Final = 20


class KeyProbe(Base):
    """A short text encrypted with one key."""

    __tablename__ = "key_probes"

    name: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    finds: Mapped[bool]
    """The key of the blind indexes and signatures: the oldest one, permanently."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class WrongKeys(Unavailable):
    """These keys do not open what this database holds."""

    kind = NOT_READY

    def __init__(self) -> None:
        super().__init__(
            N_(
                "The service cannot save data or show encrypted data now. The system operator must correct "
                "the encryption keys. In an emergency, call 1669."
            )
        )


class NotUpgraded(Unavailable):
    """The database is older than the probes: whether the keys fit cannot be asked yet."""

    kind = NOT_READY

    def __init__(self) -> None:
        super().__init__(N_("Your saved data is safe. In an emergency, call 1669."))


def sealed_columns() -> Iterator[tuple[Table, str]]:
    """All encrypted columns, by their name: ``…_sealed`` in a table whose records are named by ``id``."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name.endswith("_sealed"):
                yield table, column.name


def place(table: Table, column: str, record: object) -> dict[str, str]:
    """Where an encrypted value is stored, as ``Vault.seal`` was told."""
    return {"table": table.name, "column": column, "record": str(record)}


def problem(session: Session, vault: Vault) -> str | None:
    """None if the keys match, otherwise the name of a key that is wrong or missing.

    In a database from before the probes, some of its encrypted values are tried, the oldest and the newest.

    Raises:
        NotUpgraded: it has no table for probes yet. The session's transaction has failed then.
    """
    probes = _probes(session)
    for name, sealed, finds in probes:
        if not _opens(vault, sealed, {**_PLACE, "record": name}) or (finds and name != vault.names[-1]):
            return str(name)
    if probes:
        return None
    for table, column in sealed_columns():
        for record, sealed in _samples(session, table, column):
            if not _opens(vault, sealed, place(table, column, record)):
                return key_of(sealed)
    return None


def _probes(session: Session) -> Sequence[Row[str, bytes, bool]]:
    try:
        return session.execute(select(KeyProbe.name, KeyProbe.sealed, KeyProbe.finds)).all()
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) != _NO_SUCH_TABLE:
            raise
        raise NotUpgraded from error


def _samples(session: Session, table: Table, column: str) -> list[Any]:
    record, sealed = table.c.id, table.c[column]
    wanted = select(record, sealed).where(sealed.is_not(None)).limit(_SAMPLE)
    return [
        *session.execute(wanted.order_by(record)).all(),
        *session.execute(wanted.order_by(record.desc())).all(),
    ]


def _opens(vault: Vault, sealed: bytes, where: dict[str, str]) -> bool:
    try:
        vault.open(sealed, **where)
    except CannotOpen:
        return False
    return True


def settle(session: Session, vault: Vault) -> None:
    """Makes sure that the keys fit, and leaves a probe of the newest, which seals, and of the oldest, which finds.

    Raises:
        WrongKeys: they do not; nothing is changed.
        NotUpgraded: that cannot be asked yet.
    """
    wrong = problem(session, vault)
    if wrong is None:
        there = dict(session.execute(select(KeyProbe.name, KeyProbe.finds)).all())
        names = vault.names
        if not {names[0], names[-1]} <= set(there):
            new = [_probe(vault, name, finds=name == names[-1]) for name in {names[0], names[-1]}]
            session.execute(insert(KeyProbe).values(new).on_conflict_do_nothing())
            wrong = problem(session, vault)  # another process may have been first, with other keys
    _refuse(wrong)


def demand(session: Session, vault: Vault) -> None:
    """Makes sure that the keys fit, and leaves nothing.

    Raises:
        WrongKeys: they do not.
        NotUpgraded: that cannot be asked yet.
    """
    _refuse(problem(session, vault))


def misfit(session: Session, vault: Vault) -> str | None:
    """None where the keys fit, else what is the matter, for a log. The session is to be closed afterwards."""
    try:
        wrong = problem(session, vault)
    except NotUpgraded:
        return "the database is not upgraded yet"
    return None if wrong is None else f"the master key {wrong} does not open what is in the database"


def _refuse(wrong: str | None) -> None:
    if wrong is not None:
        log.error("the master key %s does not open what is in the database; run mapapp check", wrong)
        raise WrongKeys


def _probe(vault: Vault, name: str, *, finds: bool) -> dict[str, Any]:
    sealed = vault.seal(_WORDS, **_PLACE, record=name, key=name)
    return {"name": name, "sealed": sealed, "finds": finds}


def to_do(session: Session) -> int:
    """The number of encrypted values."""
    wanted = (select(func.count(table.c[column])) for table, column in sealed_columns())
    return sum(session.execute(one).scalar_one() for one in wanted)


def reseal(session: Session, vault: Vault, progress: Callable[[int], None] = lambda done: None) -> int:
    """Encrypts with the newest key what was encrypted with an older one, in every table. After that, the keys in
    between are not needed and can be removed.

    Returns:
        how many values.

    Raises:
        WrongKeys: the key of one of them is not here; nothing is changed then.
    """
    settle(session, vault)
    session.flush()
    changed = done = 0
    for table, column in sealed_columns():
        record, sealed = table.c.id, table.c[column]
        # Locked, so that a new phone number saved now is not overwritten by the old one.
        rows = select(record, sealed).where(sealed.is_not(None)).order_by(record).with_for_update()
        for name, value in session.execute(rows).all():
            done += 1
            if not vault.is_current(value):
                where = place(table, column, name)
                again = vault.seal(_opened(vault, value, where), **where)
                session.execute(update(table).where(record == name).values({column: again}))
                changed += 1
            progress(done)
    session.expire_all()
    session.execute(delete(KeyProbe).where(KeyProbe.name.not_in([vault.names[0], vault.names[-1]])))
    return changed


def _opened(vault: Vault, sealed: bytes, where: dict[str, str]) -> str:
    try:
        return vault.open(sealed, **where)
    except CannotOpen as error:
        raise WrongKeys from error


class Watch:
    """Whether the keys fit, asked of the database once a minute. Safe between threads.

    Args:
        factory: sessions that can write.
    """

    def __init__(self, vault: Vault, factory: sessionmaker[Session]) -> None:
        self._vault = vault
        self._factory = factory
        self._lock = threading.Lock()
        self._fits = False
        self._is_old = False
        self.until = float("-inf")
        """Until when, in the monotonic clock's seconds, the last answer is believed."""

    def demand(self) -> None:
        """Called before anything is encrypted, decrypted or written.

        Raises:
            WrongKeys: the keys do not match.
            NotUpgraded: the database is too old to check.
        """
        if time.monotonic() >= self.until:
            with self._lock:
                if time.monotonic() >= self.until:
                    self._look()
        if not self._fits:
            raise NotUpgraded if self._is_old else WrongKeys

    def fits(self) -> bool:
        """Whether something may be written, where it can as well be left."""
        try:
            self.demand()
        except (WrongKeys, NotUpgraded):
            return False
        return True

    def _look(self) -> None:
        began = time.monotonic()
        fits = is_old = False
        try:
            with self._factory() as session:
                settle(session, self._vault)
                session.commit()
            fits = True
        except WrongKeys:
            pass
        except NotUpgraded:
            log.error("the database is not upgraded yet; nothing is taken in until it is")
            is_old = True
        self._fits, self._is_old = fits, is_old
        self.until = began + (GOOD_FOR_S if fits else AGAIN_S)
