"""Full-jitter exponential backoff."""

from random import Random, SystemRandom
from typing import Protocol


class Uniform(Protocol):
    """A random number between `low` and `high`."""

    def __call__(self, low: float, high: float, /) -> float: ...


_random: Random = SystemRandom()


def uniform(low: float, high: float) -> float:
    return _random.uniform(low, high)


class Backoff:
    """Waits of 0 to a ceiling that doubles from `first_s` to `cap_s`. Reset by who knows that things are well."""

    def __init__(self, first_s: float = 1, cap_s: float = 30, uniform: Uniform = uniform) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._uniform = uniform
        self.failures = 0

    @property
    def ceiling_s(self) -> float:
        return min(self._cap_s, self._first_s * 2.0 ** min(self.failures, 32))

    def next_s(self) -> float:
        wait = self._uniform(0, self.ceiling_s)
        self.failures += 1
        return wait

    def reset(self) -> None:
        self.failures = 0
