"""One count, one rule: whoever shows how many are unread and how many wait shows the same, whatever happened before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from im_api.access import Principal
from inbox.pages.address import Address
from inbox.pages.inbox_page import InboxPage, read_inbox
from inbox.pages.rail import Rail, read_rail
from sync.core.account.inbox_rows import FEED_KINDS
from sync.core.change.apply import apply
from sync.core.change.changes import ReadBefore
from sync.core.change.snapshot_validation import validate_snapshot
from sync.hub import Hub
from sync.protocol.messages import Snapshot
from sync.storage.records import Actor
from sync.writing.jobs import Done, Job
from tests.sync.histories import NOW, a_conversation, a_message, raw_items, write_history
from tests.sync.threaded_hub import running_hub, settle

MINUTE = 60_000
ALL_TIME = 10**15 - 1


def a_comment(number: int, parent: int | None = None, **fields: Any) -> dict[str, Any]:
    facts = {"id": f"k{number}", "commentId": f"k{number}", "contentId": "w1", "createdAt": NOW - MINUTE + number}
    return {**facts, "authorId": f"fan{number}", **({"parentCommentId": f"k{parent}"} if parent else {}), **fields}


def a_notice(number: int, kind: str) -> dict[str, Any]:
    return {"id": f"n{number}", "notificationId": f"n{number}", "type": kind, "createdAt": NOW - MINUTE + number}


EVERYTHING: dict[str, list[dict[str, Any]]] = {
    "conversations": [
        a_conversation(1, userId="u1"),
        a_conversation(2, userId="u2", isMuted=True, unreadCount=5),
        a_conversation(3, userId="u3", isPinned=True),
        a_conversation(4, userId="u4", type="group", groupName="读书会"),
        a_conversation(5, userId="u5", unreadCount=2),
        a_conversation(6, userId="u6", isMuted=True, isPinned=True),
    ],
    "messages": [
        a_message(1, 1), a_message(2, 1), a_message(3, 2), a_message(4, 3), a_message(5, 4),
        a_message(6, 3, direction="outbound"), a_message(7, 6), a_message(8, 3),
    ],
    "comments": [
        a_comment(1), a_comment(2, 1), a_comment(3), a_comment(4, 3, isAuthorReply=True, authorId="me"), a_comment(5),
        a_comment(6, 5), a_comment(7, 3, replyToUserId="me"),
    ],
    "notifications": [a_notice(1, "like"), a_notice(2, "follow"), a_notice(3, "system"), a_notice(4, "mention")],
}  # fmt: skip
FILTERS: list[dict[str, Any]] = [
    {}, {"kind": "direct_message"}, {"kind": "comment"}, {"kind": "notification"}, {"pinned": True}, {"muted": True},
    {"new_people": True}, {"accounts": ("roses",)}, {"accounts": ("tea",)}, {"group": "花"}, {"q": "word"},
    {"pinned": True, "muted": True}, {"kind": "direct_message", "q": "word 1"},
]  # fmt: skip


@pytest.fixture
def owner(transactional_db: None) -> User:
    return get_user_model().objects.create_superuser("owner")


@pytest.fixture
def browser(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def hub(owner: User) -> Iterator[Hub]:
    for account in ("roses", "tea"):
        write_history(account, {"conversations": []}, now=NOW - 2 * MINUTE)
    write_history("roses", EVERYTHING)
    write_history("tea", {"conversations": [a_conversation(1)], "messages": [a_message(1)]})
    with running_hub() as hub:
        yield hub


def sync(hub: Hub, **lists: list[dict[str, Any]]) -> None:
    data = {name: raw_items(items) for name, items in lists.items()}
    wire = Snapshot(platform="douyin", data=data, partial=tuple(lists))  # type: ignore[arg-type]  # names of collections
    done: list[Any] = []
    hub.writer.submit(
        Job(
            account_id="roses",
            make=lambda view, _at, _check: validate_snapshot(view, wire, NOW),
            actor=Actor("test"),
            answer=done.append,
        )
    )
    while not done:
        settle(hub)
    assert isinstance(done[0], Done)


def the_page(owner: User, tab: str, **wanted: Any) -> InboxPage:
    principal = Principal(user_id=owner.pk, username="owner", is_staff=True, is_active=True)
    return read_inbox(principal, Address(tab=tab, **wanted), 200, None)


def tab_counts(page: InboxPage) -> tuple[int, int]:
    assert page.filters is not None
    counts = [tab.count for tab in page.filters.tabs]
    return counts[0] or 0, counts[1] or 0


def check_tabs(owner: User, wanted: dict[str, Any]) -> tuple[int, int]:
    """The tabs say what their lists have: rows that wait, and unread items. Return both."""
    waits, unread = the_page(owner, "wait", **wanted), the_page(owner, "unread", **wanted)
    counts = tab_counts(waits)
    assert tab_counts(unread) == tab_counts(the_page(owner, "all", **wanted)) == counts
    assert len(waits.rows) == counts[0], wanted
    assert all(row.needs_reply for row in waits.rows)
    assert sum(row.unread for row in unread.rows) == counts[1], wanted
    every = the_page(owner, "all", **wanted).rows
    assert sum(row.unread for row in every if row.calls) == counts[1]
    return counts


def number(pattern: str, html: str) -> int:
    found = re.search(pattern, html)
    return int(found[1]) if found else 0


def mark_all(hub: Hub) -> int:
    """How many items would be marked as read."""
    change, marked = ReadBefore(before=ALL_TIME, kinds=FEED_KINDS), 0
    for account_id in hub.store.account_ids():
        view = hub.store.get_view(account_id)
        marked += view.totals.total_unread - apply(view, change, NOW).view.totals.total_unread
    return marked


def check_all(browser: Client, owner: User, hub: Hub) -> tuple[int, int]:
    """Return (rows that wait, unread items), which everybody says alike."""
    settle(hub)
    waits, unread = check_tabs(owner, {})
    home, accounts = browser.get("/").content.decode(), browser.get("/accounts").content.decode()
    assert number(r"<title>\((\d+)\)", home) == (waits or unread)
    assert number(r'id="unread-all"[^>]*>(\d+)<', home) == unread
    rail = home[home.index('<nav id="rail"') :]
    assert sum(map(int, re.findall(r'data-unread="(\d+)"', rail[: rail.index("</nav>")]))) == unread
    assert sum(map(int, re.findall(r"<dt>Waiting</dt><dd>(\d+)", accounts))) == waits
    stats = browser.get("/api/im/unified-messages/stats?account_id=all").json()["data"]
    assert (stats["needs_reply"], stats["total_unread"]) == (waits, unread)
    assert unread == sum(
        stats[f"unread_{kind}"] for kind in ("comments", "discussions", "direct_messages", "notifications")
    )
    users = browser.get("/api/im/accounts").json()["data"]["users"]
    assert sum(user["needs_reply_count"] for user in users) == waits
    assert sum(user["unread_count"] for user in users) == unread
    for query, count in (("needs_reply", waits), ("unread", unread)):
        rows = browser.get(f"/api/im/threads?account_id=all&count=200&{query}=true").json()["data"]["threads"]
        assert (len(rows) if query == "needs_reply" else sum(row["unread_count"] for row in rows)) == count
    assert check_admin(browser) == (waits, unread)
    metrics = browser.get("/metrics").content.decode()
    assert number(r"imhub_needs_reply (\d+)", metrics) == waits
    assert sum(map(int, re.findall(r"imhub_unread{[^}]*} (\d+)", metrics))) == unread
    assert mark_all(hub) == unread
    return waits, unread


def check_admin(browser: Client) -> tuple[int, int]:
    table = browser.get("/admin/sync/account/").content.decode()
    columns = [re.findall(rf'<td class="field-{name}[^"]*">(\d+)<', table) for name in ("needs_reply", "unread")]
    return sum(map(int, columns[0])), sum(map(int, columns[1]))


def test_what_a_page_counts_as_new_is_in_its_list_though_somebody_writes_while_it_is_made(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_late(principal: Principal) -> Rail:
        sync(hub, messages=[a_message(99, 9)])
        return read_rail(principal)

    def look() -> tuple[set[str], set[str], int]:
        """Return the rows, those that are told as the newest, and what is unread."""
        html = browser.get("/?tab=all").content.decode()
        told = re.search(r'data-newest="([^"]*)"', html)
        assert told is not None
        newest = {row_id for row_id, _time, _calls in json.loads(unescape(told[1]))}
        return set(re.findall(r' data-thread="([^"]+)"', html)), newest, number(r'id="unread-all"[^>]*>(\d+)<', html)

    before = look()
    assert "conv_roses_c9" not in before[0] | before[1]
    monkeypatch.setattr("inbox.pages.inbox_page.read_rail", read_late)
    assert look() == before
    monkeypatch.undo()
    after = look()
    assert after[0] - before[0] == after[1] - before[1] == {"conv_roses_c9"}
    assert after[2] == before[2] + 1


CHANGES: list[tuple[str, str, tuple[int, int]]] = [
    ("PUT", "conversations/c1/read", (0, -2)),
    ("DELETE", "conversations/c1/read", (0, +1)),
    ("PUT", "conversations/c1/done", (-1, 0)),
    ("DELETE", "conversations/c1/done", (+1, 0)),
    ("PUT", "conversations/c1/mute", (-1, -1)),
    ("DELETE", "conversations/c1/mute", (+1, +1)),
    ("PUT", "conversations/c1/pin", (0, 0)),
    ("DELETE", "conversations/c5", (0, -2)),
    ("PUT", "conversations/c5/restore", (0, +2)),
    ("DELETE", "conversations/c2", (0, 0)),
    ("DELETE", "conversations/c4", (-1, -1)),
    ("PUT", "discussions/k1/read", (0, -1)),
    ("PUT", "discussions/k1/done", (-1, 0)),
    ("DELETE", "discussions/k1/done", (+1, 0)),
    ("DELETE", "discussions/k5", (-1, -1)),  # a fan answered a fan under it
    ("PUT", "discussions/k5/restore", (+1, +1)),
    ("PUT", "notifications/n1/read", (0, 0)),
    ("PUT", "notifications/n3/read", (0, -1)),
    ("PUT", "messages/m8/read", (0, -1)),
    ("DELETE", "messages/m8/read", (0, +1)),
]


def test_every_place_shows_the_same_counts_in_one_snapshot_and_after_every_kind_of_change(
    browser: Client, owner: User, hub: Hub
) -> None:
    for wanted in FILTERS:
        check_tabs(owner, wanted)
    counts = check_all(browser, owner, hub)
    for number_of_change, (method, path, change) in enumerate(CHANGES):
        answer = browser.generic(method, f"/api/im/{path}?account_id=roses")
        assert answer.status_code == 200, (path, answer.content)
        after = check_all(browser, owner, hub)
        assert (after[0] - counts[0], after[1] - counts[1]) == change, (method, path)
        counts = after
        for wanted in FILTERS[number_of_change % 4 :: 4]:
            check_tabs(owner, wanted)
    sync(
        hub,
        messages=[a_message(20, 3), a_message(21, 2)],
        comments=[a_comment(20)],
        notifications=[a_notice(20, "like")],
    )
    after = check_all(browser, owner, hub)
    assert (after[0] - counts[0], after[1] - counts[1]) == (1, 2)
    for wanted in FILTERS:
        check_tabs(owner, wanted)
    body = {"account_id": "all", "before": ALL_TIME}
    marked = browser.put("/api/im/unified-messages/read-many", body, content_type="application/json").json()["data"]
    assert marked == {"marked_count": after[1], "complete": True}
    assert check_all(browser, owner, hub) == (after[0], 0)


def test_where_nobody_waits_the_title_counts_what_is_unread(browser: Client, owner: User, hub: Hub) -> None:
    for row in browser.get("/api/im/threads?account_id=all&count=200&needs_reply=true").json()["data"]["threads"]:
        kind = "conversations" if row["conversation_id"] else "discussions"
        browser.put(
            f"/api/im/{kind}/{row['conversation_id'] or row['discussion_id']}/done?account_id={row['account_id']}"
        )
    waits, unread = check_all(browser, owner, hub)
    assert waits == 0 < unread
    browser.put("/api/im/unified-messages/read-many", {"account_id": "all", "before": ALL_TIME}, "application/json")
    assert check_all(browser, owner, hub) == (0, 0)
    assert "<title>Inbox · IM Hub</title>" in browser.get("/").content.decode()
