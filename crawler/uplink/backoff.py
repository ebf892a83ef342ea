"""Exponential backoff with full jitter."""

from random import Random, SystemRandom
from typing import Protocol


class Uniform(Protocol):
    """Returns a random number between `low` and `high`."""

    def __call__(self, low: float, high: float, /) -> float: ...


_random: Random = SystemRandom()


def uniform(low: float, high: float) -> float:
    """Return a random number between `low` and `high`, from the system's source."""
    return _random.uniform(low, high)


class Backoff:
    """Waits of 0 to a ceiling that doubles from `first_s` to `cap_s` seconds with each failure.

    Whoever knows that things are well resets it.
    """

    def __init__(self, first_s: float = 1, cap_s: float = 30, uniform: Uniform = uniform) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._uniform = uniform
        self.failures = 0

    @property
    def ceiling_s(self) -> float:
        """Return the longest wait that `next_s` can return now."""
        return min(self._cap_s, self._first_s * 2.0 ** min(self.failures, 32))

    def next_s(self) -> float:
        """Return the seconds to wait, and count a failure."""
        wait = self._uniform(0, self.ceiling_s)
        self.failures += 1
        return wait

    def reset(self) -> None:
        """Begin again with the shortest waits."""
        self.failures = 0
