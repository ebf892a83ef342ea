"""Finds the fields of bytes of the wire that our description does not name."""

from collections.abc import Iterator

from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from crawler.platforms.douyin.im.im_pb2 import PushFrame, Response


def list_unknown(raw: bytes) -> Iterator[str]:
    """Yield the place of each field that is not described, such as `body.init.entries.99`, if it is any of ours."""
    try:
        response = Response.FromString(raw)
    except DecodeError:
        return
    if response.cmd:
        yield from _of(response, "")
        return
    try:
        push = PushFrame.FromString(raw)
    except DecodeError:
        return
    yield from _of(push, "")


def _of(message: Message, place: str) -> Iterator[str]:
    unknown = UnknownFieldSet(message)
    for at in range(len(unknown)):
        yield f"{place}{unknown[at].field_number}"
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        is_map = field.message_type.GetOptions().map_entry
        if is_map:
            continue
        inner = list(value) if field.is_repeated else [value]
        for one in inner:
            yield from _of(one, f"{place}{field.name}.")
