"""Addresses of the inbox and of comments by work. A reload and a link sent to a colleague open the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

import msgspec
from django.http import QueryDict
from django.urls import reverse
from msgspec import Struct

from im_api.queries import Collection
from im_api.queries.items import occurs_elsewhere

TABS: Final = ("wait", "unread", "all")
SORTS: Final = ("waiting", "latest")
KINDS: Final = ("direct_message", "comment", "notification")
ALL_KINDS: Final = "all"
WORKS_TABS: Final = ("new", "all")
WORKS_SORTS: Final = ("recent", "published", "comments")
COMMENT_TABS: Final = ("wait", "unread", "all")
COMMENT_SORTS: Final = ("latest", "likes")
MAX_Q: Final = 200
COLLECTIONS: Final[Mapping[str, Collection]] = {
    "conversation": "conversations",
    "conversations": "conversations",
    "discussion": "comments",
    "discussions": "comments",
    "work": "contents",
}
"""By the name of a page, and of a route of the API."""


class UnknownValue(Exception):
    """Raised for an address that asks for a tab, an order or a kind that there is not."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"{name}={value}")
        self.name = name
        self.value = value


class ListAddress(Struct, frozen=True, kw_only=True):
    """The part that both lists have. `accounts`: ids, none for all."""

    accounts: tuple[str, ...] = ()
    q: str = ""

    def with_(self, **changes: Any) -> Self:
        """Return the address with other values."""
        return msgspec.structs.replace(self, **changes)


class Address(ListAddress, frozen=True, kw_only=True):
    """An address of the inbox, with or without an open thread. `remembered`: the kind that the device remembers. An
    address without a kind has that one there; one with all kinds must then say so."""

    tab: str = TABS[0]
    kind: str | None = None
    remembered: str | None = None
    group: str | None = None
    pinned: bool = False
    muted: bool = False
    new_people: bool = False
    strangers: bool = False
    sort: str = SORTS[0]

    @property
    def query(self) -> str:
        """The query string without the `?`; empty for the page as it opens."""
        return _encode(
            tab=self.tab if self.tab != TABS[0] else "",
            account=",".join(self.accounts),
            kind=self.kind or (ALL_KINDS if self.remembered else ""),
            group=self.group or "",
            pinned="true" if self.pinned else "",
            muted="true" if self.muted else "",
            people="new" if self.new_people else "",
            strangers="true" if self.strangers else "",
            q=self.q,
            sort=self.sort if self.sort != default_sort(self.tab) else "",
        )

    def in_tab(self, tab: str) -> Address:
        """Return the address of another tab. Each has the order that suits it, unless another was chosen."""
        chosen = self.sort != default_sort(self.tab)
        return self.with_(tab=tab, sort=self.sort if chosen else default_sort(tab))

    @property
    def of_list(self) -> str:
        return _join(reverse("home"), self.query)

    def of_conversation(self, item_id: str, account_id: str, at: str = "") -> str:
        """Return the address of a conversation. `at`: the id of the message at which it opens."""
        return path_of("conversation", item_id, account_id, self.query, at)

    def of_comment_thread(self, item_id: str, account_id: str, at: str = "") -> str:
        """Return the address of a comment with its replies. `at`: the id of the one at which it opens."""
        return path_of("discussion", item_id, account_id, self.query, at)

    def of_notices(self, group_id: str) -> str:
        """The id of a group names its account."""
        return _join(reverse("notices", args=["_"])[:-1] + quote(group_id, safe=""), self.query)

    def of_account(self, account_id: str) -> str:
        return self.with_(accounts=(account_id,)).of_list

    @property
    def is_filtered(self) -> bool:
        is_flagged = self.pinned or self.muted or self.new_people or self.strangers
        return bool(self.accounts or self.kind or self.group or is_flagged or self.q)


class WorksAddress(ListAddress, frozen=True, kw_only=True):
    """An address of comments by work. `tab`, `sort`: of the list. `show`, `by`: tab and order of the open work."""

    tab: str = WORKS_TABS[0]
    sort: str = WORKS_SORTS[0]
    show: str = COMMENT_TABS[0]
    by: str = COMMENT_SORTS[0]

    def query(self, *, of_list: bool = False) -> str:
        """Return the query string without the `?`. `of_list`: without what the open work is asked for."""
        return _encode(
            tab=self.tab if self.tab != WORKS_TABS[0] else "",
            account=",".join(self.accounts),
            q=self.q,
            sort=self.sort if self.sort != WORKS_SORTS[0] else "",
            show=self.show if self.show != COMMENT_TABS[0] and not of_list else "",
            by=self.by if self.by != COMMENT_SORTS[0] and not of_list else "",
        )

    @property
    def list_key(self) -> str:
        """The same for one list, whatever is open beside it."""
        return f"works?{self.query(of_list=True)}"

    @property
    def of_list(self) -> str:
        return _join(reverse("works"), self.query(of_list=True))

    def of_work(self, content_id: str, account_id: str) -> str:
        return path_of("work", content_id, account_id, self.query())

    def of_older(self, account_id: str) -> str:
        return _join(reverse("older-works", args=[account_id]), self.query())


def path_of(view: str, item_id: str, account_id: str, query: str = "", at: str = "") -> str:
    """Return the address of an item's page, whatever characters its id has.

    `view`: its name in inbox/urls.py. `at`: the id of what it opens at.
    """
    path = reverse(view, args=["_"])[:-1] + quote(item_id, safe="")
    return _join(path, query, _beside(COLLECTIONS[view], item_id, account_id), _encode(at=at))


def api_route(kind: str, item_id: str, account_id: str) -> str:
    """Return the address of an item below /api/im/; scripts put what follows the item before its `?`."""
    return _join(f"{kind}/{quote(item_id, safe='')}", _beside(COLLECTIONS[kind], item_id, account_id))


def _beside(collection: Collection, item_id: str, account_id: str) -> str:
    """Return the account as a query string where the id is not enough, else an empty one."""
    return _encode(account_id=account_id) if occurs_elsewhere(collection, item_id, account_id) else ""


def default_sort(tab: str) -> str:
    """Return the order of a tab of the inbox where none was chosen."""
    return "waiting" if tab == "wait" else "latest"


def parse_address(query: QueryDict, remembered: str | None = None) -> Address:
    """Return what an address of the inbox asks for. `remembered`: as of Address. Raises UnknownValue."""
    tab = _one_of(query, "tab", TABS) or TABS[0]
    return Address(
        tab=tab,
        accounts=_parse_accounts(query),
        kind=_parse_kind(query, remembered),
        remembered=remembered,
        group=query.get("group") or None,
        pinned=query.get("pinned") == "true",
        muted=query.get("muted") == "true",
        new_people=query.get("people") == "new",
        strangers=query.get("strangers") == "true",
        q=_parse_search(query),
        sort=_one_of(query, "sort", SORTS) or default_sort(tab),
    )


def parse_works_address(query: QueryDict) -> WorksAddress:
    """Return what an address of comments by work asks for. Raises UnknownValue."""
    return WorksAddress(
        tab=_one_of(query, "tab", WORKS_TABS) or WORKS_TABS[0],
        accounts=_parse_accounts(query),
        q=_parse_search(query),
        sort=_one_of(query, "sort", WORKS_SORTS) or WORKS_SORTS[0],
        show=_one_of(query, "show", COMMENT_TABS) or COMMENT_TABS[0],
        by=_one_of(query, "by", COMMENT_SORTS) or COMMENT_SORTS[0],
    )


def parse_account(query: QueryDict) -> str | None:
    """Return the account of what is open, where its id alone may be of several. `account` chooses those of the list."""
    return query.get("account_id") or None


def _parse_kind(query: QueryDict, remembered: str | None) -> str | None:
    if "kind" not in query:
        return remembered
    kind = _one_of(query, "kind", (*KINDS, ALL_KINDS))
    return None if kind == ALL_KINDS else kind


def _parse_accounts(query: QueryDict) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in query.get("account", "").split(",") if part.strip()))


def _parse_search(query: QueryDict) -> str:
    return query.get("q", "").strip()[:MAX_Q]


def _one_of(query: QueryDict, name: str, known: tuple[str, ...]) -> str | None:
    value = query.get(name, "")
    if value and value not in known:
        raise UnknownValue(name, value)
    return value or None


def _encode(**given: str) -> str:
    return urlencode({name: value for name, value in given.items() if value})


def _join(path: str, *queries: str) -> str:
    query = "&".join(filter(None, queries))
    return f"{path}?{query}" if query else path
