"""Query parameters -> typed values. What is not one of the allowed values is an error; an unknown name is ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from im_api.errors import BadRequest
from im_api.event_loop import require_thread
from im_api.queries import PageRequest

DEFAULT_COUNT: Final = 20
MAX_COUNT: Final = 200
MAX_SEARCH: Final = 200
_MAX_DIGITS: Final = 15
_BOOLEANS: Final = {"true": True, "false": False}


class Params:
    """The parameters of one request. Every method raises BadRequest with the name of the parameter."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query

    def text(self, name: str) -> str | None:
        """None if absent or empty."""
        return self._query.get(name) or None

    def search(self, name: str) -> str | None:
        """A text to look for in every row, at most MAX_SEARCH characters: too long for the event loop."""
        value = self.text(name)
        if value is None:
            return None
        if len(value) > MAX_SEARCH:
            raise BadRequest(f"{name} must have at most {MAX_SEARCH} characters")
        require_thread("a search reads every row")
        return value

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise BadRequest(f"{name} is required")
        return value

    def flag(self, name: str) -> bool | None:
        value = self._query.get(name)
        if value is None:
            return None
        if value not in _BOOLEANS:
            raise BadRequest(f"{name} must be true or false")
        return _BOOLEANS[value]

    def choice(self, name: str, allowed: Any) -> str | None:
        """`allowed`: a Literal."""
        value = self._query.get(name)
        if value is None:
            return None
        return _one_of(name, value, allowed)

    def choices(self, name: str, allowed: Any) -> frozenset[str] | None:
        """Several, separated by commas."""
        value = self._query.get(name)
        if value is None:
            return None
        return frozenset(_one_of(name, part.strip(), allowed) for part in value.split(","))

    def time(self, name: str) -> int | None:
        """ms UTC."""
        value = self._query.get(name)
        if value is None:
            return None
        if not _is_number(value):
            raise BadRequest(f"{name} must be a time in integer milliseconds")
        return int(value)

    def page(self, route: str, default: int = DEFAULT_COUNT) -> PageRequest:
        return PageRequest(route, self._count(default), self.text("cursor"))

    def _count(self, default: int) -> int:
        value = self._query.get("count")
        if value is None:
            return default
        if not (value.isascii() and value.isdigit()) or not value.strip("0"):
            raise BadRequest("count must be a positive integer")
        digits = value.lstrip("0")
        return MAX_COUNT if len(digits) > len(str(MAX_COUNT)) else min(int(digits), MAX_COUNT)


def _one_of(name: str, value: str, allowed: Any) -> str:
    known = get_args(allowed)
    if value not in known:
        raise BadRequest(f"{name} must be one of {', '.join(known)}")
    return value


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS
