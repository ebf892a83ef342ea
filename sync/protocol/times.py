"""Times: int64 milliseconds UTC, or None. Parsed once, at the border."""

from datetime import UTC, datetime
from typing import Protocol

DAY_MS = 86_400_000
EARLIEST_MS = int(datetime(2010, 1, 1, tzinfo=UTC).timestamp() * 1000)

# Above these magnitudes a number can only be of the finer unit: 1e11 s is the year 5138, 1e14 ms too.
_MS_FROM = 100_000_000_000
_US_FROM = 100_000_000_000_000


class Clock(Protocol):
    """Returns the time now, ms UTC."""

    def __call__(self) -> int: ...


class InvalidTime(ValueError):
    """The value is not a time, or one before 2010 or more than a day ahead. The message says which."""


def parse_time(value: object, now: int) -> int | None:
    """Return a time of the wire as ms UTC; None for None and "".

    `value`: seconds, ms or µs (number or digits in a string), or ISO-8601. ISO-8601 without a zone is UTC: epoch values
    have no zone and nothing is shifted. `now`: ms UTC. Raises InvalidTime.
    """
    if value is None or value == "":
        return None
    ms = _to_ms(value)
    if not EARLIEST_MS <= ms <= now + DAY_MS:
        raise InvalidTime(f"{_show(value)} is before 2010 or more than a day ahead")
    return ms


def _to_ms(value: object) -> int:
    if isinstance(value, bool):
        raise InvalidTime(f"{value!r} is not a time")
    if isinstance(value, int | float):
        return number_to_ms(value)
    if isinstance(value, str):
        return _text_to_ms(value.strip())
    raise InvalidTime(f"{type(value).__name__} is not a time")


def number_to_ms(value: int | float) -> int:
    """Return a number of seconds, ms or µs since 1970, told apart by magnitude, as ms. Raises InvalidTime."""
    if value != value or abs(value) > 1e18:
        raise InvalidTime(f"{_show(value)} is not a time")
    if abs(value) >= _US_FROM:
        return int(value) // 1000
    if abs(value) >= _MS_FROM:
        return int(value)
    return round(value * 1000)


def _text_to_ms(text: str) -> int:
    if len(text) <= 19 and text.isascii() and text.isdigit():
        return number_to_ms(int(text))
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise InvalidTime(f"{_show(text)} is not a time") from None


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
