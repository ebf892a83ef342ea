"""A Bloom filter of ids: about one foreign id in a hundred seems to be known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Final

from sync.core.pace import Check, go_on

BITS_EACH: Final = 10
LOOKS: Final = 7


class KnownIds:
    """Says whether an id may be one of those that it was made of. A no is certain."""

    __slots__ = ("bits",)

    def __init__(self, bits: bytes) -> None:
        self.bits = bits

    @classmethod
    def of(cls, ids: Iterable[str], check: Check = go_on) -> KnownIds:
        """Return the set of `ids`, in about 1.25 bytes each. `check` is called between them."""
        ids = set(ids)
        bits = bytearray(len(ids) * BITS_EACH // 8 + 1)
        for item_id in ids:
            check()
            for place in _places(item_id, len(bits) * 8):
                bits[place >> 3] |= 1 << (place & 7)
        return cls(bytes(bits))

    def __contains__(self, item_id: str) -> bool:
        bits = self.bits
        return all(bits[place >> 3] & 1 << (place & 7) for place in _places(item_id, len(bits) * 8))


def _places(item_id: str, size: int) -> Iterator[int]:
    number = int.from_bytes(blake2b(item_id.encode("utf-8", "surrogatepass"), digest_size=16).digest())
    first, step = number >> 64, number & 0xFFFF_FFFF_FFFF_FFFF | 1
    return ((first + look * step) % size for look in range(LOOKS))
