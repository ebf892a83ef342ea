"""Comments by work, the list: works in the order of what is said under them, each with what is new."""

from __future__ import annotations

from typing import Any, Final, cast
from urllib.parse import quote, urlencode

import msgspec
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct

from im_api import shapes
from im_api.access import Principal
from im_api.queries import AuthorizedAccount, PageRequest
from im_api.queries.account_overview import get_now
from im_api.queries.scope import ALL
from im_api.queries.works import WorkFilter, WorkRow, WorkSort, count_unread_works, list_works
from inbox import formatting
from inbox.pages.account_cards import AccountCard
from inbox.pages.address import MAX_Q
from inbox.pages.list_filters import FilterChip, LinkChoice
from inbox.pages.pictures import allowed_picture
from inbox.pages.rail import Rail

TABS: Final = ("new", "all")
SORTS: Final = ("recent", "published", "comments")
SHOWN: Final = ("wait", "unread", "all")
BY: Final = ("latest", "likes")


class WorksAddress(Struct, frozen=True, kw_only=True):
    """What an address asks for: of the list `tab`, `accounts`, `q`, `sort`; of the open work `show` and `by`."""

    tab: str = TABS[0]
    accounts: tuple[str, ...] = ()
    q: str = ""
    sort: str = SORTS[0]
    show: str = SHOWN[0]
    by: str = BY[0]

    def query(self, *, of_list: bool = False) -> str:
        """Without the `?`; what is as usual is left out."""
        given = {
            "tab": self.tab if self.tab != TABS[0] else "",
            "account": ",".join(self.accounts),
            "q": self.q,
            "sort": self.sort if self.sort != SORTS[0] else "",
            "show": self.show if self.show != SHOWN[0] and not of_list else "",
            "by": self.by if self.by != BY[0] and not of_list else "",
        }
        return urlencode({name: value for name, value in given.items() if value})

    def with_(self, **changes: Any) -> WorksAddress:
        return msgspec.structs.replace(self, **changes)

    @property
    def list_key(self) -> str:
        """Tells one list from another, whatever is open beside it."""
        return f"works?{self.query(of_list=True)}"

    @property
    def of_list(self) -> str:
        return _join(reverse("works"), self.query(of_list=True))

    def of_work(self, content_id: str) -> str:
        return _join(reverse("work", args=["_"])[:-1] + quote(content_id, safe=""), self.query())

    def of_older(self, account_id: str) -> str:
        return _join(reverse("older-works", args=[account_id]), self.query())


def _join(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def parse_works_address(query: QueryDict) -> WorksAddress:
    """An unknown value counts as none."""

    def one_of(name: str, known: tuple[str, ...]) -> str:
        value = query.get(name, "")
        return value if value in known else known[0]

    return WorksAddress(
        tab=one_of("tab", TABS),
        accounts=tuple(dict.fromkeys(part.strip() for part in query.get("account", "").split(",") if part.strip())),
        q=query.get("q", "").strip()[:MAX_Q],
        sort=one_of("sort", SORTS),
        show=one_of("show", SHOWN),
        by=one_of("by", BY),
    )


class WorkLine(Struct, frozen=True, kw_only=True):
    """One row. A count that is not known is empty. `is_older`: the works known from their comments alone."""

    row_id: str
    href: str
    account: AccountCard
    title: str
    cover: str | None
    date: str
    views: str
    likes: str
    comments: str
    count: int
    unread: int
    pill: str
    is_older: bool


class WorksList(Struct, frozen=True, kw_only=True):
    """`not_fresh`: accounts of which nobody can say that nothing new was said under their works."""

    address: WorksAddress
    tabs: list[LinkChoice]
    sorts: list[LinkChoice]
    chips: list[FilterChip]
    rows: list[WorkLine]
    next: str | None
    not_fresh: list[AccountCard]
    chosen: list[AccountCard]


def read_works(principal: Principal, rail: Rail, address: WorksAddress, count: int, cursor: str | None) -> WorksList:
    """Raises HubNotReady, NotFound for an account that is not granted, BadRequest for a foreign cursor."""
    account_ids = ",".join(address.accounts) or ALL
    where = WorkFilter(is_new=address.tab == "new", q=address.q or None)
    listed = list_works(
        principal, account_ids, where, cast(WorkSort, address.sort), PageRequest("works", count, cursor)
    )
    cards, now = {card.id: card for card in rail.cards}, get_now()
    chosen = [cards[account_id] for account_id in address.accounts] or rail.cards
    return WorksList(
        address=address,
        tabs=_tabs(address, count_unread_works(principal, account_ids)),
        sorts=_sorts(address),
        chips=_chips(address, cards),
        rows=[
            make_line(authorized, row, cards[authorized.account.id], address, now) for authorized, row in listed.rows
        ],
        next=listed.cursor,
        not_fresh=[card for card in chosen if not has_fresh_comments(card)],
        chosen=chosen,
    )


def has_fresh_comments(card: AccountCard) -> bool:
    return card.is_fresh and any(look.startswith("comments:") for look in card.looks.split())


def make_line(
    authorized: AuthorizedAccount, row: WorkRow, account: AccountCard, address: WorksAddress, now: int
) -> WorkLine:
    """A work opens where there is something to do: with who waits, else what is unread, else all."""
    opened = address.with_(show="wait" if row.waiting else "unread" if row.unread else "all")
    common: dict[str, Any] = {
        "account": account,
        "comments": formatting.format_count(row.comments),
        "count": row.comments,
        "unread": row.unread,
        "pill": formatting.format_pill(row.unread),
    }
    if row.content_id is None:
        return WorkLine(
            row_id=f"older-{account.id}",
            href=opened.of_older(account.id),
            title=gettext("Older works"),
            cover=None,
            date="",
            views="",
            likes="",
            is_older=True,
            **common,
        )
    work = shapes.work(authorized, row.content_id)
    return WorkLine(
        row_id=f"work-{work.content_id}",
        href=opened.of_work(work.content_id),
        title=format_title(work),
        cover=allowed_picture(work.cover),
        date=formatting.format_time(work.publish_time, now) if work.publish_time is not None else "",
        views=format_known(work.stats.views),
        likes=format_known(work.stats.likes),
        is_older=False,
        **common,
    )


def format_title(work: shapes.WorkShape) -> str:
    """A work without words is told apart by the end of its id, as a person is."""
    said = formatting.one_line(work.title or work.description or "")
    return said or gettext("Work %(tail)s") % {"tail": work.platform_content_id[-4:]}


def format_known(count: int | None) -> str:
    return formatting.format_count(count) if count is not None else ""


def _tabs(address: WorksAddress, new: int) -> list[LinkChoice]:
    names = {"new": gettext("New comments"), "all": gettext("All works")}
    counts = {"new": new, "all": None}
    return [LinkChoice(names[t], address.with_(tab=t).of_list, address.tab == t, counts[t]) for t in TABS]


def _sorts(address: WorksAddress) -> list[LinkChoice]:
    names = {
        "recent": gettext("Latest comment"),
        "published": gettext("Latest work"),
        "comments": gettext("Most comments"),
    }
    return [LinkChoice(text, address.with_(sort=sort).of_list, address.sort == sort) for sort, text in names.items()]


def _chips(address: WorksAddress, cards: dict[str, AccountCard]) -> list[FilterChip]:
    chips = []
    for account_id in address.accounts:
        rest = tuple(one for one in address.accounts if one != account_id)
        chips.append(FilterChip(cards[account_id].name, address.with_(accounts=rest).of_list))
    if address.q:
        chips.append(FilterChip(f"“{address.q}”", address.with_(q="").of_list))
    return chips
