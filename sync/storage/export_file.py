"""The whole store as one JSON document: what is written, and what is accepted when it is read back.

    {"format": "imhub-export", "version": 1, "accounts": [ExportedAccount...], "owners": [Owned...],
     "settings": Settings or missing, "parts": {name of an app: ExportedPart} or missing}

Each entry carries a `checksum` of itself: the first 8 bytes of BLAKE2b, in hex, over its own compact JSON with an empty
`checksum`. White space and the order of keys do not matter; any other change of a value does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from sync.core.account.view import View
from sync.core.change.advance import advance
from sync.core.change.delta import Delta, as_delta
from sync.core.closing_words import find_fault
from sync.core.stored.log_row_body import checksum
from sync.protocol.items import COLLECTIONS, Count, Millis


class BadDocument(ValueError):
    """Raised when a file is not a whole export. The message says where."""


class ExportEntry(Struct, frozen=True, kw_only=True):
    """An entry of an export, with its checksum (see above)."""

    account_id: str
    checksum: str = ""


class ExportedAccount(ExportEntry, frozen=True, kw_only=True):
    """One account of an export. `changed_at`: ms UTC."""

    version: Count
    seq: Count
    changed_at: Millis | None
    data: Delta


class Owned(ExportEntry, frozen=True, kw_only=True):
    """The owner's facts of an account. Workers and grants belong to an installation, not to its data."""

    platform: str
    name: str
    platform_user_id: str = ""
    status: str = "active"
    alias: str = ""
    group: str = ""
    color: str = ""
    config: dict[str, Any] = {}


class Settings(Struct, frozen=True, kw_only=True):
    """The owner's settings for all accounts, with a checksum of their own. `closing_words`: None for the usual ones."""

    closing_words: list[str] | None = None
    checksum: str = ""


class ExportedPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Holds what another room keeps in an export (see `transfer.py`), with a checksum of its own."""

    content: dict[str, Any]
    checksum: str = ""


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole file. `settings`: None if the owner never changed them. `parts`: of other rooms, by their apps."""

    format: Literal["imhub-export"]
    version: Literal[1]
    accounts: list[ExportedAccount]
    owners: list[Owned]
    settings: Settings | None = None
    parts: dict[str, ExportedPart] = {}


class Contents(NamedTuple):
    """Holds the contents of an export. `parts`: of other rooms, by their apps."""

    views: list[View]
    owners: list[Owned]
    settings: Settings | None
    parts: dict[str, dict[str, Any]]


E = TypeVar("E", bound=ExportEntry | Settings | ExportedPart)


def make_document(
    views: Iterable[View],
    owners: Iterable[Owned],
    settings: Settings | None = None,
    parts: Mapping[str, dict[str, Any]] = MappingProxyType({}),
) -> Document:
    """Return the document of these views, of what the owner says of the accounts, of the settings and other parts."""
    return Document(
        format="imhub-export",
        version=1,
        accounts=[signed(_exported(view)) for view in views],
        owners=[signed(owned) for owned in owners],
        settings=signed(settings) if settings is not None else None,
        parts={name: signed(ExportedPart(content=content)) for name, content in parts.items()},
    )


def _exported(view: View) -> ExportedAccount:
    return ExportedAccount(
        account_id=view.account_id,
        version=view.version,
        seq=view.seq,
        changed_at=view.changed_at,
        data=as_delta(view),
    )


def signed(entry: E) -> E:
    """Return the entry with its checksum."""
    return msgspec.structs.replace(entry, checksum=_checksum_of(entry, "deterministic"))


def _is_whole(entry: E) -> bool:
    """Return whether the entry is as it was signed. Before keys were sorted, they counted as they stood."""
    return entry.checksum in (_checksum_of(entry, "deterministic"), _checksum_of(entry, None))


def _checksum_of(entry: E, order: Literal["deterministic"] | None) -> str:
    bare = msgspec.structs.replace(entry, checksum="")
    return checksum(msgspec.json.encode(bare, order=order), ()).hex()


def read_document(content: bytes | Mapping[str, Any]) -> Document:
    """Return the document of `content`: JSON, or what it says as plain data. Raises BadDocument."""
    document = _parse(content)
    for account in document.accounts:
        for name in COLLECTIONS:
            ids = (entry.item.id for entry in account.data.upserts(name))
            _refuse_twice(ids, f"$.accounts[{account.account_id!r}].data.{name}")
    _check_entries(document.accounts, "$.accounts")
    _check_entries(document.owners, "$.owners")
    if document.settings is not None:
        _check_settings(document.settings)
    for app, part in document.parts.items():
        if not _is_whole(part):
            raise BadDocument(f"its checksum is another one - at `$.parts[{app!r}]`")
    return document


def _check_settings(settings: Settings) -> None:
    if not _is_whole(settings):
        raise BadDocument("its checksum is another one - at `$.settings`")
    if (fault := find_fault(settings.closing_words or ())) is not None:
        raise BadDocument(f"no list of closing words ({fault[1]}) - at `$.settings.closing_words[{fault[0]}]`")


def _parse(content: bytes | Mapping[str, Any]) -> Document:
    try:
        if isinstance(content, bytes):
            return msgspec.json.decode(content, type=Document)
        return msgspec.convert(content, type=Document)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadDocument(str(error)) from error


def _check_entries(entries: Sequence[ExportEntry], place: str) -> None:
    _refuse_twice((entry.account_id for entry in entries), place)
    for entry in entries:
        if not _is_whole(entry):
            raise BadDocument(f"its checksum is another one - at `{place}[{entry.account_id!r}]`")


def _refuse_twice(ids: Iterable[str], place: str) -> None:
    twice = [text for text, count in Counter(ids).items() if count > 1]
    if twice:
        raise BadDocument(f"{twice[0]!r} occurs twice - at `{place}`")


def read_contents(content: bytes | Mapping[str, Any], new_view: Callable[[str], View]) -> Contents:
    """Return what an export holds.

    `content`: JSON, or what it says as plain data; `new_view` makes an account of which nothing is known.
    Raises BadDocument with the place of the fault.
    """
    document = read_document(content)
    views = [_make_view(account, new_view(account.account_id)) for account in document.accounts]
    parts = {name: part.content for name, part in document.parts.items()}
    return Contents(views, document.owners, document.settings, parts)


def _make_view(account: ExportedAccount, new: View) -> View:
    view = advance(new, account.data, version=account.version, seq=account.seq, at=account.changed_at or 0)
    return msgspec.structs.replace(view, changed_at=account.changed_at)
