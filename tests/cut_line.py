"""A line to PostgreSQL that a test cuts where it likes: bytes pass as they are until the wanted statement comes."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import URL, make_url

PORT = 54329
"""In the name of the socket only."""

How = Literal["before", "during"]


class CutLine:
    """A Unix socket in ``folder`` that leads to the database of ``address``.

    A statement is a simple query, as psycopg2 sends them; ``BEGIN`` and ``COMMIT`` count too. No commit ever passes, so
    that the database stays as it is.
    """

    def __init__(self, folder: Path, address: str | URL) -> None:
        self._upstream = make_url(address)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / f".s.PGSQL.{PORT}"))
        self._listener.listen(64)
        self.address = self._upstream.set(host=None, port=None, query={"host": str(folder), "port": str(PORT)})
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._cut_at, self._how = 0, "before"
        self.seen = 0
        self.last = b""
        """The statement that was cut."""
        self.is_cut = self.is_closed = False
        threading.Thread(target=self._listen, daemon=True).start()

    def cut_at(self, number: int, how: How = "before") -> None:
        """Counts anew; the statement of this number is cut, and afterwards nothing passes any more. 0: none is."""
        with self._lock:
            self._cut_at, self._how, self.seen, self.is_cut = number, how, 0, False

    def cut(self) -> None:
        """Cuts every line that is open, and takes no new one until ``cut_at``."""
        with self._lock:
            self.is_cut = True
            lines, self._open = self._open, []
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def close(self) -> None:
        self.is_closed = True
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while not self.is_closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.is_cut:
                client.close()
                continue
            server = self._connect()
            with self._lock:
                self._open += [client, server]
            threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
            threading.Thread(target=self._to_client, args=(client, server), daemon=True).start()

    def _connect(self) -> socket.socket:
        url = self._upstream
        folder, port = url.query.get("host"), url.query.get("port") or url.port or 5432
        if folder or (url.host or "/").startswith("/"):
            made = socket.socket(socket.AF_UNIX)
            made.connect(f"{folder or url.host or '/var/run/postgresql'}/.s.PGSQL.{port}")
        else:
            made = socket.create_connection((url.host, int(str(port))))
        return made

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            (length,) = struct.unpack("!I", _exactly(client, 4))
            server.sendall(struct.pack("!I", length) + _exactly(client, length - 4))
            while True:
                kind = _exactly(client, 1)
                (length,) = struct.unpack("!I", _exactly(client, 4))
                message = _exactly(client, length - 4)
                if kind == b"Q" and self._is_its_turn(message):
                    if self._how == "during" and not message.startswith(b"COMMIT"):
                        client.shutdown(socket.SHUT_RDWR)  # first: a swift answer would still get through
                        server.sendall(kind + struct.pack("!I", length) + message)
                    self.cut()
                    return
                server.sendall(kind + struct.pack("!I", length) + message)

    def _is_its_turn(self, message: bytes) -> bool:
        with self._lock:
            self.seen += 1
            is_its = self.seen == self._cut_at or message.startswith(b"COMMIT")
            if is_its:
                self.last, self.is_cut = message, True  # from here on nothing new is let in either
            return is_its

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


def _exactly(line: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = line.recv(count - len(found))
        if not more:
            raise OSError("it was closed")
        found += more
    return found
