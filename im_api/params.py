"""Query strings -> the Structs that views want. A wrong value is an error; an unknown name is ignored.

A Struct of im_api/shapes/query_strings.py declares each parameter once: this module reads it, im_api/openapi/ describes
it. The type of a field says how its text is read; a function in its `Annotated` reads it in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from im_api.errors import BadRequest
from im_api.event_loop import require_thread
from sync.protocol.text import fold

T = TypeVar("T", bound=Struct)
Reader = Callable[[str, str], Any]  # the name of the parameter, its text -> its value; raises BadRequest

DEFAULT_COUNT: Final = 20
MAX_HOURS: Final = 168
MAX_COUNT: Final = 200
MAX_SEARCH: Final = 200
MIN_TIME: Final = 10**11
MAX_TIME: Final = 10**15 - 1
_BOOLEANS: Final = {"true": True, "false": False}


class Parameter(NamedTuple):
    """One parameter of a query string. `type`: without None; `notes`: the rest of its `Annotated`.

    `name`: as clients write it; `field`: as the Struct calls it; `default`: NODEFAULT if it is required.
    """

    name: str
    field: str
    type: Any
    notes: tuple[Any, ...]
    default: Any


@cache
def parameters_of(wanted: type[Struct]) -> tuple[Parameter, ...]:
    """Return the parameters that `wanted` declares: its own first, then those of its base."""
    declared = {field.name: field for field in msgspec.structs.fields(wanted)}
    return tuple(
        Parameter(field.encode_name, field.name, *_take_apart(field.type), field.default)
        for field in map(declared.__getitem__, _own_first(wanted))
    )


def read_query(query: Mapping[str, str], wanted: type[T]) -> T:
    """Return the query string as a `wanted`. Raises BadRequest with the name of the parameter."""
    readers, required = _compile(wanted)
    values = {}
    for name, field, read in readers:
        if name in query:
            values[field] = read(name, query[name])
    for name, field in required:
        if values.get(field) is None:
            raise BadRequest(f"{name} is required")
    return wanted(**values)


@cache
def _compile(wanted: type[Struct]) -> tuple[list[tuple[str, str, Reader]], list[tuple[str, str]]]:
    parameters = parameters_of(wanted)
    readers = [(parameter.name, parameter.field, _choose_reader(parameter)) for parameter in parameters]
    return readers, [(each.name, each.field) for each in parameters if each.default is NODEFAULT]


def _own_first(wanted: Any) -> Iterator[str]:
    """Yield the names of the fields. msgspec has those of a base first, but the page of a list is told last."""
    inherited = getattr(wanted.__base__, "__struct_fields__", ())
    yield from (name for name in wanted.__struct_fields__ if name not in inherited)
    if inherited:
        yield from _own_first(wanted.__base__)


def _take_apart(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the type without None, and the notes of its `Annotated`."""
    notes: tuple[Any, ...] = ()
    if get_origin(annotation) is Annotated:
        annotation, *rest = get_args(annotation)
        notes = tuple(rest)
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (part for part in get_args(annotation) if part is not NoneType)
    return annotation, notes


def _choose_reader(parameter: Parameter) -> Reader:
    """Return the reader of a parameter. Raises TypeError for a type that no query string can hold."""
    for note in parameter.notes:
        if callable(note):
            reader: Reader = note
            return reader
    if parameter.type is str:
        return _read_text
    if parameter.type is bool:
        return _read_flag
    if get_origin(parameter.type) is Literal:
        return partial(_read_choice, get_args(parameter.type))
    if get_origin(parameter.type) is frozenset:
        return partial(_read_choices, get_args(*get_args(parameter.type)))
    raise TypeError(f"{parameter.name}: no way to read {parameter.type}")


# -- readers


def _read_text(_name: str, text: str) -> str | None:
    """An empty text is none."""
    return text or None


def _read_flag(name: str, text: str) -> bool:
    if text not in _BOOLEANS:
        raise BadRequest(f"{name} must be true or false")
    return _BOOLEANS[text]


def _read_choice(allowed: tuple[str, ...], name: str, text: str) -> str:
    if text not in allowed:
        raise BadRequest(f"{name} must be one of {', '.join(allowed)}")
    return text


def _read_choices(allowed: tuple[str, ...], name: str, text: str) -> frozenset[str]:
    """Read several, separated by commas."""
    return frozenset(_read_choice(allowed, name, part.strip()) for part in text.split(","))


def _read_time(name: str, text: str) -> int:
    if not _is_number(text) or len(text) > len(str(MAX_TIME)):
        raise BadRequest(f"{name} must be a time in integer milliseconds")
    return check_milliseconds(name, int(text))


def check_milliseconds(name: str, time: int) -> int:
    """Return `time`. Raises BadRequest for one in seconds, which is in 1970 if it is read as milliseconds.

    0 is the same moment in both, and older than everything.
    """
    if 0 < time < MIN_TIME:
        raise BadRequest(f"{name} must be a time in milliseconds, 13 digits today: {time} looks like seconds")
    return time


def _read_count(name: str, text: str) -> int:
    """Above MAX_COUNT is MAX_COUNT, however many digits it has."""
    if not _is_number(text) or not text.strip("0"):
        raise BadRequest(f"{name} must be a positive integer")
    digits = text.lstrip("0")
    return MAX_COUNT if len(digits) > len(str(MAX_COUNT)) else min(int(digits), MAX_COUNT)


def _read_hours(name: str, text: str) -> int:
    if not _is_number(text) or len(text) > len(str(MAX_HOURS)) or not 1 <= int(text) <= MAX_HOURS:
        raise BadRequest(f"{name} must be a whole number from 1 to {MAX_HOURS}")
    return int(text)


def _read_search(name: str, text: str) -> str | None:
    """Read a text to look for in every row, which takes too long for the event loop."""
    if not fold(text):
        return None
    if len(text) > MAX_SEARCH:
        raise BadRequest(f"{name} must have at most {MAX_SEARCH} characters")
    require_thread("a search reads every row")
    return text


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


# -- types of fields that are read in a way of their own

Search = Annotated[str | None, _read_search]
Time = Annotated[int | None, Meta(ge=MIN_TIME, le=MAX_TIME, extra_json_schema={"format": "int64"}), _read_time]
Hours = Annotated[int, Meta(ge=1, le=MAX_HOURS), _read_hours]
Count = Annotated[int, Meta(ge=1), _read_count]
