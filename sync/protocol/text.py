"""Other people's words: characters that no JSON can carry, texts that show nothing, and texts that read the same.

One home of these rules for the worker, the hub and the pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from unicodedata import is_normalized, normalize

import regex
from msgspec import Struct
from msgspec.structs import replace

S = TypeVar("S", bound=Struct)

FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"

# Characters without a shape. U+2800 is a pattern of no dots; Hangul fillers such as U+3164 are letters, but
# Unicode calls them ignorable.
_INVISIBLE: Final = r"\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\p{Cf}\u2800"
_SEEN: Final = regex.compile(rf"[^{_INVISIBLE}]")
_IGNORED: Final = regex.compile(r"[\p{Default_Ignorable_Code_Point}]+")
_ISOLATES: Final = re.compile("[\u2066-\u2069]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
# An escaped backslash, a pair, or half of one. Any other escape holds no second backslash, so it may be passed over.
_ESCAPES: Final = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def well_formed(text: str) -> str:
    """Return `text` as UTF-8 can carry it: surrogates that are pairs are joined, lone ones become U+FFFD."""
    if text.isascii() or _SURROGATES.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def one_break(text: str) -> str:
    """Return `text` with "\\n" for every way to end a line: typed as it is, a lone "\\r" is the key that sends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def well_formed_json(value: Any) -> Any:
    """Return a decoded JSON value with every text in it well-formed, keys included."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, Mapping):
        return {well_formed_json(key): well_formed_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [well_formed_json(inner) for inner in value]
    return value


def well_formed_struct(struct: S) -> S:
    """Return `struct` with every text in its fields well-formed, also those in tuples of texts."""
    changes = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, str):
            cleaned: Any = well_formed(value)
        elif isinstance(value, tuple):
            cleaned = tuple(well_formed(inner) if isinstance(inner, str) else inner for inner in value)
        else:
            continue
        if cleaned != value:
            changes[name] = cleaned
    return replace(struct, **changes) if changes else struct


def repair_escapes(json: str) -> str:
    """Return JSON text with lone surrogates in escapes (`\\ud800`) replaced, which no strict reader takes."""
    return _ESCAPES.sub(lambda found: found[0] if found[1] is None else "\\ufffd", json)


def is_blank(text: str) -> bool:
    """Return whether people see nothing of `text`: it is empty, or only blanks and characters without a shape."""
    return _SEEN.search(text) is None


def visible(name: str | None) -> str | None:
    """Return the name of a person or thing, or None if people would see nothing of it."""
    return None if name is None or is_blank(name) else name


def isolate(name: str) -> str:
    """Return `name` so that letters written from right to left in it do not turn the sentence around it."""
    return f"{FIRST_STRONG_ISOLATE}{_balanced(name)}{POP_ISOLATE}"


def _balanced(text: str) -> str:
    """Return `text` with as many isolates ended as begun: one end too many would be ours."""
    begun = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal begun
        if found[0] != POP_ISOLATE:
            begun += 1
        elif begun:
            begun -= 1
        else:
            return ""
        return found[0]

    return _ISOLATES.sub(keep, text) + POP_ISOLATE * begun


def fold(text: str) -> str:
    """Return `text` as searches compare it: without case, width, composition and characters that nobody sees."""
    if text.isascii():
        return text.lower()
    text = normalize("NFKC", _IGNORED.sub("", text)).casefold()
    return text if is_normalized("NFKC", text) else normalize("NFKC", text)
