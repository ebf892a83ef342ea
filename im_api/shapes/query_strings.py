"""The query strings of routes, as clients send them. None is a parameter that was not sent.

Each is declared here once: im_api/params.py reads it, im_api/openapi/ describes it, and a filter is made of it by
`as_filter`, which takes the fields of the same names. Times are ms UTC.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from im_api.errors import BadRequest
from im_api.params import DEFAULT_COUNT, MAX_COUNT, Count, Hours, Search, Time
from im_api.queries import PageRequest
from im_api.queries.scope import ALL
from im_api.queries.threads import Sort
from im_api.shapes.accounts import AccountStatus
from im_api.shapes.common import ACCOUNT_ID, Direction, MessageType
from im_api.shapes.conversations import ConversationStatus, MessageStatus
from im_api.shapes.feed import BusinessType
from im_api.shapes.threads import ThreadKind
from im_api.shapes.works import ContentType, NotificationType
from sync.core.replies.reply import ReplyState
from sync.protocol.platforms import DEFAULT_PLATFORM

F = TypeVar("F", bound=Struct)

CURSOR: Final = (
    "Where the page begins: the `cursor` of the page before, absent or `0` at the start. Opaque, and good for the same"
    " route and filters only. A plain integer is an offset."
)


def _like(pattern: str) -> dict[str, Any]:
    """The pattern is said, not checked: another text names no account, which is 404."""
    return {"pattern": f"^{pattern}$"}


TAKE_ALL: Final = ("/threads", "/unified-messages", "/unified-messages/stats", "/unified-messages/read-many")
"""The routes for which `all` is an account id."""


def check_one_account(account_id: str) -> str:
    """Return `account_id`. Raises BadRequest for `all`, with the routes that take it."""
    if account_id == ALL:
        raise BadRequest(f"account_id must be one account here: all is for {', '.join(TAKE_ALL)}")
    return account_id


def _read_one_account(_name: str, text: str) -> str | None:
    return check_one_account(text) or None


# -- parameters that several query strings have

OneAccount = Annotated[
    str,
    Meta(description="The account.", examples=["xiaoman"], extra_json_schema=_like(ACCOUNT_ID)),
    _read_one_account,
]
AccountIfAny = Annotated[
    str | None,
    Meta(description="The account.", examples=["xiaoman"], extra_json_schema=_like(f"({ACCOUNT_ID})?")),
    _read_one_account,
]
AccountOfItem = Annotated[
    str | None,
    Meta(
        description="Needed only for an id that occurs in several accounts.",
        extra_json_schema=_like(f"({ACCOUNT_ID})?"),
    ),
    _read_one_account,
]
Accounts = Annotated[
    str,
    Meta(
        description="One account, several separated by commas, or `all`.",
        examples=["all", "xiaoman,shanye"],
        extra_json_schema=_like(f"{ACCOUNT_ID}(,{ACCOUNT_ID})*"),
    ),
]
Platform = Annotated[str | None, Meta(description="Only of this platform.", examples=[DEFAULT_PLATFORM])]
IsRead = Annotated[bool | None, Meta(description="Only read ones, or only others.")]
IsNew = Annotated[bool | None, Meta(description="Only those with something unread from others, or only others.")]
IsPinned = Annotated[bool | None, Meta(description="Only pinned ones, or only others.")]
IsMuted = Annotated[bool | None, Meta(description="Only muted ones, or only others.")]
Since = Annotated[Time, Meta(description="Not before this time. Milliseconds UTC; seconds are refused.")]


HowMany = Annotated[Count, Meta(description=f"How many items. Above {MAX_COUNT} is {MAX_COUNT}.")]


class QueryString(Struct, frozen=True, kw_only=True):
    """Base of all query strings."""

    def as_filter(self, kind: type[F]) -> F:
        """Return a filter of this kind with the values of the same names; what it has besides keeps its default."""
        return msgspec.convert(self, kind, from_attributes=True)


class PageQuery(QueryString, frozen=True, kw_only=True):
    """Base of the query strings of lists."""

    count: HowMany = DEFAULT_COUNT
    cursor: Annotated[str | None, Meta(description=CURSOR, extra_json_schema={"format": "cursor"})] = None

    def page(self, route: str) -> PageRequest:
        """Return the page that is asked for, of the list `route`."""
        return PageRequest(route, self.count, self.cursor)


# -- items


class ItemQuery(QueryString, frozen=True, kw_only=True):
    """Any route that names one item by its id."""

    account_id: AccountOfItem = None


# -- accounts


class AccountsQuery(PageQuery, frozen=True, kw_only=True):
    status: Annotated[AccountStatus | None, Meta(description="Only of this status.")] = None
    platform: Platform = None


class CoverageQuery(QueryString, frozen=True, kw_only=True):
    hours: Annotated[Hours, Meta(description="How many hours back from now.")] = 24


# -- conversations and messages


class ConversationsQuery(PageQuery, frozen=True, kw_only=True):
    """All conversations are active, so `status` selects nothing."""

    account_id: OneAccount
    status: Annotated[ConversationStatus | None, Meta(description="Only of this status.")] = None
    is_pinned: IsPinned = None
    is_muted: IsMuted = None
    unread: Annotated[bool | None, Meta(description="Only those with unread messages, or only others.")] = None
    q: Annotated[Search, Meta(description="Part of a name or of the last message.", examples=["橘子"])] = None


class MessageFilterQuery(PageQuery, frozen=True, kw_only=True):
    """The filters of messages, which two routes have."""

    count: HowMany = 50
    sender_id: Annotated[str | None, Meta(description="Only from this person.")] = None
    receiver_id: Annotated[str | None, Meta(description="Only to this person.")] = None
    direction: Annotated[Direction | None, Meta(description="Only to the account, or only from it.")] = None
    status: Annotated[MessageStatus | None, Meta(description="Only of this status.")] = None
    type: Annotated[MessageType | None, Meta(description="Only of this type.")] = field(
        name="message_type", default=None
    )
    is_read: IsRead = None
    is_deleted: Annotated[bool | None, Meta(description="Only deleted ones, or only others.")] = None
    is_recalled: Annotated[bool | None, Meta(description="Only recalled ones, or only others.")] = None
    since: Since = field(name="since_time", default=None)
    until: Annotated[Time, Meta(description="Before this time. Milliseconds UTC; seconds are refused.")] = field(
        name="until_time", default=None
    )
    q: Annotated[Search, Meta(description="Part of the content or of the sender's name.", examples=["洋桔梗"])] = None


class MessagesQuery(MessageFilterQuery, frozen=True, kw_only=True):
    """One of the two ids is needed."""

    account_id: AccountIfAny = None
    conversation_id: Annotated[str | None, Meta(description="Only of this conversation.")] = None


class ConversationMessagesQuery(MessageFilterQuery, frozen=True, kw_only=True):
    account_id: AccountOfItem = None


# -- works, comments and notices


class ContentsQuery(PageQuery, frozen=True, kw_only=True):
    account_id: OneAccount
    platform: Platform = None
    type: Annotated[ContentType | None, Meta(description="Only of this type.")] = field(
        name="content_type", default=None
    )
    is_new: IsNew = None
    q: Annotated[Search, Meta(description="Part of the title or the description.", examples=["洋桔梗"])] = None


class CommentFilterQuery(PageQuery, frozen=True, kw_only=True):
    """The filters of comments, which two routes have."""

    content_id: Annotated[str | None, Meta(description="Only under this work.")] = None
    parent_comment_id: Annotated[str | None, Meta(description="Only replies to this comment.")] = None
    is_read: IsRead = None
    is_new: IsNew = None
    q: Annotated[
        Search, Meta(description="Part of the content, the author's name or the work's title.", examples=["杭州"])
    ] = None


class DiscussionsQuery(CommentFilterQuery, frozen=True, kw_only=True):
    account_id: OneAccount
    platform: Platform = None


class RepliesQuery(CommentFilterQuery, frozen=True, kw_only=True):
    account_id: AccountOfItem = None


class WrittenRepliesQuery(PageQuery, frozen=True, kw_only=True):
    """One of the three ids is needed."""

    account_id: AccountIfAny = None
    conversation_id: Annotated[str | None, Meta(description="Only to this conversation.")] = None
    discussion_id: Annotated[str | None, Meta(description="Only to this comment, or to one of its thread.")] = None
    state: Annotated[ReplyState | None, Meta(description="Only of this state.")] = None


class SavedRepliesQuery(PageQuery, frozen=True, kw_only=True):
    """All, or those that may be sent as one account."""

    account_id: AccountIfAny = None


class NotificationsQuery(PageQuery, frozen=True, kw_only=True):
    account_id: OneAccount
    type: Annotated[NotificationType | None, Meta(description="Only of this type.")] = None
    is_read: IsRead = None


# -- several accounts


class StatsQuery(QueryString, frozen=True, kw_only=True):
    account_id: Accounts


class FeedQuery(PageQuery, frozen=True, kw_only=True):
    account_id: Accounts
    kinds: Annotated[frozenset[BusinessType] | None, Meta(description="Only of these types, separated by commas.")] = (
        field(name="types", default=None)
    )
    is_new: Annotated[bool | None, Meta(description="Only unread ones from others, or only others.")] = None
    is_read: IsRead = None
    is_pinned: Annotated[
        bool | None, Meta(description="Only of pinned conversations or pinned comments, or only others.")
    ] = None
    is_muted: Annotated[bool | None, Meta(description="Only of muted conversations, or only others.")] = None
    since: Since = field(name="since_time", default=None)
    q: Annotated[
        Search,
        Meta(description="Part of the content, the sender's name or the work's title.", examples=["洋桔梗"]),
    ] = None


class ThreadsQuery(PageQuery, frozen=True, kw_only=True):
    account_id: Accounts
    kinds: Annotated[frozenset[ThreadKind] | None, Meta(description="Only of these kinds, separated by commas.")] = (
        field(name="kind", default=None)
    )
    unread: Annotated[
        bool | None,
        Meta(description="Only those with something unread (likes and follows do not count), or only others."),
    ] = None
    needs_reply: Annotated[bool | None, Meta(description="Only those where somebody waits, or only others.")] = None
    is_pinned: IsPinned = None
    is_muted: IsMuted = None
    group: Annotated[
        str | None, Meta(description="Only accounts that the owner put into this group.", examples=["花店"])
    ] = None
    sort: Annotated[Sort | None, Meta(description="`waiting`: who waits longest, then the others by time.")] = None
    q: Annotated[Search, Meta(description="Part of a name, a message, a comment or a title.", examples=["尺码"])] = None
