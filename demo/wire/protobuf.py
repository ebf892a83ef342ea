"""Writes protobuf by hand: the demo has its own description of the wire, so that no mistake hides in both sides."""

from collections.abc import Mapping
from typing import Any

Value = Any
"""A number, a text, bytes, fields, a sequence of these, or None."""
Fields = Mapping[int, Value]
_WORD = 1 << 64


def encode(fields: Fields) -> bytes:
    """Return a message with these fields by number. None is left out, a sequence repeats its field."""
    return b"".join(_field(number, value) for number, value in fields.items())


def varint(number: int) -> bytes:
    """Return a number in protobuf's encoding; negative ones as 64 bits."""
    number %= _WORD
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def entries(texts: Mapping[str, str]) -> list[Fields]:
    """Return a map of texts as the repeated messages that it is on the wire."""
    return [{1: key, 2: value} for key, value in texts.items()]


def _field(number: int, value: Value) -> bytes:
    if value is None:
        return b""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str | bytes | Mapping):
        raw = value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else encode(value)
        return varint(number << 3 | 2) + varint(len(raw)) + raw
    return b"".join(_field(number, one) for one in value)


class Asked:
    """A request that was read: its fields by number, as far as a page of ours sends them."""

    def __init__(self, raw: bytes) -> None:
        self._fields: dict[int, int | bytes] = {}
        at = 0
        while at < len(raw):
            key, at = _read_varint(raw, at)
            size, at = _read_varint(raw, at)
            if key & 7 == 2:
                self._fields[key >> 3] = raw[at : at + size]
                at += size
            else:
                self._fields[key >> 3] = size

    def inner(self, number: int) -> "Asked":
        """Return the message at `number`; an empty one if there is none."""
        value = self._fields.get(number, b"")
        return Asked(value if isinstance(value, bytes) else b"")

    def text(self, number: int) -> str:
        """Return the text at `number`, or an empty one."""
        value = self._fields.get(number, b"")
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""

    def number(self, number: int) -> int:
        """Return the number at `number`, or 0."""
        value = self._fields.get(number, 0)
        return value if isinstance(value, int) else 0


def _read_varint(raw: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(raw):
        byte, at = raw[at], at + 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return number, at
