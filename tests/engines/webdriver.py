"""A second browser engine, WebKit (that of Safari), driven by WebDriver, and a line to the service that can be cut.

WebKitGTK's driver is in Debian (``webkit2gtk-driver``), its small browser comes with it; the screen is Xvfb's. The
protocol is W3C WebDriver: a handful of JSON requests, so no client library is needed.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.serving import free_port

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name under which WebDriver answers an element."""


def _browser() -> Path | None:
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    return found[-1] if found else None


class Driver:
    """One session of a browser."""

    def __init__(self, port: int) -> None:
        self.port = port
        options = {"webkitgtk:browserOptions": {"binary": str(_browser()), "args": ["--automation"]}}
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self.session = f"/session/{made['sessionId']}"

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def go(self, address: str) -> None:
        """Opens an address."""
        self._ask("POST", f"{self.session}/url", {"url": address})

    def cookie(self, name: str, value: str) -> None:
        """Gives the page that is open a cookie."""
        self._ask("POST", f"{self.session}/cookie", {"cookie": {"name": name, "value": value, "path": "/"}})

    def run(self, function: str, *arguments: Any) -> Any:
        """What an asynchronous JavaScript function answers."""
        script = (
            f"const done = arguments[arguments.length - 1]; ({function})(...arguments).then(done, e => done(`${{e}}`));"
        )
        return self._ask("POST", f"{self.session}/execute/async", {"script": script, "args": list(arguments)})

    def until(self, function: str, *arguments: Any) -> None:
        """Waits until a JavaScript function answers true."""
        found = None
        for _ in range(150):
            with suppress(AssertionError):  # the page is just being replaced
                found = self.run(function, *arguments)
            if found is True:
                return
            time.sleep(0.1)
        raise AssertionError(f"never true, {found}: {function}")

    def _element(self, selector: str) -> str:
        found = self._ask("POST", f"{self.session}/element", {"using": "css selector", "value": selector})
        return f"{self.session}/element/{found[ELEMENT]}"

    def press(self, selector: str) -> None:
        """Presses an element, as a screen reader does: the driver presses only where nothing lies over it."""
        self.run("async (selector) => { document.querySelector(selector).click(); }", selector)

    def type(self, selector: str, text: str) -> None:
        """Types into an element."""
        self._ask("POST", f"{self._element(selector)}/value", {"text": text})

    def end(self) -> None:
        """Closes the browser."""
        with suppress(OSError, AssertionError):
            self._ask("DELETE", self.session)


@contextmanager
def webkit() -> Iterator[Driver]:
    """A browser on a screen that nobody sees; skips where it is not installed."""
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    if not (driver and screen and _browser()):
        pytest.skip("needs webkit2gtk-driver and xvfb; script/test -m engines installs them")
    with ExitStack() as stack:
        read, write = os.pipe()
        shown = _begun(stack, [screen, "-displayfd", str(write), "-screen", "0", "800x800x24"], pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        assert shown.poll() is None
        port = free_port()
        settings = {**os.environ, "DISPLAY": f":{number}", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
                    "LIBGL_ALWAYS_SOFTWARE": "1", "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}  # fmt: skip
        _begun(stack, [driver, f"--port={port}", "--host=127.0.0.1"], env=settings)
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        browser = Driver(port)
        try:
            yield browser
        finally:
            browser.end()


def _begun(stack: ExitStack, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


class Cable:
    """Passes connections on to the service, until it is cut: then there is nobody at this address."""

    def __init__(self, address: str) -> None:
        self.there = ("127.0.0.1", int(address.rsplit(":", 1)[1]))
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.open: set[socket.socket] = set()
        self.listening: socket.socket | None = None
        self.join()

    def join(self) -> None:
        """There is a connection."""
        self.listening = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._accept, args=(self.listening,), daemon=True).start()

    def cut(self) -> None:
        """There is none any more; what is open breaks."""
        if self.listening is not None:
            self.listening.shutdown(socket.SHUT_RDWR)
            self.listening.close()
        for one in list(self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(self.there)
                for one, other in ((near, far), (far, near)):
                    self.open.add(one)
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
        self.open.discard(one)
        one.close()
