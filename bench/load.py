"""Asks as fast as answers come, over keep-alive connections: with wrk where it is installed, else over bare sockets."""

from __future__ import annotations

import re
import selectors
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from bench.results import percentile

CONNECTIONS: Final = 16
_MS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class Load(NamedTuple):
    """`rate`: answers a second. `p50`, `p99`: ms."""

    rate: float
    p50: float
    p99: float


class Ask(NamedTuple):
    """A GET. `status`: the one that every answer must have."""

    port: int
    path: str
    headers: Mapping[str, str]
    status: int = 200

    def encode(self) -> bytes:
        lines = (f"GET {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *(map(": ".join, self.headers.items())))
        return "\r\n".join((*lines, "", "")).encode()


def which_client(has_wrk: bool) -> str:
    return "wrk" if has_wrk and shutil.which("wrk") else "bare sockets in Python"


def measure(ask: Ask, seconds: float, *, has_wrk: bool = True) -> Load:
    """Return what CONNECTIONS connections get within `seconds`. Raises SystemExit on another status."""
    if which_client(has_wrk) == "wrk":
        return _measure_by_wrk(ask, max(1, round(seconds)))
    return _measure_by_sockets(ask, seconds)


def _measure_by_wrk(ask: Ask, seconds: int) -> Load:
    headers = [part for name, value in ask.headers.items() for part in ("-H", f"{name}: {value}")]
    url = f"http://127.0.0.1:{ask.port}{ask.path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *headers, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{ask.path}: {said}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    shares = dict(re.findall(r"^\s+(\d+)%\s+([\d.]+(?:us|ms|s))", said, re.MULTILINE))
    assert rate is not None, said
    return Load(float(rate[1]), _as_ms(shares["50"]), _as_ms(shares["99"]))


def _as_ms(text: str) -> float:
    unit = text.lstrip("0123456789.")
    return float(text.removesuffix(unit)) * _MS[unit]


def _measure_by_sockets(ask: Ask, seconds: float) -> Load:
    """Every answer to one request has the same length, so nothing of it needs to be parsed."""
    request, size = ask.encode(), len(fetch(ask))
    selector = selectors.DefaultSelector()
    one: Any
    times: list[float] = []
    for _ in range(CONNECTIONS):
        one = socket.create_connection(("127.0.0.1", ask.port))
        selector.register(one, selectors.EVENT_READ, [0, time.perf_counter()])
        one.sendall(request)
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for key, _ in selector.select(1):
            one, state = key.fileobj, key.data
            state[0] += len(one.recv(1 << 18))
            if state[0] >= size:
                now = time.perf_counter()
                times.append(now - state[1])
                state[:] = [0, now]
                one.sendall(request)
    taken = time.perf_counter() - begin
    for one in [key.fileobj for key in selector.get_map().values()]:
        one.close()
    return Load(len(times) / taken, percentile(times, 50) * 1000, percentile(times, 99) * 1000)


class Line:
    """One keep-alive connection, which asks one thing after the other."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        """Return the whole answer, head and body."""
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        missing = (int(length[1]) if length else 0) - len(body)
        while missing > 0:
            more = self._receive()
            data += more
            missing -= len(more)
        return data

    def _receive(self) -> bytes:
        more = self._socket.recv(1 << 18)
        if not more:
            raise SystemExit("the server hung up")
        return more

    def close(self) -> None:
        self._socket.close()


def fetch(ask: Ask) -> bytes:
    """Return one answer. Raises SystemExit if it has another status."""
    line = Line(ask.port)
    try:
        answer = line.ask(ask.encode())
    finally:
        line.close()
    if not answer.startswith(f"HTTP/1.1 {ask.status} ".encode()):
        raise SystemExit(f"{ask.path}: {answer[:500]!r}")
    return answer
