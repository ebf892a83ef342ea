"""The list of comments by work: works in the order of their comments, each with how many are unread."""

from __future__ import annotations

from typing import Any, Final, cast

from django.utils.translation import gettext
from msgspec import Struct

from im_api import shapes
from im_api.access import Principal
from im_api.queries import AuthorizedAccount, PageRequest
from im_api.queries import works as queries
from im_api.queries.account_overview import get_now
from im_api.queries.scope import ALL
from im_api.queries.works import WorkFilter, WorkRow, WorkSort, count_unread_works, list_works
from inbox import formatting
from inbox.pages.account_cards import AccountCard
from inbox.pages.address import WORKS_TABS, Address, WorksAddress
from inbox.pages.inbox_page import NEWEST
from inbox.pages.json_attributes import to_json
from inbox.pages.list_filters import FilterChip, LinkChoice, make_account_chips, make_choices, make_search_chips
from inbox.pages.pictures import allowed_picture
from inbox.pages.rail import ListedAccounts, Rail, choose_listed

FOUND: Final = 5


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
    """`not_fresh`: accounts whose comments are not up to date. `newest`: as of InboxPage."""

    address: WorksAddress
    tabs: list[LinkChoice]
    sorts: list[LinkChoice]
    chips: list[FilterChip]
    rows: list[WorkLine]
    next: str | None
    not_fresh: list[AccountCard]
    listed: ListedAccounts
    newest: str


def read_works(principal: Principal, rail: Rail, address: WorksAddress, count: int, cursor: str | None) -> WorksList:
    """Raises HubNotReady, NotFound for an account that is not granted, BadRequest for a foreign cursor."""
    account_ids = ",".join(address.accounts) or ALL
    where = WorkFilter(is_new=address.tab == "new", q=address.q or None)
    listed = list_works(
        principal, account_ids, where, cast(WorkSort, address.sort), PageRequest("works", count, cursor)
    )
    cards, now = {card.id: card for card in rail.cards}, get_now()
    of_accounts = choose_listed(rail.cards, address.accounts)
    return WorksList(
        address=address,
        tabs=_tabs(address, count_unread_works(principal, account_ids)),
        sorts=_sorts(address),
        chips=[*make_account_chips(address, cards), *make_search_chips(address)],
        rows=[
            make_line(authorized, row, cards[authorized.account.id], address, now) for authorized, row in listed.rows
        ],
        next=listed.cursor,
        not_fresh=[card for card in of_accounts.cards if not has_fresh_comments(card)],
        listed=of_accounts,
        newest=to_json(_list_newest(principal, account_ids, where)) if cursor is None else "",
    )


def _list_newest(principal: Principal, account_ids: str, where: WorkFilter) -> list[tuple[str, int, bool]]:
    listed = list_works(principal, account_ids, where, "recent", PageRequest("newest", NEWEST))
    return [
        (format_row_id(authorized.account.id, row.content_id), max(0, -row.newest), row.unread > 0)
        for authorized, row in listed.rows
    ]


def find_works(principal: Principal, rail: Rail, address: Address) -> list[WorkLine]:
    """Return the works that are called what the inbox is searched for; they stand above what is said under them.

    Raises HubNotReady, NotFound for an account that is not granted.
    """
    if not address.q or address.kind not in (None, "comment"):
        return []
    cards, now, opened = {card.id: card for card in rail.cards}, get_now(), WorksAddress(accounts=address.accounts)
    found = queries.find_works(principal, ",".join(address.accounts) or ALL, address.group, address.q, FOUND)
    return [make_line(authorized, row, cards[authorized.account.id], opened, now) for authorized, row in found]


def format_row_id(account_id: str, content_id: str | None) -> str:
    """Return the id of a row: of a work, or of the older works of the account."""
    return f"older-{account_id}" if content_id is None else f"work-{content_id}"


def has_fresh_comments(card: AccountCard) -> bool:
    return card.is_fresh and any(look.startswith("comments:") for look in card.observed.split())


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
            row_id=format_row_id(account.id, None),
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
        row_id=format_row_id(account.id, work.content_id),
        href=opened.of_work(work.content_id, work.account_id),
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
    return [LinkChoice(names[t], address.with_(tab=t).of_list, address.tab == t, counts[t]) for t in WORKS_TABS]


def _sorts(address: WorksAddress) -> list[LinkChoice]:
    names = {
        "recent": gettext("Latest comment"),
        "published": gettext("Latest work"),
        "comments": gettext("Most comments"),
    }
    return make_choices(names, address.sort, lambda sort: address.with_(sort=sort).of_list)
