"""Immutable maps: a change makes another one.

With few entries that is a dict, which is copied; with more it is a trie (`immutables`), of which the next version
shares nearly all. A trie of few entries takes three times the memory of a dict, and most accounts have few of each.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Never

from immutables import Map as Trie

FEW: Final = 40
"""The most entries that are a dict. To copy so many takes a microsecond, and one more would double the dict."""

if TYPE_CHECKING:
    Map = Trie
else:

    class Map(dict, metaclass=ABCMeta):
        """The map of these entries: itself a dict if they are few, else a trie. Both have the methods of
        `immutables.Map`, and are equal if their entries are.
        """

        __slots__ = ()

        def __new__(cls, entries: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = ()) -> Map | Trie:
            if not isinstance(entries, dict):
                entries = dict(entries)
            return _few(entries) if len(entries) <= FEW else Trie(entries)

        def __init__(self, *_entries: object) -> None:
            pass  # they are in it already

        def __eq__(self, other: object) -> bool:
            return (
                dict.__eq__(self, other) if isinstance(other, dict) else isinstance(other, Trie) and self == dict(other)
            )

        def __ne__(self, other: object) -> bool:
            return not self == other  # that of a dict knows no trie

        def __hash__(self) -> int:
            raise TypeError("a map is no key")

        def set(self, key: Any, value: Any) -> Map:
            return Map({**self, key: value})

        def delete(self, key: Any) -> Map:
            entries = dict(self)
            del entries[key]
            return _few(entries)

        def update(self, entries: Mapping[Any, Any]) -> Map:
            return Map({**self, **dict(entries)})

        def mutate(self) -> _Mutation:
            return _Mutation(self)

        def _refuse(self, *_args: object) -> Never:
            raise TypeError("a map does not change")

        __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = _refuse

    Map.register(Trie)


def _few(entries: dict[Any, Any]) -> Any:
    kind: Any = Map
    new = dict.__new__(kind)
    dict.update(new, entries)
    return new


class _Mutation(dict[Any, Any]):
    """The entries of a map while they are changed."""

    __slots__ = ()

    def __enter__(self) -> _Mutation:
        return self

    def __exit__(self, *_raised: object) -> None:
        pass

    def finish(self) -> Map[Any, Any]:
        """Return the map of what is here now."""
        return Map(self)
