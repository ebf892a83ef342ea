"""The words of the push protocol: what clients say, decoded and checked; what the hub says, encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

MAX_ACCOUNTS: Final = 1_000
MAX_ID: Final = 255

Name = Annotated[str, Meta(min_length=1, max_length=MAX_ID)]


class Since(Struct, frozen=True):
    seq: Annotated[int, Meta(ge=0)]
    epoch: Annotated[str, Meta(max_length=MAX_ID)]


class Subscribe(Struct, frozen=True, tag="subscribe"):
    """`since`: by account, how far the client knows it."""

    accounts: Annotated[list[Name], Meta(max_length=MAX_ACCOUNTS)] | Literal["all"]
    since: Annotated[dict[Name, Since], Meta(max_length=MAX_ACCOUNTS)] | None = None


class Ping(Struct, frozen=True, tag="ping"):
    pass


class Viewing(Struct, frozen=True, tag="viewing"):
    """The client opened a thread; `thread_id` None: it has no thread open any more. `typing`: somebody answers there,
    to be said again every few seconds."""

    thread_id: Name | None
    typing: bool = False


ClientFrame = Subscribe | Ping | Viewing

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_encoder = msgspec.json.Encoder()


class BadFrame(Exception):
    """The message says what is wrong, and where."""


def decode_frame(text: str) -> ClientFrame:
    """Raises BadFrame."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise BadFrame(str(error)) from None


def encode_frame(type: str, **fields: Any) -> str:
    return _encoder.encode({"type": type, **fields}).decode()


def event_frame(account: str, epoch: str, seq: int, kind: str, data: Any) -> str:
    return encode_frame("event", account=account, epoch=epoch, seq=seq, kind=kind, data=data)


def reset_frame(account: str, epoch: str, seq: int, *, initial: bool) -> str:
    return encode_frame("reset", account=account, epoch=epoch, seq=seq, initial=initial)


def error_frame(code: str, message: str, **fields: Any) -> str:
    return encode_frame("error", code=code, message=message, **fields)


def fresh_frame(accounts: Mapping[str, Mapping[str, int]]) -> str:
    return encode_frame("fresh", accounts=accounts)
