"""Puts other names, texts and ids into bytes of the wire, field by field. Pure.

Numbers of fields and the form of everything stay, also where our description names nothing: so a recording shows what
the platform added.
"""

import gzip
import json
from typing import Any, Final, NamedTuple

from google.protobuf.message import DecodeError

from crawler.errors import CrawlError
from crawler.platforms.douyin.im.envelope import unzipped
from crawler.platforms.douyin.im.im_pb2 import PushFrame, Response
from crawler.recording.replacing import Replacer

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_IDS: Final = frozenset(
    {"owner_uid", "server_message_id", "conversation_short_id", "short_id", "sender", "uid", "message_id", "log_id"}
)
_KEPT_TEXTS: Final = frozenset({"payload_encoding", "payload_type", "key"})
_KEPT_NUMBERS: Final = frozenset({"create_time", "index", "index_v2", "order", "read_index", "read_index_v2"}) | {
    "previous_index",
    "next_init_version",
    "version",
    "next_version",
    "seq_id",
    "sequence_id",
}
_DEEPEST: Final = 12
Described = Any
"""What protobuf knows of a message or of a field; None: nothing. The runtime and its types name it differently."""


class _Field(NamedTuple):
    number: int
    wire: int
    value: int | bytes


def replace_response(body: bytes, replacer: Replacer) -> bytes:
    """Return the body of an HTTP response with everything replaced. What is neither protobuf nor JSON is left out."""
    if body.lstrip()[:1] == b"{":
        return _replace_json(body, replacer)
    return _replace(body, Response.DESCRIPTOR, replacer) or b""


def replace_frame(frame: bytes, replacer: Replacer) -> bytes:
    """Return a frame of the socket with everything replaced, its payload as compressed as it was."""
    try:
        push = PushFrame.FromString(frame)
        payload = unzipped(push.payload, push.payload_encoding)
    except (DecodeError, CrawlError):
        return b""
    inner = replace_response(payload, replacer) if push.payload_type == "pb" else b""
    squeezed = payload != push.payload
    fields = _split(frame) or []
    made = gzip.compress(inner, mtime=0) if squeezed else inner
    kept = [one if one.number != _payload_number() else one._replace(value=made) for one in fields]
    return b"".join(_join(_of_field(one, PushFrame.DESCRIPTOR, replacer)) for one in kept)


def _payload_number() -> int:
    return int(PushFrame.DESCRIPTOR.fields_by_name["payload"].number)


def _replace_json(body: bytes, replacer: Replacer) -> bytes:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return b"{"
    # The platform's decision is one of its own words.
    kept = {"decision": said["decision"]} if isinstance(said, dict) and said.get("decision") == "KICK" else {}
    replaced = replacer.json(said)
    return json.dumps({**replaced, **kept} if isinstance(replaced, dict) else replaced).encode()


def _replace(raw: bytes, described: Described, replacer: Replacer, depth: int = 0) -> bytes | None:
    """Return a message with everything replaced, or None if it is none."""
    fields = _split(raw)
    if fields is None or depth > _DEEPEST:
        return None
    return b"".join(_join(_of_field(one, described, replacer, depth)) for one in fields)


def _of_field(one: _Field, described: Described, replacer: Replacer, depth: int = 0) -> _Field:
    known: Described = described.fields_by_number.get(one.number) if described is not None else None
    if isinstance(one.value, bytes):
        return one._replace(value=_of_bytes(one.value, known, replacer, depth))
    if one.wire != _VARINT:
        return one._replace(value=0)  # What is never read: a number with a point, most likely.
    return one._replace(value=_of_number(one.value, known, replacer))


def _of_number(value: int, known: Described, replacer: Replacer) -> int:
    if known is not None and known.name in _KEPT_NUMBERS:
        return value
    if known is not None and known.name in _IDS:
        return replacer.id(value)
    if value >= 2**63:  # Less than nothing: small ones are kinds.
        return value if 2**64 - value < 10**6 else 2**64 - 1
    return replacer.long(value)


def _of_bytes(value: bytes, known: Described, replacer: Replacer, depth: int) -> bytes:
    if known is not None and (
        known.name in _KEPT_TEXTS or known.full_name == PushFrame.DESCRIPTOR.full_name + ".payload"
    ):
        return value
    if known is not None and known.message_type is not None:
        return _replace(value, known.message_type, replacer, depth + 1) or b""
    if known is None and (inner := _replace(value, None, replacer, depth + 1)) is not None and not _is_text(value):
        return inner
    try:
        words = value.decode()
    except UnicodeDecodeError:
        return bytes(len(value))
    return str(replacer.json(words, known.name if known is not None else "")).encode("utf-8", "replace")


def _is_text(value: bytes) -> bool:
    try:
        return value.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _split(raw: bytes) -> list[_Field] | None:
    """Return the fields of a message in their order, or None if it is none."""
    fields, at = [], 0
    while at < len(raw):
        tag = _varint(raw, at)
        if tag is None or tag[0] >> 3 == 0:
            return None
        number, wire, at = tag[0] >> 3, tag[0] & 7, tag[1]
        found = _value(raw, at, wire)
        if found is None:
            return None
        fields.append(_Field(number, wire, found[0]))
        at = found[1]
    return fields


def _value(raw: bytes, at: int, wire: int) -> tuple[int | bytes, int] | None:
    """Return a value and where it ends, or None if there is none of that kind."""
    if wire == _VARINT:
        return _varint(raw, at)
    if wire in (_FIXED64, _FIXED32):
        end = at + (8 if wire == _FIXED64 else 4)
        return (int.from_bytes(raw[at:end], "little"), end) if end <= len(raw) else None
    length = _varint(raw, at) if wire == _BYTES else None
    if length is None or length[1] + length[0] > len(raw):
        return None
    return raw[length[1] : length[1] + length[0]], length[1] + length[0]


def _varint(raw: bytes, at: int) -> tuple[int, int] | None:
    value = shift = 0
    while at < len(raw) and shift < 70:
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    return None


def _join(one: _Field) -> bytes:
    tag = _as_varint(one.number << 3 | one.wire)
    if isinstance(one.value, bytes):
        return tag + _as_varint(len(one.value)) + one.value
    if one.wire == _VARINT:
        return tag + _as_varint(one.value)
    return tag + one.value.to_bytes(8 if one.wire == _FIXED64 else 4, "little")


def _as_varint(value: int) -> bytes:
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)
