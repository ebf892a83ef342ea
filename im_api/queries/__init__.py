"""Choose, sort, page: the only door from the API to `sync`. Rows come as they are kept; `im_api.shapes` renders them.

scope.py    who may see which account, and the account at one version
items.py    one item by its id
lists.py    pages of items, under filters
cursors.py  where a page begins: opaque, bound to its route and filters
walks.py    the order of conversations that a walk of pages began with
status.py   the hub itself
"""

from im_api.queries.cursors import PageRequest
from im_api.queries.items import (
    get_comment,
    get_content,
    get_conversation,
    get_message,
    get_notification,
)
from im_api.queries.lists import (
    AccountFilter,
    Listed,
    list_accounts,
    list_comments,
    list_contents,
    list_conversations,
    list_feed,
    list_messages,
    list_notifications,
    list_replies,
)
from im_api.queries.scope import Reading, get_reading, get_readings, has_reached, versions_of
from im_api.queries.status import read_hub
from sync.core.filters import (
    CommentFilter,
    ContentFilter,
    ConversationFilter,
    FeedFilter,
    MessageFilter,
    NotificationFilter,
)
from sync.hub import HubNotReady

__all__ = [
    "AccountFilter",
    "CommentFilter",
    "ContentFilter",
    "ConversationFilter",
    "FeedFilter",
    "HubNotReady",
    "Listed",
    "MessageFilter",
    "NotificationFilter",
    "PageRequest",
    "Reading",
    "get_comment",
    "get_content",
    "get_conversation",
    "get_message",
    "get_notification",
    "get_reading",
    "get_readings",
    "has_reached",
    "list_accounts",
    "list_comments",
    "list_contents",
    "list_conversations",
    "list_feed",
    "list_messages",
    "list_notifications",
    "list_replies",
    "read_hub",
    "versions_of",
]
