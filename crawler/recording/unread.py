"""Counts what a recording has and no parser asks for: where the platform added something, it shows here first."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any


class Watched(dict[str, Any]):
    """An object of JSON that notes which of its keys were asked for. `place`: where it stands, without numbers."""

    place: str
    asked: set[str]

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


class Unread:
    """Notes what nobody asked for, by place. `wire`: says of bytes which of their fields are not described."""

    def __init__(self, wire: Callable[[bytes], Iterator[str]] = lambda _: iter(())) -> None:
        self._watched: list[Watched] = []
        self._wire = wire
        self.wire_fields: Counter[str] = Counter()

    def watch(self, place: str, value: Any) -> Any:
        """Return decoded JSON in which every object notes what is asked of it."""
        if isinstance(value, Mapping):
            made = Watched({key: self.watch(f"{place}.{key}", one) for key, one in value.items()})
            made.place, made.asked = place, set()
            self._watched.append(made)
            return made
        if isinstance(value, list):
            return [self.watch(f"{place}[]", one) for one in value]
        return value

    def note_wire(self, place: str, raw: bytes) -> None:
        """Count the fields of bytes that are not described."""
        self.wire_fields.update(f"{place}: {field}" for field in self._wire(raw))

    def list_keys(self) -> list[tuple[str, int]]:
        """Return the keys that nobody asked for in any object of the same place, and how often each was there."""
        there: Counter[str] = Counter()
        asked: set[str] = set()
        touched: set[str] = set()
        for one in self._watched:
            there.update(f"{one.place}.{key}" for key in one)
            asked |= {f"{one.place}.{key}" for key in one.asked}
            if one.asked:
                touched.add(one.place)
        # Of an object that nobody looked into, the one line above it says enough.
        return sorted((key, n) for key, n in there.items() if key not in asked and key.rpartition(".")[0] in touched)
