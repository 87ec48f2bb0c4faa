"""A bounded attack on a running service, from outside: as a stranger would, with what strangers send.

Every route is asked with every method and with rubbish in address, query, headers and body; races are run for what may
be given once. Nothing may answer 5xx (but 503, which is honest), tell of an inner error, name a host that a stranger
named, or show what was planted. It ends by itself, after so many requests or seconds.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.routing import Map

from tests.payloads import EVALUATED

EVIL = "evil.example"

RUBBISH = [
    "", " ", "0", "-1", "1", "999999999999999999999999", "1e400", "nan", "NaN", "Infinity", "true", "null", "None",
    "13.7,100.5", "100.5,13.7", "14.05", "100.05", "11.56,104.92", "97,5,106,21", "106,21,97,5", "50", "9001", "900101",
    "hospital", "tambon", "เชียงใหม่", "ต.หนองพอก อ.หนองพอก จ.ร้อยเอ็ด", "๐๘๑๒๓๔๕๖๗๘", "0812345678", "1101700230708",
    "{{98765*54321}}", "{%", "{#", "${98765*54321}",
    "' OR 1=1 --", "\"><script>", "<img src=x onerror=1>", "%00", "a\x00b",
    "../../etc/passwd", "//evil.example", "https://evil.example/", "\\\\evil.example", "javascript:1",
    "\r\nSet-Cookie: a=1",
    "\u202e", "🩺" * 50, "a" * 3_000, "=1+1", "@SUM(1)", "-" * 500, "%", "_", "\\", "[]", "{}", '{"a":' * 60,
]  # fmt: skip
"""What is typed and sent by people who look for a hole, and by those who do not."""

METHODS = ["GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

INNER = ("Traceback (most recent call last)", "psycopg2", "sqlalchemy", "jinja2.exceptions", "SELECT ", "/mapapp/")
"""What only an inner error says."""


@dataclass
class Report:
    """What was sent and what came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    """Connections that were closed without an answer: what no HTTP server answers, such as a bad request line."""
    found: list[str] = field(default_factory=list)
    """What must not be."""

    @property
    def sent(self) -> int:
        """Requests in all."""
        return sum(self.statuses.values()) + self.lost


@dataclass(frozen=True)
class Request:
    """One request as it goes out."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None


class Storm:
    """The attack.

    Args:
        port: of a service on loopback.
        routes: the application's rules.
        secrets: what must never come out, in any spelling that is looked for.
        seed: the same seed sends the same.
    """

    def __init__(self, port: int, routes: Map, secrets: Sequence[str], seed: int = 1) -> None:
        self._port = port
        self._rules = [rule for rule in routes.iter_rules() if not rule.rule.startswith("/live/")]
        self._secrets = secrets
        self._seed = seed
        self._lock = threading.Lock()
        self.report = Report()

    def blow(self, requests: int, seconds: float, threads: int = 4) -> Report:
        """Sends rubbish to every route until so many requests were sent or so many seconds are over."""
        end = time.monotonic() + seconds

        def work(number: int) -> None:
            chance = random.Random(self._seed * 1_000 + number)
            for _ in range(requests // threads):
                if time.monotonic() > end:
                    return
                self._judge(*self._sent(self._made(chance)))

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
        return self.report

    def at_once(self, made: Callable[[int], Request], times: int = 8) -> list[tuple[int, dict[str, str], bytes]]:
        """Sends ``made(0)``, ``made(1)`` … in the same moment; their answers."""
        start = threading.Barrier(times)

        def one(number: int) -> tuple[int, dict[str, str], bytes]:
            start.wait(10)
            request, status, headers, body = self._sent(made(number))
            self._judge(request, status, headers, body)
            return status, headers, body

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(one, range(times)))

    def _made(self, chance: random.Random) -> Request:
        rule = chance.choice(self._rules)
        path = rule.rule
        for name in rule.arguments:
            value = str(chance.choice([1, 0, 2**70, uuid.UUID(int=chance.getrandbits(128)), *RUBBISH]))
            for shape in (f"<int:{name}>", f"<{name}>", f"<uuid:{name}>", f"<path:{name}>"):
                path = path.replace(shape, quote(value[:300], safe=""))
        if chance.random() < 0.7:
            names = ["lang", "q", "lat", "lon", "place", "kind", "bbox", "area", "next", "page", "after", "level", "x"]
            path += "?" + urlencode({chance.choice(names): chance.choice(RUBBISH) for _ in range(3)})
        method = chance.choice(METHODS)
        headers = {"Host": EVIL} if chance.random() < 0.3 else {}
        for name in ("X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "Origin", "Referer"):
            if chance.random() < 0.2:
                headers[name] = EVIL
        if chance.random() < 0.2:
            headers["Authorization"] = "Bearer " + quote(chance.choice(RUBBISH)[:500])
        if chance.random() < 0.2:
            headers["Cookie"] = f"mapapp-loopback={quote(chance.choice(RUBBISH)[:500])}"
        if method in {"GET", "HEAD", "OPTIONS", "TRACE"}:
            return Request(method, path, headers, None)
        return Request(method, path, {**headers, **_typed(chance)}, _body(chance))

    def _sent(self, request: Request) -> tuple[Request, int, dict[str, str], bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            line.request(request.method, request.path, request.body, request.headers)
            answer = line.getresponse()
            return request, answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        except (http.client.HTTPException, OSError, ValueError):
            return request, 0, {}, b""
        finally:
            line.close()

    def _judge(self, request: Request, status: int, headers: dict[str, str], body: bytes) -> None:
        text = body.decode("utf-8", "replace")
        wrong = []
        if status >= 500 and status != 503:
            wrong.append(f"answered {status}")
        wrong += [f"tells “{word}”" for word in INNER if status >= 400 and word in text]
        named = " ".join(headers.get(name, "") for name in ("location", "link", "content-location", "set-cookie"))
        if f"//{EVIL}" in named and f"//{EVIL}" not in request.path:
            wrong.append(f"leads to a stranger's host: {named[:200]}")
        wrong += [f"shows what was planted: {secret}" for secret in self._secrets if secret in text + named]
        if EVALUATED in text:
            wrong.append("works out what was typed")
        with self._lock:
            if status:
                self.report.statuses[status] += 1
            else:
                self.report.lost += 1
            self.report.found += [f"{request.method} {request.path[:200]}: {said}" for said in wrong]


def _typed(chance: random.Random) -> dict[str, str]:
    kinds = [f"application/{kind}" for kind in ("json", "x-www-form-urlencoded", "octet-stream")]
    return {"Content-Type": chance.choice(["", "multipart/form-data; boundary=x", *kinds])}


def _body(chance: random.Random) -> bytes:
    names = ["needs", "urgency", "phone", "lat", "lon", "point", "code", "password", "name", "consent", "once", "do"]
    pairs = {name: chance.choice(RUBBISH) for name in chance.sample(names, 5)}
    nested = json.dumps({"needs": [pairs], **pairs}).encode()
    broken = [b"--x\r\n\r\n", chance.randbytes(200), b"[" * 2_000, b""]
    return chance.choice([json.dumps(pairs).encode(), urlencode(pairs).encode(), nested, *broken])


def spellings(phone: str) -> Iterable[str]:
    """A Thai number as it might come out: 0…, +66…, spaced, percent-encoded, in Thai digits."""
    local = "0" + phone.removeprefix("+66")
    yield from (phone, local, f"{local[:3]} {local[3:6]} {local[6:]}", f"{local[:3]}-{local[3:6]}-{local[6:]}")
    yield quote(phone)
    yield local.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))


def posting(body: dict[str, Any], key: str) -> Request:
    """A post for help, as a program sends it."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    return Request("POST", "/api/v1/help-requests", headers, json.dumps(body).encode())
