"""The body of a checkpoint: a checksum, then the image of a view. Those of earlier versions are a delta as JSON."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

import sync
from sync.core.account.view import View
from sync.core.change.advance import advance
from sync.core.pace import Check, go_on
from sync.core.stored.image import FORM, decode_image, encode_image
from sync.core.stored.log_row_body import BadBody, Columns, checksum, decode_body, open_body

_ROOMS: Final = ("core", "protocol")


class ReadCheckpoint(NamedTuple):
    """The view of a checkpoint. `is_outdated`: its indexes had to be made anew, as at each start until it is written
    again.
    """

    view: View
    is_outdated: bool


@cache
def code_name() -> bytes:
    """Return a name of the code that makes indexes: another one for every other text of it, and for another Unicode."""
    digest = blake2b(f"{sys.version_info[:2]} {unicodedata.unidata_version}".encode(), digest_size=16)
    for room in _ROOMS:
        for path in sorted((Path(sync.__file__).parent / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.digest()


def encode_checkpoint(view: View, columns: Columns, check: Check = go_on) -> bytes:
    """Return the body. `columns`: as for `encode_body`. `check` is called now and then."""
    data = encode_image(view, code_name(), check)
    return checksum(data, columns) + data


def decode_checkpoint(body: object, columns: Columns, new: View, *, seq: int, at: int) -> ReadCheckpoint:
    """Return the view of a body. `new`: the account without anything; `seq`, `at`: of the checkpoint's row.

    Raises BadBody.
    """
    data = open_body(body, columns)
    version = int(columns[1])
    if not data.startswith(FORM):
        return ReadCheckpoint(advance(new, decode_body(body, columns), version=version, seq=seq, at=at), True)
    try:
        image = decode_image(data)
        if (image.made_by, image.fresh_ms) == (code_name(), new.fresh_ms):
            return ReadCheckpoint(image.view(new.account_id, version=version, seq=seq, at=at), False)
    except (msgspec.MsgspecError, LookupError, ValueError) as error:
        raise BadBody(str(error)) from error
    return ReadCheckpoint(advance(new, image.facts, version=version, seq=seq, at=at), True)
