"""The lists that are paged, a hub with items of random times, and walks through them."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from im_api.access import Principal
from im_api.queries import lists
from im_api.queries.cursors import PageRequest
from im_api.queries.threads import InboxRow, RowFilter, list_threads
from sync.core.account.conversations import ConversationState
from sync.core.account.history import LAST
from sync.core.lists.filters import (
    CommentFilter,
    ContentFilter,
    ConversationFilter,
    FeedFilter,
    MessageFilter,
    NotificationFilter,
)
from sync.core.lists.pages import FeedRow
from sync.hub import Hub, set_hub
from sync.protocol.items import Content
from tests.im_api.builders import MINUTE, T0, a_comment, a_conversation, a_message, a_notice, a_snapshot, a_work
from tests.im_api.conftest import NOW, a_directory, an_account

OWNER = Principal(user_id=1, username="owner", is_staff=True, is_active=True)
FANS = ["ann", "bea", "cid", "dan"]
minutes = st.one_of(st.none(), st.integers(-5, 30))
orders = st.sampled_from([None, None, "7", "12"])
flags = st.one_of(st.none(), st.booleans())
texts = st.one_of(st.none(), st.sampled_from(["1", "多", "FAN", "zzz"]))


@st.composite
def items(draw: Any, first: int, size: int, account: str = "acc-a") -> dict[str, list[dict[str, Any]]]:
    """A snapshot's collections whose ids begin at `first`."""
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in a_snapshot_names()}
    for number in range(first, first + draw(st.integers(0, size))):
        fan, minute, flag = draw(st.sampled_from(FANS)), draw(minutes), draw(st.booleans())
        side = draw(st.sampled_from(["inbound", "outbound"]))
        content = draw(st.sampled_from(["多少钱", "hello", None]))
        fields = {"direction": side, "content": content, "isRecalled": flag, "order": draw(orders)}
        made["messages"].append(a_message(str(number), fan, minute, account, **fields))
        # What comes later must not make an older work a new one: it would no longer match its filter.
        work = f"w{number % 3}" if first == 0 else f"later{number}"
        parent = draw(st.one_of(st.none(), st.just(str(first))))
        made["comments"].append(
            a_comment(str(number), work, minute, account, parentCommentId=parent, isAuthorReply=flag)
        )
        made["contents"].append(a_work(f"w{number}", account, minute, type=draw(st.sampled_from(["video", "article"]))))
        kind = draw(st.sampled_from(["like", "follow"]))
        made["notifications"].append(a_notice(str(number), minute, account, type=kind))
        made["conversations"].append(
            a_conversation(
                f"c{number}",
                account,
                isPinned=flag,
                unreadCount=number % 2,
                isMuted=not flag,
                lastMessageTime=minute_ms(minute),
            )
        )
    return made


def a_snapshot_names() -> list[str]:
    return ["conversations", "messages", "contents", "comments", "notifications"]


def minute_ms(minute: int | None) -> int | None:
    return None if minute is None else T0 + minute * MINUTE


class List(NamedTuple):
    """A list, the filters it takes, and how its rows are told apart."""

    name: str
    fetch: Callable[[Any, PageRequest], lists.Listed[Any]]
    filters: st.SearchStrategy[Any]
    id_of: Callable[[Any], Any]


def entry_id(entry: Any) -> str:
    return str(entry.item.id)


LISTS = [
    List(
        "conversations",
        lambda where, page: lists.list_conversations(OWNER, "acc-a", where, page),
        st.builds(ConversationFilter, is_pinned=flags, is_muted=flags, unread=flags, q=texts),
        lambda thread: thread.id,
    ),
    List(
        "messages",
        lambda where, page: lists.list_messages(OWNER, "acc-a", where, page),
        st.builds(
            MessageFilter,
            conversation_id=st.one_of(st.none(), st.sampled_from([f"conv_acc-a_{fan}" for fan in FANS])),
            direction=st.sampled_from([None, "inbound", "outbound"]),
            is_read=flags,
            is_recalled=flags,
            since=st.one_of(st.none(), st.integers(-5, 30).map(minute_ms)),
            until=st.one_of(st.none(), st.integers(-5, 30).map(minute_ms)),
            q=texts,
        ),
        entry_id,
    ),
    List(
        "contents",
        lambda where, page: lists.list_contents(OWNER, "acc-a", None, where, page),
        st.builds(ContentFilter, type=st.sampled_from([None, "video"]), is_new=flags, q=texts),
        entry_id,
    ),
    List(
        "comments",
        lambda where, page: lists.list_comments(OWNER, "acc-a", None, where, page),
        st.builds(
            CommentFilter,
            content_id=st.sampled_from([None, "cont_acc-a_w1"]),
            parent_comment_id=st.sampled_from([None, "comm_acc-a_0"]),
            is_read=flags,
            is_new=flags,
            q=texts,
        ),
        entry_id,
    ),
    List(
        "notifications",
        lambda where, page: lists.list_notifications(OWNER, "acc-a", where, page),
        st.builds(NotificationFilter, type=st.sampled_from([None, "like"]), is_read=flags),
        entry_id,
    ),
    List(
        "feed",
        lambda where, page: lists.list_feed(OWNER, "all", where, page),
        st.builds(
            FeedFilter,
            kinds=st.one_of(st.none(), st.frozensets(st.sampled_from(["comment", "direct_message", "notification"]))),
            is_new=flags,
            is_read=flags,
            is_pinned=flags,
            is_muted=flags,
            since=st.one_of(st.none(), st.integers(-5, 30).map(minute_ms)),
            q=texts,
        ),
        lambda row: (row.view.account_id, row.entry.item.id),
    ),
    List(
        "threads",
        lambda where, page: list_threads(OWNER, "all", None, where[0], where[1], page),
        st.tuples(
            st.builds(
                RowFilter,
                kinds=st.one_of(
                    st.none(), st.frozensets(st.sampled_from(["direct_message", "comment", "notification"]))
                ),
                unread=flags,
                needs_reply=flags,
                is_pinned=flags,
                is_muted=flags,
                q=texts,
            ),
            st.sampled_from(["latest", "waiting"]),
        ),
        lambda row: row.id,
    ),
]


def a_hub(first: dict[str, Any], other: dict[str, Any]) -> Hub:
    hub = Hub(clock=lambda: NOW)
    hub.directory = a_directory(an_account("acc-a"), an_account("acc-b"))
    hub.store.update_account_data("acc-a", a_snapshot(**{"conversations": [], **first}), now=T0)
    hub.store.update_account_data("acc-b", a_snapshot(**{"conversations": [], **other}), now=T0)
    set_hub(hub)
    return hub


def walk(a_list: List, where: Any, count: int, between: Callable[[], None] = lambda: None) -> list[Any]:
    seen, cursor = [], None
    for _ in range(500):
        page = a_list.fetch(where, PageRequest(a_list.name, count, cursor))
        assert len(page.rows) <= count
        seen += [a_list.id_of(row) for _, row in page.rows]
        cursor = page.cursor
        if cursor is None:
            return seen
        assert not cursor.isdigit()
        between()
    raise AssertionError("the walk does not end")


def place_of(row: Any) -> tuple[Any, ...]:
    """The place of a row in the order that the API promises; the greatest comes first."""
    if isinstance(row, ConversationState):
        return row.pinned, *place_at(row.sort_time, row.id.removeprefix("conv_acc-a_"), row.id)
    if isinstance(row, InboxRow):
        named = row.id if row.kind == "notification" else re.sub("^(conv|comm)_acc-[ab]_", "", row.id)
        return row.is_pinned, *place_at(row.update_time, named, row.id)
    item = row.entry.item if isinstance(row, FeedRow) else row.item
    time = item.publish_time if isinstance(item, Content) else item.created_at
    return place_at(time, getattr(item, "order", None) or item.platform_id, item.id)


def found_time(row: InboxRow) -> int:
    """The time by which a search lists a row: of the newest item that holds the text, else its own."""
    if row.hit is None or row.hit.place is None:
        return -1 if row.update_time is None else row.update_time
    return -1 if row.hit.place[0] == LAST else -row.hit.place[0]


def place_at(time: int | None, platform: str, item_id: str) -> tuple[Any, ...]:
    return time is not None, time, len(platform), platform, item_id


CONVERSATIONS, MESSAGES, FEED, THREADS = (LISTS[number] for number in (0, 1, 5, 6))
