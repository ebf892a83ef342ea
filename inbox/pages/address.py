"""What an address of the inbox asks for. Reload, and a link sent to a colleague, open the same thing."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec
from django.http import QueryDict
from django.urls import reverse
from msgspec import Struct

TABS: Final = ("wait", "unread", "all")
SORTS: Final = ("waiting", "latest")
KINDS: Final = ("direct_message", "comment", "notification")
MAX_Q: Final = 200


class Address(Struct, frozen=True, kw_only=True):
    """`accounts`: ids, none for all. An unknown value counts as none: old links go on opening something."""

    tab: str = "wait"
    accounts: tuple[str, ...] = ()
    kind: str | None = None
    group: str | None = None
    pinned: bool = False
    muted: bool = False
    new_people: bool = False
    q: str = ""
    sort: str = "waiting"

    @property
    def query(self) -> str:
        """Without the `?`; empty for the page as it opens."""
        given = {
            "tab": self.tab if self.tab != TABS[0] else "",
            "account": ",".join(self.accounts),
            "kind": self.kind or "",
            "group": self.group or "",
            "pinned": "true" if self.pinned else "",
            "muted": "true" if self.muted else "",
            "people": "new" if self.new_people else "",
            "q": self.q,
            "sort": self.sort if self.sort != default_sort(self.tab) else "",
        }
        return urlencode({name: value for name, value in given.items() if value})

    def with_(self, **changes: Any) -> Address:
        return msgspec.structs.replace(self, **changes)

    def in_tab(self, tab: str) -> Address:
        """Each tab has the order that suits it, unless another was chosen."""
        chosen = self.sort != default_sort(self.tab)
        return self.with_(tab=tab, sort=self.sort if chosen else default_sort(tab))

    def to(self, path: str) -> str:
        return f"{path}?{self.query}" if self.query else path

    @property
    def of_list(self) -> str:
        return self.to(reverse("home"))

    def of_conversation(self, item_id: str) -> str:
        return self.to(reverse("conversation", args=["_"])[:-1] + quote(item_id, safe=""))

    def of_discussion(self, item_id: str) -> str:
        return self.to(reverse("discussion", args=["_"])[:-1] + quote(item_id, safe=""))

    def of_account(self, account_id: str) -> str:
        return self.with_(accounts=(account_id,)).of_list

    @property
    def is_filtered(self) -> bool:
        return bool(self.accounts or self.kind or self.group or self.pinned or self.muted or self.new_people or self.q)


def default_sort(tab: str) -> str:
    return "waiting" if tab == "wait" else "latest"


def parse_address(query: QueryDict) -> Address:
    tab = _one_of(query.get("tab"), TABS) or TABS[0]
    return Address(
        tab=tab,
        accounts=tuple(dict.fromkeys(part.strip() for part in query.get("account", "").split(",") if part.strip())),
        kind=_one_of(query.get("kind"), KINDS),
        group=query.get("group") or None,
        pinned=query.get("pinned") == "true",
        muted=query.get("muted") == "true",
        new_people=query.get("people") == "new",
        q=query.get("q", "").strip()[:MAX_Q],
        sort=_one_of(query.get("sort"), SORTS) or default_sort(tab),
    )


def _one_of(value: str | None, known: tuple[str, ...]) -> str | None:
    return value if value in known else None
