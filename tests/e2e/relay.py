"""A cable between a computer and a place that it calls: it can be cut, go dead, or answer faults and empty pages."""

from __future__ import annotations

import select
import socket
import threading
from collections import deque
from contextlib import suppress

FAULT = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
BLANK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Relay:
    """Passes connections on to a port of this machine. `fault_at`: requests with these bytes in them get HTTP 500.

    Of several ports they go in turn to those that take them. `host` and `port`: where it listens; `there`: the machine
    of the ports.
    """

    def __init__(self, *ports: int, host: str = "127.0.0.1", port: int = 0, there: str = "127.0.0.1") -> None:
        self._to = deque(ports)
        self._there = there
        self._listener = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]
        self.fault_at = b""
        self.is_dead = False
        """Connections are taken, and nothing comes back."""
        self.is_blank = False
        """Every request gets an empty page."""
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Pull the cable: what is open ends, and nothing more is taken."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        """Let what is open end. New connections are taken."""
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(ours,), daemon=True).start()

    def _pass_on(self, ours: socket.socket) -> None:
        with ours, suppress(OSError), self._connect() as theirs:
            ends = {ours: theirs, theirs: ours}
            self._open |= ends.keys()
            try:
                self._exchange(ours, ends)
            finally:
                self._open -= ends.keys()

    def _connect(self) -> socket.socket:
        for port in list(self._to):
            self._to.rotate(-1)
            with suppress(ConnectionRefusedError):
                return socket.create_connection((self._there, port))
        raise ConnectionRefusedError

    def _exchange(self, ours: socket.socket, ends: dict[socket.socket, socket.socket]) -> None:
        while True:
            for one in select.select(list(ends), [], [], 1)[0]:
                content = one.recv(65_536)
                if not content:
                    return
                if self.is_dead:
                    continue
                if one is ours and (self.is_blank or (self.fault_at and self.fault_at in content)):
                    ours.sendall(BLANK if self.is_blank else FAULT)
                    return
                ends[one].sendall(content)
