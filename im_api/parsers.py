"""The body of a request -> the Struct that a view wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Final, TypeVar

import msgspec
from rest_framework.parsers import BaseParser

from im_api.errors import BadRequest
from sync.protocol.text import repair_escapes

T = TypeVar("T")

MAX_REASON: Final = 200
_AT: Final = " - at `$"


class JSONParser(BaseParser):
    """UTF-8 JSON. The type it becomes is `parser_context["wanted"]`. Raises BadRequest with the place of the fault."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return decode(stream.read(), (parser_context or {}).get("wanted", Any))


def decode(body: bytes, wanted: type[T]) -> T:
    """Raises BadRequest: `status: Invalid enum value 'x'`, `message_ids[3]: Expected `str`, got `int``."""
    try:
        text = body.decode()  # also the parts that the type does not name
        return _decode(text, wanted)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not UTF-8: {error.reason} (byte {error.start})") from None
    except msgspec.ValidationError as error:
        raise BadRequest(_reason(str(error))) from None
    except msgspec.DecodeError as error:
        raise BadRequest(f"The body is not JSON: {str(error).removeprefix('JSON is malformed: ')}") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply") from None


def _decode(text: str, wanted: type[T]) -> T:
    """Half a surrogate pair is one character that is not known: scripts cut emoji in two, and people cannot see it."""
    try:
        return msgspec.json.decode(text, type=wanted)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        repaired = repair_escapes(text)
        if repaired == text:
            raise
        return msgspec.json.decode(repaired, type=wanted)


def _reason(message: str) -> str:
    """The library names the place behind the reason, and may repeat a value of any length."""
    reason, _, place = message.rpartition(_AT) if _AT in message else (message, "", "`")
    where = place.removesuffix("`").removeprefix(".") or "body"
    if len(reason) > MAX_REASON:
        reason = f"{reason[:MAX_REASON]}…"
    return f"{where}: {reason}"
