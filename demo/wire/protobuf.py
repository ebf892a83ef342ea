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
