"""The body of a row of the change log: a checksum, then the delta as JSON. A checkpoint may be an image instead.

The checksum covers the columns of the row as well. Without it a flipped bit in a text would be JSON like any other, and
a row under another number another history.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import msgspec

from sync.core.change.delta import Delta, decode_delta, encode_delta
from sync.core.stored.image import FORM, decode_image

CHECKSUM_BYTES: Final = 8

Columns = tuple[str | int, ...]


class BadBody(ValueError):
    """The body of a row or checkpoint cannot be read. The message says what is wrong with it."""


def encode_body(delta: Delta, columns: Columns) -> bytes:
    """Return the bytes of a body. `columns`: the values of the row that the checksum covers as well."""
    data = encode_delta(delta)
    return checksum(data, columns) + data


def decode_body(body: object, columns: Columns) -> Delta:
    """Return the delta of a body, or of what an image knows. `columns`: as they were given to `encode_body`.

    Raises BadBody.
    """
    data = open_body(body, columns)
    try:
        return decode_image(data).facts if data.startswith(FORM) else decode_delta(data)
    except msgspec.MsgspecError as error:
        raise BadBody(str(error)) from error


def open_body(body: object, columns: Columns) -> bytes:
    """Return what a body holds beside its checksum. Raises BadBody."""
    if not isinstance(body, bytes | memoryview):
        raise BadBody(f"it is not bytes but {type(body).__name__}")
    given, data = bytes(body[:CHECKSUM_BYTES]), bytes(body[CHECKSUM_BYTES:])
    if given != checksum(data, columns):
        raise BadBody("its checksum is another one")
    return data


def checksum(data: bytes, columns: Columns) -> bytes:
    """Return CHECKSUM_BYTES bytes over `data` and `columns`: against accidents, not against forgery."""
    head = "\0".join(map(str, columns)).encode(errors="surrogatepass")
    digest = blake2b(head + b"\0", digest_size=CHECKSUM_BYTES)
    digest.update(data)
    return digest.digest()
