"""Ids. The `id` of an item is its one id everywhere: in the store, in REST, in push.

It is `<prefix>_<account>_<platform id>`: the form of our own ids. Account ids and platform ids may contain `_`
themselves, so the form alone does not tell where the account's id ends; `owner_of` does. Platform ids are strings,
always.
"""

import re
from collections.abc import Container
from typing import Final

PREFIX: Final = {
    "conversations": "conv",
    "messages": "msg",
    "contents": "cont",
    "comments": "comm",
    "notifications": "notif",
}

_PREFIXES: Final = frozenset(PREFIX.values())

MAX_ACCOUNT_ID_LENGTH = 64
_ACCOUNT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_WORKER_ID = _ACCOUNT_ID
MAX_ID_LENGTH = 255


def make_id(collection: str, account_id: str, platform_id: str) -> str:
    """Return the id of the item of `collection` that the platform calls `platform_id`."""
    return f"{PREFIX[collection]}_{account_id}_{platform_id}"


def resolve_id(collection: str, account_id: str, reference: str) -> str:
    """Return the id that the item of a reference will have when it comes. `reference`: an id or a platform id."""
    prefix = f"{PREFIX[collection]}_{account_id}_"
    return reference if reference.startswith(prefix) else prefix + reference


def owner_of(item_id: str, accounts: Container[str]) -> str | None:
    """Return the account that an id of our own form belongs to: the longest of `accounts` that fits.

    `accounts`: all that exist. None: the id is of another form, or none of them fits.
    """
    prefix, _, rest = item_id.partition("_")
    if prefix not in _PREFIXES:
        return None
    end = rest.rfind("_", 0, MAX_ACCOUNT_ID_LENGTH + 1)
    while end > 0:
        if rest[:end] in accounts:
            return rest[:end]
        end = rest.rfind("_", 0, end)
    return None


def is_of_another(item_id: str, account_id: str, accounts: Container[str]) -> bool:
    """Return whether `account_id` may not hold an item of this id, because the id belongs to another account.

    `accounts`: all that exist, `account_id` among them.
    """
    return owner_of(item_id, accounts) not in (None, account_id)


def platform_id_of(collection: str, account_id: str, item_id: str) -> str:
    """Return the platform's id in an id of the usual form; an id of another form as it is."""
    return item_id.removeprefix(make_id(collection, account_id, "")) or item_id


def is_account_id(text: str) -> bool:
    """Return whether `text` can be the id of an account. "all" cannot: it means every account."""
    return _ACCOUNT_ID.fullmatch(text) is not None and text != "all"


def is_worker_id(text: str) -> bool:
    """Return whether `text` can be the id of a worker."""
    return _WORKER_ID.fullmatch(text) is not None


def check_item_id(text: str) -> str | None:
    """Return why `text` cannot be an item's id, or None. An id must fit a URL path and a header."""
    if not text or len(text) > MAX_ID_LENGTH:
        return f"must have 1 to {MAX_ID_LENGTH} characters"
    if not text.isprintable() or " " in text:  # the one blank that Python calls printable
        return "must not contain blanks or control characters"
    if text.startswith("/") or text.endswith("/") or not {".", ".."}.isdisjoint(text.split("/")):
        return "must not be a path"
    return None
