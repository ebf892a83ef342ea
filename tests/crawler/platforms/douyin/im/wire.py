"""Bytes of the wire, made by the demo's encoder of the facts that are known: never by the parser's own description.

All ids are made up. `x=…` fields in builders go over what a builder says.
"""

import gzip
import json
from collections.abc import Sequence
from typing import Any

from demo.wire.protobuf import Fields, Value, encode, entries

OWNER, FAN, OTHER = 70_001_234_567, 60_000_000_001, 99_999_999_999
OWNER_SEC, FAN_SEC, OTHER_SEC = "MS4wLjABAAAAowner", "MS4wLjABAAAAfan", "MS4wLjABAAAAother"
CHAT = f"0:1:{FAN}:{OWNER}"
GROUP = "7312345678901234567"
BASE = 1_672_502_400_000_000
NOW = 1_790_000_000_000
SENT = 1_789_999_000_123
FIRST_ID = 7_600_000_000_000_000_001


def a_body(number: int, **fields: Any) -> dict[int, Value]:
    """A message of the fan: the `number`th of its conversation. `content` may be any value."""
    content = fields.pop("content", {"aweType": 700, "text": f"第 {number} 句"})
    made: dict[int, Value] = {
        1: CHAT,
        2: 1,
        3: FIRST_ID + number,
        4: BASE + 10_000 * number,
        5: 7_500_000_000_000_000_009,
        6: 7,
        7: FAN,
        8: content if isinstance(content, str | bytes) else json.dumps(content, ensure_ascii=False),
        9: entries({"s:server_message_create_time": str(SENT + number), "a:biz": "douyin"}),
        10: SENT + number,
        13: 1_000_000 + number,
        14: FAN_SEC,
        17: number,
    }
    return made | {int(key.removeprefix("f")): value for key, value in fields.items()}


def an_own_body(number: int, **fields: Any) -> dict[int, Value]:
    return a_body(number, **{"f7": OWNER, "f14": OWNER_SEC, **fields})


def an_info(chat_id: str = CHAT, people: tuple[tuple[int, str], ...] = (), **fields: Any) -> dict[int, Value]:
    """A conversation of the list, with both parties in it."""
    parties = people or ((FAN, FAN_SEC), (OWNER, OWNER_SEC))
    made: dict[int, Value] = {
        1: chat_id,
        2: 7_500_000_000_000_000_009,
        3: 1,
        6: {1: [{1: uid, 2: 1, 3: 0, 5: sec} for uid, sec in parties], 2: False},
    }
    return made | {int(key.removeprefix("f")): value for key, value in fields.items()}


def a_response(cmd: int, body: Fields | None, **fields: Any) -> bytes:
    """An HTTP response; its body stands under the number of the command, as the page gets it."""
    number = {1001: 1000, 2002: 604}.get(cmd, cmd)
    made: dict[int, Value] = {1: cmd, 2: 3, 4: "OK", 6: {number: body} if body is not None else None, 13: OWNER}
    return encode(made | {int(key.removeprefix("f")): value for key, value in fields.items()})


def an_init(*entries_: tuple[Fields, Sequence[Fields]], has_more: bool = False) -> bytes:
    return a_response(2043, {1: [{1: info, 2: bodies} for info, bodies in entries_], 2: has_more, 3: 5})


def a_frame(payload: bytes, kind: str = "pb", *, squeezed: bool = False, says: bool = True, **fields: Any) -> bytes:
    """A frame of the socket. `says`: it names the compression."""
    raw = gzip.compress(payload) if squeezed else payload
    made: dict[int, Value] = {
        1: 12,
        2: 13,
        3: 5,
        4: 1,
        5: [{1: "k", 2: "v"}],
        6: "gzip" if squeezed and says else None,
        7: kind,
        8: raw,
        9: "log",
    }
    return encode(made | {int(key.removeprefix("f")): value for key, value in fields.items()})


def a_new_message(body: Fields, **fields: Any) -> bytes:
    """The Response of a frame 500."""
    made: dict[int, Value] = {2: CHAT, 3: 1, 4: 1, 5: body}
    return a_response(500, made | {int(key.removeprefix("f")): value for key, value in fields.items()})
