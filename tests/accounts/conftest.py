"""A mail server on loopback."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs to believe it."""

    received: ClassVar[list[bytes]] = []
    refuses: ClassVar[bool] = False

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    text += part
                self.received.append(text)
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"550 no\r\n" if word == b"RCPT" and self.refuses else b"250 ok\r\n")


@pytest.fixture
def mailbox() -> Iterator[str]:
    """The address of a mail server on loopback."""
    Mailbox.received, Mailbox.refuses = [], False
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
