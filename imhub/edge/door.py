"""Counts the open connections: in all, and those of one address.

Above either limit a new one is refused, so that the descriptors suffice for the database and for files, and those that
are there already keep working.
"""

from __future__ import annotations

import ipaddress
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

import structlog

from imhub.edge.client_address import get_source

log = structlog.get_logger(__name__)

RESERVED: Final = 384
"""Descriptors for everything but connections: the database, its threads, files, and what is accepted in one go."""

BACKLOG: Final = 128
FEWEST: Final = 16
LOG_EVERY_S: Final = 60.0

Client = Sequence[object] | None
"""Host and port, as ASGI has them."""


class Door:
    """Lets connections in. `exempt`: proxies, behind which there are many clients with one address."""

    def __init__(self, in_all: int, of_one_address: int, exempt: Sequence[str] = ()) -> None:
        self.in_all = in_all
        self.of_one_address = of_one_address
        self._exempt = [ipaddress.ip_network(network) for network in exempt]
        self._open: Counter[str] = Counter()
        self._count = 0
        self.refused = 0
        """Connections since the start."""
        self._quiet_until = 0.0

    def __len__(self) -> int:
        return self._count

    def enter(self, client: Client) -> bool:
        """Count a connection and return True, or return False if there is no room for it."""
        source = get_source(client)
        if self._count >= self.in_all or self._is_too_many(source):
            self.refused += 1
            self._say_so(source)
            return False
        self._open[source] += 1
        self._count += 1
        return True

    def leave(self, client: Client) -> None:
        """Forget a connection that was let in."""
        source = get_source(client)
        self._count -= 1
        self._open[source] -= 1
        if not self._open[source]:
            del self._open[source]

    def _say_so(self, source: str) -> None:
        """Log at most one line in LOG_EVERY_S: an attack must not fill the log."""
        now = time.monotonic()
        if now >= self._quiet_until:
            self._quiet_until = now + LOG_EVERY_S
            log.warning("connections are refused", source=source, of_source=self._open[source], in_all=self._count)

    def _is_too_many(self, source: str) -> bool:
        return self._open[source] >= self.of_one_address and not self._is_exempt(source)

    def _is_exempt(self, source: str) -> bool:
        if not source:
            return False
        network = ipaddress.ip_network(source)
        return any(network.version == one.version and network.overlaps(one) for one in self._exempt)


def make_door(in_all: int, of_one_address: int, exempt: Sequence[str]) -> Door:
    """Return the door of this process: never more connections than its descriptors suffice for.

    One address never gets more than half of the room.
    """
    descriptors = raise_descriptor_limit(in_all + RESERVED)
    if descriptors is not None:
        in_all = min(in_all, max(descriptors - RESERVED, FEWEST))
    return Door(in_all, min(of_one_address, max(in_all // 2, 1)), exempt)


def raise_descriptor_limit(wanted: int) -> int | None:
    """Raise the limit of descriptors to `wanted`, or as far as this process may, and return it.

    None: there is no limit.
    """
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return None if soft == resource.RLIM_INFINITY else soft
    reachable = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, hard))
    except (OSError, ValueError):  # a system that promises more than it gives
        return soft
    return reachable
