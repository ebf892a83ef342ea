"""Opens responses and frames: the envelope that all of them have, and what it refuses."""

import json
import zlib
from typing import Final

from google.protobuf.message import DecodeError

from crawler.errors import LoginLost, PageChanged, cut_words, refusal
from crawler.platforms.douyin.im.im_pb2 import PushFrame, Response
from crawler.platforms.douyin.parse.fields import get

_NOT_LOGGED_IN: Final = frozenset({1, 8, 100})
"""INVALID_TOKEN, not logged in, EXPIRED_TOKEN."""
_GZIP: Final = b"\x1f\x8b"
_MOST_BYTES: Final = 64 * 2**20


def open_response(body: bytes, status: int = 200) -> Response:
    """Return the envelope of an HTTP response.

    Raises LoginLost, Retryable (the platform refused), PageChanged (it is no protobuf of this shape).
    """
    if status == 401:
        raise LoginLost("HTTP 401")
    if status >= 400:
        raise PageChanged("HTTP 404") if status == 404 else refusal(f"HTTP {status}", status=status)
    _raise_if_kicked(body)
    try:
        response = Response.FromString(body)
    except DecodeError as error:
        raise PageChanged("the answer is no protobuf") from error
    if response.status_code in _NOT_LOGGED_IN:
        raise LoginLost(f"IM status_code {response.status_code}")
    if response.status_code:
        words = cut_words(response.error_desc.decode(errors="replace"))
        raise refusal(f"IM status_code {response.status_code}: {words}")
    if not response.cmd:
        raise PageChanged("the answer names no command")
    return response


def open_frame(frame: bytes | str) -> Response | None:
    """Return the envelope in a frame of the socket, or None for one that brings nothing (a heartbeat, another service).

    Raises PageChanged for a frame that says it is ours and cannot be read, and as `open_response` does.
    """
    if isinstance(frame, str):
        return None
    try:
        push = PushFrame.FromString(frame)
    except DecodeError as error:
        raise PageChanged("the frame is no protobuf") from error
    if push.payload_type != "pb" or not push.payload:
        return None
    return open_response(unzipped(push.payload, push.payload_encoding))


def unzipped(payload: bytes, encoding: str) -> bytes:
    """Return the payload itself. Frames do not always say that theirs is compressed."""
    if encoding != "gzip" and not payload.startswith(_GZIP):
        return payload
    try:
        opened = zlib.decompressobj(wbits=31).decompress(payload, _MOST_BYTES)
    except zlib.error as error:
        raise PageChanged("the frame is no gzip") from error
    return opened


def _raise_if_kicked(body: bytes) -> None:
    """Raise LoginLost if the platform answered in JSON that it ended this session."""
    if not body.lstrip().startswith(b"{"):
        return
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return
    if get(said, "decision") == "KICK":
        raise LoginLost("the platform ended this session")
    raise PageChanged("the answer is JSON, not protobuf")
