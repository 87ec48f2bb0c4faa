"""Live updates of open pages: who watches which areas, and what has changed there.

In each web process one thread reads new events while pages watch, and notifies the pages whose areas are concerned. A
notification contains only names of areas, never a request: the page is then requested again and asks the policy.

LISTEN/NOTIFY would make the reading unnecessary, but a transaction with NOTIFY holds one lock for the whole cluster at
its commit, so that changes of all provinces would wait for each other.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy.orm import Session, sessionmaker

from mapapp.core.actors import Standing
from mapapp.database.server_time import Clock

log = logging.getLogger(__name__)

EVERY_S: Final = 0.5
"""Interval between two reads, in seconds."""

LATE_S: Final = 30.0
"""For this long, a skipped id may still appear: ids are assigned before the commit, and a transaction can last as long
as two statements (15 s each)."""

RIGHTS_S: Final = 2.0
"""Interval between two checks whether watchers are still signed in with the same rights. They are read from the
database, because sessions and appointments can be ended by other processes."""

LASTS_S: Final = 300.0
"""Each stream ends after this time: proxies rely on it, and a page that reconnects starts from a full list."""

HEARTBEAT_S: Final = 15.0
"""Interval of comments: proxies keep the connection open, and a closed page is noticed."""

MOST: Final = 200
"""Maximum number of watchers in one process; each holds a thread. Above it, pages poll instead."""

OF_ONE: Final = 3
"""Maximum number of watchers of one session in one process. The oldest is ended: most often its page was closed."""

OF_PERSON: Final = 12
"""Streams per person, over all sessions and keys, so that no one uses all of them."""

_MOST_GAPS: Final = 1_000
_LOOK_BACK: Final = 200
_NAMED: Final = 20


class Happened(NamedTuple):
    """An event, with what watchers need to know of it."""

    id: int
    cell_tambon: str
    tambon: str


class Feed(NamedTuple):
    """The source of events: an append-only table of the room whose pages are open."""

    read: Callable[[Session, int, Sequence[int]], list[Happened]]
    """Returns the events with ids above the given number, and those of the given list that have appeared since, by
    id."""
    newest: Callable[[Session], int]
    """Returns the highest visible id."""
    still: Callable[[Session, set[uuid.UUID], datetime], dict[uuid.UUID, frozenset[Standing]]]
    """Returns those of these sessions and keys that are valid now, with their appointments."""


@dataclass
class Tail:
    """Reads the end of the event table without missing ids that are committed out of order.

    ``missing`` has the ids below the highest one that have not appeared, with the time when they were first missing:
    their transactions are still running, or were rolled back.
    """

    feed: Feed
    high: int
    missing: dict[int, float] = field(default_factory=dict)

    @classmethod
    def begin(cls, feed: Feed, session: Session, at: float) -> Tail:
        """Starts here; ids of transactions that run now are waited for."""
        tail = cls(feed, max(feed.newest(session) - _LOOK_BACK, 0))
        tail.advance(session, at)
        return tail

    def advance(self, session: Session, at: float) -> list[Happened]:
        """The events that have appeared since the last call."""
        found = self.feed.read(session, self.high, list(self.missing))
        for one in found:
            self.missing.pop(one.id, None)
            if one.id > self.high:
                first = max(self.high + 1, one.id - _MOST_GAPS)
                self.missing.update(dict.fromkeys(range(first, one.id), at))
                self.high = one.id
        for number in [number for number, since in self.missing.items() if at - since > LATE_S]:
            del self.missing[number]
        while len(self.missing) > _MOST_GAPS:
            del self.missing[next(iter(self.missing))]
        return found


@dataclass(eq=False)
class Watcher:
    """One open page.

    Args:
        who: the person, and their session or key after a slash.
        cells: areas in which changes count by the tambon of the cell; what a volunteer may know.
        places: areas in which changes count by the exact tambon; only for officers.
        until: its end, in seconds of the monotonic clock.
        key: the session or API key it was opened with; None in tests.
        rights: the appointments it was opened with.
    """

    who: str
    cells: tuple[str, ...]
    places: tuple[str, ...]
    until: float
    key: uuid.UUID | None = None
    rights: frozenset[Standing] = frozenset()
    changed: set[str] = field(default_factory=set)
    is_over: bool = False
    has_to_give_way: bool = False

    def note(self, happened: Happened) -> None:
        """Adds an event, if it concerns this watcher."""
        if _inside(happened.cell_tambon, self.cells):
            self.changed.add(happened.cell_tambon)
        if _inside(happened.tambon, self.places):
            self.changed.add(happened.tambon)


def _inside(tambon: str, areas: tuple[str, ...]) -> bool:
    return any(area == "TH" or tambon.startswith(area) for area in areas)


class Full(Exception):
    """This process has the maximum number of watchers."""


class Hub:
    """The watchers of one process.

    Args:
        factory: makes sessions; none is held between two reads.
        feed: the source of events.
        threaded: whether a thread reads while there are watchers; tests call ``look`` themselves.
        most: maximum number of watchers.
        clock: monotonic seconds.
        now: the time by which sessions and appointments are valid; None: the database's.
    """

    def __init__(
        self,
        factory: sessionmaker[Session],
        feed: Feed,
        *,
        threaded: bool = True,
        most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._factory = factory
        self._feed = feed
        self._threaded = threaded
        self._most = most
        self._clock = clock
        self._now = now or Clock(factory)
        self._rights_at = 0.0
        self._watchers: list[Watcher] = []
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._tail: Tail | None = None
        self._is_stopped = False

    # Watching ---------------------------------------------------------------------------------------------------

    def watch(
        self, who: str, *, cells: tuple[str, ...], places: tuple[str, ...], key: uuid.UUID | None = None,
        rights: frozenset[Standing] = frozenset(),
    ) -> Watcher:  # fmt: skip
        """Registers a page; arguments as in ``Watcher``. The caller must call ``leave`` in any case.

        Raises:
            Full: there are too many watchers, or the process is ending.
        """
        with self._news:
            now = self._clock()
            self._watchers = [one for one in self._watchers if one.until + HEARTBEAT_S > now]
            if self._is_stopped:
                raise Full
            person = who.partition("/")[0]
            theirs = [one for one in self._watchers if one.who.partition("/")[0] == person and not one.is_over]
            own = [one for one in theirs if one.who == who]
            if len(own) < OF_ONE and len(theirs) >= OF_PERSON:
                own = theirs
            if len(own) >= OF_ONE:
                own[0].is_over = own[0].has_to_give_way = True
                self._news.notify_all()
            elif len(self._watchers) >= self._most:
                raise Full
            made = Watcher(who, cells, places, now + LASTS_S, key, rights)
            self._watchers.append(made)
            if self._threaded and self._thread is None:
                self._tail = None  # events from before the first watcher concern no one
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
        return made

    def leave(self, watcher: Watcher) -> None:
        """Removes a page. Calling it again changes nothing."""
        with self._news:
            watcher.is_over = True
            self._watchers = [one for one in self._watchers if one is not watcher]
            self._news.notify_all()

    def wait(self, watcher: Watcher, seconds: float = HEARTBEAT_S) -> list[str] | None:
        """The codes of tambons that have changed for this page; empty if only time has passed; None at its end."""
        with self._news:
            end = min(self._clock() + seconds, watcher.until)
            while not (watcher.changed or watcher.is_over or self._is_stopped):
                left = end - self._clock()
                if left <= 0 or not self._news.wait(left):
                    break
            if watcher.is_over or self._is_stopped or self._clock() >= watcher.until:
                return None
            told = sorted(watcher.changed)[:_NAMED]
            watcher.changed.clear()
            return told

    @property
    def count(self) -> int:
        """The number of watchers."""
        return len(self._watchers)

    # Reading ----------------------------------------------------------------------------------------------------

    def check_rights(self) -> int:
        """Ends the streams of everyone whose session, API key or appointments have changed; returns how many.

        The page is told to request again and reconnects: with other appointments it gets a new stream, after sign-out
        none.
        """
        with self._news:
            asked = [one for one in self._watchers if one.key is not None and not one.is_over]
        found: dict[uuid.UUID, frozenset[Standing]] = {}
        if asked:
            with self._factory() as session:
                found = self._feed.still(session, {one.key for one in asked if one.key is not None}, self._now())
        self._rights_at = (
            self._clock()
        )  # if the database did not answer, it is asked again before the next notification
        over = [one for one in asked if one.key is not None and found.get(one.key) != one.rights]
        if over:
            with self._news:
                for one in over:
                    one.is_over = True
                self._news.notify_all()
        return len(over)

    def look(self) -> int:
        """Reads new events and notifies the watchers concerned; returns how many."""
        with self._factory() as session:
            if self._tail is None:
                self._tail = Tail.begin(self._feed, session, self._clock())
                return 0
            found = self._tail.advance(session, self._clock())
        if not found:
            return 0
        with self._news:
            # A hundred changes of one tambon are one notification.
            places = {(one.cell_tambon, one.tambon): one for one in found}.values()
            for happened in places:
                for one in self._watchers:
                    one.note(happened)
            woken = sum(bool(one.changed) for one in self._watchers)
            if woken:
                self._news.notify_all()
        return woken

    def stop(self) -> None:
        """Ends all streams, so that the process can end."""
        with self._news:
            self._is_stopped = True
            self._news.notify_all()

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                if began - self._rights_at >= RIGHTS_S:
                    self.check_rights()  # before the notification
                self.look()
            except (
                Exception
            ) as error:  # the database restarts: the pages keep their connection, and reading continues afterwards
                log.warning("new events cannot be read: %s", type(error).__name__)
            with self._news:
                self._news.wait_for(lambda: self._is_stopped, max(0.05, began + EVERY_S - time.monotonic()))
                if self._is_stopped or not self._watchers:
                    self._thread = None
                    return


class Stream:
    """The answer to one page, iterated by the server: ``text/event-stream``.

    The server calls ``close`` at the end in any case. Nothing is registered before the first step.
    """

    def __init__(self, hub: Hub, watcher: Watcher) -> None:
        self._hub = hub
        self._watcher = watcher
        self._began = False
        self._ended = False

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        if self._ended:
            raise StopIteration
        if not self._began:
            self._began = True
            return b": watching\n\n"
        told = self._hub.wait(self._watcher)
        if told is None:
            self._ended = True
            self._hub.leave(self._watcher)
            return b"event: aside\ndata: -\n\n" if self._watcher.has_to_give_way else b"event: again\ndata: -\n\n"
        return f"event: changed\ndata: {','.join(told)}\n\n".encode() if told else b": still here\n\n"

    def close(self) -> None:
        """Removes the watcher."""
        self._ended = True
        self._hub.leave(self._watcher)
