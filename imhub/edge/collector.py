"""Python's cyclic collector, so that it does not stop the event loop: it looks at what is new, not at all that is held.

What survived a long full collection is frozen: no later one looks at it again. What nobody holds is freed as ever, but
a frozen circle is not. So now and then, when nobody asks for anything, all is looked at once more.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import monotonic, perf_counter
from typing import Any, Final, Literal

THRESHOLDS: Final = (5_000, 80, 10)
"""Objects made, less those freed, before the youngest are looked at, which takes a millisecond; then how many
such looks before older ones are."""
LONG_S: Final = 0.005
THAW_AFTER_S: Final = 3600.0
THAW_AT_LAST_S: Final = 24 * 3600.0


class Collector:
    """Keeps full collections short. `count_requests`: a number that grows with every request; `clock`: s."""

    def __init__(self, count_requests: Callable[[], int], clock: Callable[[], float] = monotonic) -> None:
        self._count_requests = count_requests
        self._clock = clock
        self._began = 0.0
        self._settled_at: float | None = None
        self._frozen_since = 0
        self._seen_requests = 0

    def settle(self) -> None:
        """Freeze all that is there, after a look at what is new. Call it when everything is loaded."""
        gc.set_threshold(*THRESHOLDS)
        if self._watch not in gc.callbacks:
            gc.callbacks.append(self._watch)
        gc.collect()
        self._freeze()

    def leave(self) -> None:
        """Let the collector look at everything again."""
        if self._watch in gc.callbacks:
            gc.callbacks.remove(self._watch)
        gc.unfreeze()

    def look(self) -> None:
        """Look at all once more if something was frozen since and it is quiet, or has not been for long. A chore."""
        requests = self._count_requests()
        is_quiet, self._seen_requests = requests == self._seen_requests, requests
        if self._settled_at is None or not self._frozen_since:
            return
        passed = self._clock() - self._settled_at
        if passed > THAW_AT_LAST_S or (is_quiet and passed > THAW_AFTER_S):
            self._look_at_all()

    def _look_at_all(self) -> None:
        gc.unfreeze()
        gc.collect()
        self._freeze()

    def _freeze(self) -> None:
        gc.freeze()
        self._settled_at, self._frozen_since = self._clock(), 0

    def _watch(self, phase: Literal["start", "stop"], info: dict[str, Any]) -> None:
        if info["generation"] != 2:
            return
        if phase == "start":
            self._began = perf_counter()
        elif perf_counter() - self._began > LONG_S and self._settled_at is not None:
            gc.freeze()
            self._frozen_since += 1
