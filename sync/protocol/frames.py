"""Encode messages to frames and decode frames to messages. Every refusal has a code and says where and why."""

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Raw, Struct, field

from sync.protocol.items import Millis
from sync.protocol.lenient import FAULTS, decode_leniently, is_lenient, reason_of
from sync.protocol.message_tables import FROM_HUB, FROM_WORKER
from sync.protocol.messages import ProtocolError, SyncWarning, WireMessage
from sync.protocol.text import repair_escapes, well_formed, well_formed_json

VERSION: Final = "v1"
MAX_FRAME_BYTES: Final = 1_000_000

FrameErrorCode = Literal["bad_json", "bad_frame", "unknown_type", "wrong_version", "bad_payload"]


class FrameError(Exception):
    """The frame cannot be understood. `type` and `request_id`: as far as they could be read."""

    def __init__(
        self, code: FrameErrorCode, message: str, *, type: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.type = type
        self.request_id = request_id

    def answer(self) -> tuple[str, ProtocolError]:
        """Return (type of the frame, payload) to send back."""
        payload = ProtocolError(success=False, error_code=self.code, error_message=self.message)
        return f"{self.type or 'protocol'}:error", payload


class Decoded(NamedTuple):
    """A decoded frame. `timestamp`: the sender's clock, ms UTC. `warnings` name what was left out of the message."""

    message: WireMessage
    timestamp: int
    request_id: str | None
    warnings: Sequence[SyncWarning] = ()


class _Frame(Struct, frozen=True):
    type: str
    version: str
    timestamp: Millis
    payload: Raw
    request_id: str | None = field(default=None, name="requestId")


class _Head(Struct, frozen=True):
    """The part of a frame that can be read although the frame is broken."""

    type: Any = None
    request_id: Any = field(default=None, name="requestId")


_frame_decoder = msgspec.json.Decoder(_Frame)
_head_decoder = msgspec.json.Decoder(_Head)
_encoder = msgspec.json.Encoder()

_WORKER_DECODERS: Final = {m.TYPE: msgspec.json.Decoder(m) for m in FROM_WORKER}
_HUB_DECODERS: Final = {m.TYPE: msgspec.json.Decoder(m) for m in FROM_HUB}
_ERROR_DECODER: Final = msgspec.json.Decoder(ProtocolError)


def encode_frame(
    message: WireMessage, *, timestamp: int, request_id: str | None = None, type: str | None = None
) -> str:
    """Return the text frame of a message. `timestamp`: ms UTC. `type`: for errors only, of the frame that they
    answer. Half a surrogate pair anywhere in it becomes U+FFFD: a frame always leaves.
    """
    frame = _out(message, timestamp, request_id, type)
    try:
        return _encoder.encode(frame).decode()
    except UnicodeEncodeError:
        return _encoder.encode(well_formed_json(msgspec.to_builtins(frame, enc_hook=_decode_raw))).decode()


def _decode_raw(value: Any) -> Any:
    if isinstance(value, Raw):
        return msgspec.json.decode(value)
    raise NotImplementedError(f"{type(value).__name__} stands in no message")


def _out(message: WireMessage, timestamp: int, request_id: str | None, type: str | None) -> dict[str, Any]:
    frame: dict[str, Any] = {
        "type": type or message.TYPE,
        "version": VERSION,
        "timestamp": timestamp,
        "payload": message,
    }
    if request_id is not None:
        frame["requestId"] = request_id
    return frame


def decode_from_worker(text: str | bytes) -> Decoded:
    """Return the message in a worker's frame. Raises FrameError."""
    return _decode(text, _WORKER_DECODERS)


def decode_from_hub(text: str | bytes) -> Decoded:
    """Return the message in a hub's frame; a frame of any `…:error` type is a ProtocolError. Raises FrameError."""
    return _decode(text, _HUB_DECODERS)


def _decode(text: str | bytes, decoders: dict[str, msgspec.json.Decoder[Any]]) -> Decoded:
    frame = _decode_envelope(text)
    if frame.version != VERSION:
        raise FrameError(
            "wrong_version",
            f"version {frame.version[:40]!r} is not spoken here, {VERSION!r} is",
            type=frame.type,
            request_id=frame.request_id,
        )
    decoder = decoders.get(frame.type)
    if decoder is None and frame.type.endswith(":error"):
        decoder = _ERROR_DECODER
    if decoder is None:
        raise FrameError(
            "unknown_type",
            f"{frame.type[:80]!r} is no message to this side",
            type=frame.type,
            request_id=frame.request_id,
        )
    try:
        return Decoded(*_decode_payload(frame, decoder))
    except FAULTS as error:
        raise FrameError("bad_payload", reason_of(error), type=frame.type, request_id=frame.request_id) from error


def _decode_payload(
    frame: _Frame, decoder: msgspec.json.Decoder[Any]
) -> tuple[WireMessage, int, str | None, Sequence[SyncWarning]]:
    try:
        return decoder.decode(frame.payload), frame.timestamp, frame.request_id, ()
    except FAULTS:
        if not is_lenient(decoder.type):
            raise
    message, warnings = decode_leniently(decoder.type, frame.payload)
    return message, frame.timestamp, frame.request_id, warnings


def _decode_envelope(text: str | bytes) -> _Frame:
    try:
        return _frame_decoder.decode(text)
    except msgspec.ValidationError as error:
        type_, request_id = _read_head(text)
        raise FrameError("bad_frame", reason_of(error), type=type_, request_id=request_id) from error
    except FAULTS as error:
        repaired = _repair(text) if isinstance(text, str) else text
        if repaired == text:
            raise FrameError("bad_json", reason_of(error)) from error
        return _decode_envelope(repaired)


def _repair(text: str) -> str:
    """Return the frame without halves of surrogate pairs: one of them is worth a character, not the frame."""
    return repair_escapes(well_formed(text))


def _read_head(text: str | bytes) -> tuple[str | None, str | None]:
    try:
        head = _head_decoder.decode(text)
    except FAULTS:
        return None, None
    return (
        head.type if isinstance(head.type, str) else None,
        head.request_id if isinstance(head.request_id, str) else None,
    )
