"""A computer with a network of its own: two cables, to the hub and to the platform, that can be pulled. Linux, root."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

HUB_SIDE: Final = "10.213.77.1"
SITE_SIDE: Final = "10.213.78.1"
_NEW_NETWORK: Final = 0x4000_0000
"""`CLONE_NEWNET`, which Python does not name before 3.12."""
_IP: Final = shutil.which("ip") or "/usr/sbin/ip"


def can_have_cables() -> bool:
    """Whether this machine lets a test make networks."""
    if os.geteuid() != 0 or not os.path.exists(_IP):
        return False
    name = f"imhub-try-{os.getpid()}"
    made = subprocess.run([_IP, "netns", "add", name], capture_output=True, check=False).returncode == 0
    subprocess.run([_IP, "netns", "del", name], capture_output=True, check=False)
    return made


class Cables:
    """`name` of the network. What runs in it is started with `command` before its own words."""

    def __init__(self) -> None:
        self.name = f"imhub-{os.getpid()}"
        self.command = [_IP, "netns", "exec", self.name]
        self._ip("netns", "add", self.name)
        self._ip("link", "set", "lo", "up", inside=True)
        self._lay("ihub", HUB_SIDE)
        self._lay("isite", SITE_SIDE)

    def _lay(self, cable: str, address: str) -> None:
        there = address.removesuffix("1") + "2"
        self._ip("link", "add", f"{cable}0", "type", "veth", "peer", "name", f"{cable}1")
        self._ip("link", "set", f"{cable}1", "netns", self.name)
        self._ip("addr", "add", f"{address}/30", "dev", f"{cable}0")
        self._ip("link", "set", f"{cable}0", "up")
        self._ip("addr", "add", f"{there}/30", "dev", f"{cable}1", inside=True)
        self._ip("link", "set", f"{cable}1", "up", inside=True)

    def pull(self, cable: str) -> None:
        """Pull `ihub` or `isite` out of the computer."""
        self._ip("link", "set", f"{cable}1", "down", inside=True)

    def plug_in(self, cable: str) -> None:
        """Plug it in again."""
        self._ip("link", "set", f"{cable}1", "up", inside=True)

    def make_inside(self, make: Callable[[], T]) -> T:
        """Return what `make` makes: its sockets and threads are of this network, and so are theirs."""
        with ThreadPoolExecutor(1, initializer=self._enter) as inside:
            return inside.submit(make).result()

    def _enter(self) -> None:
        """Put this thread into the network."""
        network = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            assert ctypes.CDLL(None).setns(network, _NEW_NETWORK) == 0
        finally:
            os.close(network)

    def remove(self) -> None:
        for cable in ("ihub", "isite"):
            subprocess.run([_IP, "link", "del", f"{cable}0"], capture_output=True, check=False)
        subprocess.run([_IP, "netns", "del", self.name], capture_output=True, check=False)

    def _ip(self, *words: str, inside: bool = False) -> None:
        subprocess.run([*(self.command if inside else ()), _IP, *words], capture_output=True, check=True)
