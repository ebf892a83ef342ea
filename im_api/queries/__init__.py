"""Choose, sort, page: the only door from the API and the inbox to `sync`.

Rows come as they are kept; `im_api.shapes` renders them. Every function takes the principal who asks, or an
AuthorizedAccount that was given to one. All raise HubNotReady while the hub is loading.

scope.py             authorized accounts: who may see or change which account, at one version
items.py             one item by its id
lists.py             pages of items, under filters
stretches.py         a part of one thread: around an item, older, newer
threads.py           pages of the inbox: conversations, comment threads and notices as rows
works.py             works by the comments under them
cursors.py           the place where a page begins: opaque, bound to its route and filters
pinned_order.py      the order of rows that the first page of a walk fixed
store_memory.py      what is kept beside the store between requests
writes.py            what operators do to items; replies.py: to saved replies
accounts.py          what the owner does to accounts; owner.py: grants and workers
login/               logging an account in and out
account_overview.py  state, pace, day and worker of an account, for the pages
health/              whether somebody must act for an account
liveness.py          the worker of an account at this moment
events.py            events of an account: live, or those that a client missed
people.py            a person across conversations and comments, and the notes on people
status.py            the hub itself
database_errors.py   a database that cannot serve now
"""

from im_api.queries.accounts import create_account, delete_account, update_account
from im_api.queries.cursors import PageRequest
from im_api.queries.items import (
    Found,
    entry_in,
    find_item,
    get_conversation,
    is_unseen,
    thread_in,
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
    recalled_words,
)
from im_api.queries.liveness import Liveness, get_liveness
from im_api.queries.scope import (
    AuthorizedAccount,
    catch_up,
    find_authorized,
    get_authorized,
    has_reached,
    list_authorized,
    list_granted_ids,
    versions_of,
    with_body,
)
from im_api.queries.status import get_hub_overview
from im_api.queries.stretches import ReadStretch, StretchRequest, read_messages, read_replies
from im_api.queries.writes import ReadOutcome, make_conversation, operate, read_before, read_items, read_one
from im_api.saved_replies import ReplyInfo
from sync.core.change.changes import Action
from sync.core.lists.filters import (
    CommentFilter,
    ContentFilter,
    ConversationFilter,
    FeedFilter,
    MessageFilter,
    NotificationFilter,
)
from sync.hub_errors import HubBusy, HubNotReady
from sync.protocol.failure_reports import WRONG_ACCOUNT, FailureReport, parse_failure_report
from sync.protocol.items import COLLECTIONS, Collection, MessageStatus
from sync.storage.records import USER, Actor, format_origin

__all__ = [
    "COLLECTIONS",
    "USER",
    "WRONG_ACCOUNT",
    "AccountFilter",
    "Action",
    "Actor",
    "AuthorizedAccount",
    "Collection",
    "CommentFilter",
    "ContentFilter",
    "ConversationFilter",
    "FailureReport",
    "FeedFilter",
    "Found",
    "HubBusy",
    "HubNotReady",
    "Listed",
    "Liveness",
    "MessageFilter",
    "MessageStatus",
    "NotificationFilter",
    "PageRequest",
    "ReadOutcome",
    "ReadStretch",
    "ReplyInfo",
    "StretchRequest",
    "catch_up",
    "create_account",
    "delete_account",
    "entry_in",
    "find_authorized",
    "find_item",
    "format_origin",
    "get_authorized",
    "get_conversation",
    "get_hub_overview",
    "get_liveness",
    "has_reached",
    "is_unseen",
    "list_accounts",
    "list_authorized",
    "list_comments",
    "list_contents",
    "list_conversations",
    "list_feed",
    "list_granted_ids",
    "list_messages",
    "list_notifications",
    "list_replies",
    "make_conversation",
    "operate",
    "parse_failure_report",
    "read_before",
    "read_items",
    "read_messages",
    "read_one",
    "read_replies",
    "recalled_words",
    "thread_in",
    "update_account",
    "versions_of",
    "with_body",
]
