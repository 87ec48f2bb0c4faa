"""Load on loopback: keep-alive clients that cost little, so that on two cores the server is what is measured."""

from __future__ import annotations

import json
import multiprocessing as mp
import socket
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from typing import Any


def request(method: str, path: str, body: dict[str, Any], token: str) -> bytes:
    """The bytes of a request with JSON and an API key."""
    sent = json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(sent)}\r\n"
        f"Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    return head.encode() + sent


class Client:
    """One keep-alive HTTP/1.1 connection; reads just enough of an answer to know where it ends."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._more_headers = f"Cookie: {cookie}\r\n" if cookie else ""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def get(self, path: str) -> tuple[int, int]:
        """Asks for a path, gzip accepted; returns (status, bytes of the body)."""
        headers = f"Host: 127.0.0.1\r\nAccept-Encoding: gzip\r\n{self._more_headers}"
        self._socket.sendall(f"GET {path} HTTP/1.1\r\n{headers}\r\n".encode())
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].lower()
        at = head.find(b"content-length:")
        if at < 0:
            raise ValueError(f"no content-length from {path}")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        while len(data) < end + 4 + length:
            data += self._more()
        self._rest = data[end + 4 + length :]
        return int(head[9:12]), length

    def send(self, method: str, path: str, body: dict[str, Any], token: str) -> tuple[int, dict[str, Any]]:
        """Sends JSON with an API key; returns the status and the answer."""
        status, answer = self.exchange(request(method, path, body, token))
        return status, json.loads(answer)

    def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Sends a request as it is; returns the status and the body of the answer."""
        self._socket.sendall(request)
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        headers = data[:end].lower()
        at = headers.find(b"content-length:")
        length = int(headers[at + 15 :].split(b"\r\n", 1)[0])
        while len(data) < end + 4 + length:
            data += self._more()
        self._rest = data[end + 4 + length :]
        return int(headers[9:12]), data[end + 4 : end + 4 + length]

    def _more(self) -> bytes:
        part = self._socket.recv(262_144)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()


def _work(port: int, paths: Sequence[str], seconds: float, begin: Barrier, done: Any) -> None:
    client, times, count = Client(port), [], 0
    for path in paths[:20]:
        client.get(path)
    begin.wait()
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        status, _size = client.get(paths[count % len(paths)])
        if status != 200:
            raise RuntimeError(f"{status} from {paths[count % len(paths)]}")
        times.append(time.perf_counter() - started)
        count += 1
    client.close()
    done.put((count, sorted(times)))


def rate(port: int, paths: Sequence[str], *, clients: int = 4, seconds: float = 6.0) -> tuple[float, float]:
    """Requests a second and the 95th percentile in milliseconds, over ``clients`` processes with their own paths."""
    results, _seconds = in_processes(_work, [(port, paths[number::clients], seconds) for number in range(clients)])
    times = sorted(moment for _count, moments in results for moment in moments)
    return sum(count for count, _ in results) / seconds, times[int(len(times) * 0.95)] * 1000


def in_processes(work: Callable[..., None], jobs: Sequence[tuple[Any, ...]]) -> tuple[list[Any], float]:
    """Does each job in a process of its own, all from the same moment on.

    Args:
        work: called with a job's values, then ``begin`` (wait for it once everything is ready) and ``done`` (put what
            came of it).

    Returns:
        What each has put, and the seconds from that moment until the last has.
    """
    context = mp.get_context("spawn")
    begin, done = context.Barrier(len(jobs) + 1), context.SimpleQueue()
    workers = [context.Process(target=work, args=(*job, begin, done)) for job in jobs]
    for worker in workers:
        worker.start()
    begin.wait()
    began = time.perf_counter()
    results = [done.get() for _ in workers]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return results, seconds


def in_threads(work: Callable[..., None], jobs: Sequence[tuple[Any, ...]], begin: Barrier) -> None:
    """Does each job in a thread of this process, all from the moment on that ``begin`` opens."""
    threads = [threading.Thread(target=work, args=job) for job in jobs]
    begin.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
