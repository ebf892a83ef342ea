"""Keeps what an account takes in the browser, and decides when its context is to be made anew."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

from sync.protocol.messages import AccountUse

_MINUTE_MS: Final = 60_000


class Measured(Protocol):
    """The figures of a context; `ContextUse` is one."""

    @property
    def memory_mb(self) -> float: ...
    @property
    def worked_s(self) -> float: ...
    @property
    def pages(self) -> int: ...
    @property
    def leaked(self) -> int: ...


class Limits(NamedTuple):
    """A context that is older, or takes more memory, is made anew. For memory it has to be `rest_s` old: a page that
    always takes so much would be loaded all the time.
    """

    age_s: float = 12 * 3600
    memory_mb: float = 1024
    rest_s: float = 1800


class Hygiene:
    """The figures of one context that was made at `made_at`. Times are ms UTC."""

    def __init__(self, limits: Limits, made_at: int) -> None:
        self._limits = limits
        self._made_at = made_at
        self._measured_at: int | None = None
        self._worked_s = 0.0
        self.use = AccountUse()

    def is_due(self, now: int) -> bool:
        """Return whether it is time to measure: every minute."""
        return self._measured_at is None or now - self._measured_at >= _MINUTE_MS

    def note(self, measured: Measured, now: int) -> None:
        """Take in new figures."""
        since = self._made_at if self._measured_at is None else self._measured_at
        # A page that was closed takes what it had worked with it.
        worked_s = max(0.0, measured.worked_s - self._worked_s)
        self.use = AccountUse(
            memory_mb=measured.memory_mb,
            cpu_percent=round(100_000 * worked_s / max(1, now - since), 1),
            pages=measured.pages,
            leaked=measured.leaked,
            age_s=max(0, now - self._made_at) // 1_000,
        )
        self._worked_s, self._measured_at = measured.worked_s, now

    def wants_new(self, now: int) -> bool:
        """Return whether the context is too old or too large."""
        age_s = (now - self._made_at) / 1_000
        is_large = self.use.memory_mb >= self._limits.memory_mb and age_s >= self._limits.rest_s
        return is_large or age_s >= self._limits.age_s
