"""Reads single values of raw JSON: the value in our type, or None if it is absent or of another type.

Nothing has a default. `path` leads from `raw` to the value.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from sync.protocol.text import visible, well_formed
from sync.protocol.times import InvalidTime, parse_time

Raw = Mapping[str, object]

BEIJING = timezone(timedelta(hours=8))
_PUBLISHED = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\s*(\d{1,2}):(\d{2})")
_COUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([万亿]?)")
_UNITS = {"": 1, "万": 10_000, "亿": 100_000_000}
_MAX_COUNT = 2**53


def get(raw: object, *path: str | int) -> object:
    """Return the value at `path` (keys of objects, indexes of lists), or None.

    Texts are well-formed: a nickname with half a surrogate pair must not stop what it stands in.
    """
    for step in path:
        if isinstance(step, str) and isinstance(raw, Mapping):
            raw = raw.get(step)
        elif isinstance(step, int) and isinstance(raw, list) and -len(raw) <= step < len(raw):
            raw = raw[step]
        else:
            return None
    return well_formed(raw) if isinstance(raw, str) else raw


def is_raw(value: object) -> bool:
    """Return whether `value` is a JSON object."""
    return isinstance(value, Mapping)


def text(raw: object, *path: str | int) -> str | None:
    """Return a string as it is, also an empty one."""
    value = get(raw, *path)
    return value if isinstance(value, str) else None


def name(raw: object, *path: str | int) -> str | None:
    """Return a string that says something: trimmed, and with something to see."""
    return trimmed(text(raw, *path))


def trimmed(value: str | None) -> str | None:
    """Return `value` without the space around it, or None if there is nothing to see in it."""
    shown = visible(value)
    return shown.strip() if shown is not None else None


def ident(raw: object, *path: str | int) -> str | None:
    """Return an id as a string. Numbers become their digits; "", "0" and 0 are no id."""
    value = get(raw, *path)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    value = value.strip()
    return None if value in ("", "0") else value


def digits(raw: object, *path: str | int) -> str | None:
    """Return an id that consists of digits. The ciphertexts `@…==` of the same things are no ids for us."""
    value = ident(raw, *path)
    return value if value is not None and value.isascii() and value.isdigit() else None


def long_id(raw: object, *path: str | int) -> str | None:
    """Return a 64 bit id: digits, a number, or a `Long` object `{low, high}` of the page's JavaScript."""
    value = get(raw, *path)
    low, high = get(value, "low"), get(value, "high")
    if isinstance(low, int) and isinstance(high, int):
        return str((high << 32) + (low % 2**32))
    return digits(raw, *path)


def count(raw: object, *path: str | int) -> int | None:
    """Return a number of things, 0 or more: a number, or a string of one (`metrics` has strings)."""
    value = get(raw, *path)
    if isinstance(value, str):
        return shown_count(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return int(value) if 0 <= value <= _MAX_COUNT else None


def shown_count(shown: str) -> int | None:
    """Return the number that people read: 44 for "44", 12000 for "1.2万"."""
    match = _COUNT.fullmatch(shown.strip().replace(",", ""))
    if match is None:
        return None
    value = float(match[1]) * _UNITS[match[2]]
    return round(value) if value <= _MAX_COUNT else None


def flag(raw: object, *path: str | int) -> bool | None:
    """Return true/false, or 0/1 as a boolean (the same key has both, by page)."""
    value = get(raw, *path)
    return bool(value) if isinstance(value, bool | int) and value in (0, 1) else None


def rows(raw: object, *path: str | int) -> Sequence[object]:
    """Return a list; absent and null are empty."""
    value = get(raw, *path)
    return value if isinstance(value, list) else ()


def url(raw: object, *path: str | int) -> str | None:
    """Return an address: the value itself, or the first of its `url_list` (`urlList`)."""
    value = get(raw, *path)
    for candidate in (value, *rows(value, "url_list"), *rows(value, "urlList")):
        if isinstance(candidate, str) and candidate.startswith(("http://", "https://")):
            return well_formed(candidate)
    return None


def time_ms(value: object, now: int) -> int | None:
    """Return s, ms, µs or ISO-8601 as ms UTC, or None if it is unknown or invalid. `now` is ms UTC."""
    try:
        return parse_time(value, now)
    except InvalidTime:
        return None


def beijing_time(shown: str | None, now: int) -> int | None:
    """Return `发布于2025年10月09日 16:53` as ms UTC. It is Beijing's wall clock whatever the zone of this machine."""
    match = _PUBLISHED.search(shown or "")
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) for part in match.groups())
    try:
        moment = datetime(year, month, day, hour, minute, tzinfo=BEIJING)
    except ValueError:
        return None
    return time_ms(int(moment.timestamp()), now)


def snowflake_time(platform_id: str | None, now: int) -> int | None:
    """Return the creation time in a 19-digit id as ms UTC (its upper 32 bits are epoch seconds), or None."""
    if platform_id is None or not platform_id.isdigit() or len(platform_id) != 19:
        return None
    return time_ms(int(platform_id) >> 32, now)


def decoded(value: object) -> object:
    """Return the object in a JSON string; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
