"""The pace of work on many items: it asks now and then whether to go on, or lets others pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")
Check = Callable[[], None]
"""Called now and then: it may do other work, and raises what ends this one."""

LOOKS: Final = 2_048
"""After so many looks at items at most `check` is called: they take some milliseconds."""


def go_on() -> None:
    """Let the work go on to its end."""


def paced(items: Iterable[T], check: Check) -> Iterator[T]:
    """Yield `items`, and call `check` before each: for work that takes long at every one of them."""
    for item in items:
        check()
        yield item


class Pace:
    """Counts the looks at items, and calls `check` between them."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._left = LOOKS

    def look(self, count: int) -> None:
        """Note that so many items come next. Raises what `check` raises."""
        self._left -= count
        if self._left < 0:
            self._left = LOOKS - count
            self._check()

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """Yield `items`. Raises what `check` raises."""
        for item in items:
            self.look(1)
            yield item
