"""The items of a snapshot. Attributes are domain names; the wire's camelCase is made by `rename` and `name=` here only.

Stored as they are here, wrapped by what the hub knows (`sync.core.account.entries.Entry`). `platform_id` is the
platform's own id; references (`conversation_id`, ...) hold the `id` of an item once the receiver has resolved them.
Times are ms UTC or None, sizes bytes, durations seconds. None means unknown, never a default.
"""

from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct, field

Collection = Literal["conversations", "messages", "contents", "comments", "notifications"]
COLLECTIONS: Final[tuple[Collection, ...]] = get_args(Collection)

Id = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Millis = Count
"""ms UTC. Above 2**53 neither JavaScript nor every database keeps it."""

SortKey = Annotated[str, Meta(pattern=r"^[0-9]{1,40}\Z")]
"""The platform's own sort key: a decimal number of any size."""

MessageType = Literal["text", "image", "video", "audio", "file", "link", "card", "sticker", "system", "other"]
Direction = Literal["inbound", "outbound"]
MessageStatus = Literal["sending", "sent", "delivered", "read", "failed"]
ConversationType = Literal["private", "group"]
ContentType = Literal["video", "image", "article", "live"]
NotificationType = Literal["like", "comment", "follow", "mention", "system"]


class Item(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """Base of all items. `updated_at` is the worker's and does not make an item a changed one."""

    id: Id
    created_at: int | None = None
    updated_at: int | None = None


class Conversation(Item, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """A private conversation with one person or a group. `user_…`: the other side. `is_stranger`: the platform keeps
    it apart, because neither follows the other. `is_folded`: the owner folded it away there. `remark_name`: the owner's
    own name for the person.
    """

    platform_id: Id = field(name="conversationId")
    type: ConversationType | None = None
    user_id: str | None = None
    user_name: str | None = None
    user_avatar: str | None = None
    group_name: str | None = None
    member_count: Count | None = None
    unread_count: Count | None = None
    is_pinned: bool | None = None
    is_muted: bool | None = None
    is_blocked: bool | None = None
    is_stranger: bool | None = None
    is_folded: bool | None = None
    remark_name: str | None = None
    last_message_id: str | None = None
    last_message_content: str | None = None
    last_message_type: MessageType | None = None
    last_message_time: int | None = None
    last_message_sender_id: str | None = None


class Message(Item, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """A message of a conversation. A `system` one is the platform's own line: nobody wrote it, nobody answers it.

    `direction` is filled in by the hub if the worker does not know it.

    `order`: the platform's own sort key, which tells apart what was said at one time.
    """

    platform_id: Id = field(name="messageId")
    conversation_id: Id
    sender_id: str | None = None
    sender_name: str | None = None
    sender_avatar: str | None = None
    recipient_id: str | None = None
    recipient_name: str | None = None
    order: SortKey | None = None
    type: MessageType = "text"
    content: str | None = None
    media_url: str | None = None
    thumbnail_url: str | None = None
    file_name: str | None = None
    file_size: Count | None = None
    duration: float | None = None
    direction: Direction | None = None
    status: MessageStatus | None = None
    is_recalled: bool = False
    reply_to_message_id: str | None = None


class Content(Item, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """A work: a post of the account."""

    platform_id: Id = field(name="contentId")
    type: ContentType | None = None
    title: str | None = None
    description: str | None = None
    cover_url: str | None = None
    url: str | None = None
    duration: float | None = None
    author_id: str | None = None
    author_name: str | None = None
    view_count: Count | None = None
    like_count: Count | None = None
    comment_count: Count | None = None
    share_count: Count | None = None
    collect_count: Count | None = None
    publish_time: int | None = None
    tags: tuple[str, ...] | None = None
    visibility: str | None = None
    is_top: bool | None = None
    allow_comment: bool | None = None


class Comment(Item, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """A comment, or a reply (a comment with a parent). `author_sec_id` ties it to a conversation partner."""

    platform_id: Id = field(name="commentId")
    content_id: str | None = None
    content_title: str | None = None
    parent_comment_id: str | None = None
    author_id: str | None = None
    author_sec_id: str | None = None
    author_name: str | None = None
    author_avatar: str | None = None
    region: str | None = None
    content: str | None = None
    images: tuple[str, ...] | None = None
    reply_to_user_id: str | None = None
    reply_to_user_name: str | None = None
    like_count: Count | None = None
    reply_count: Count | None = None
    is_pinned: bool | None = None
    is_author_reply: bool | None = None
    is_liked: bool | None = None


class Notification(Item, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """A notice of the platform. `trigger_…`: who caused it; `related_…`: what it is about."""

    platform_id: Id = field(name="notificationId")
    type: NotificationType
    trigger_id: str | None = None
    trigger_name: str | None = None
    trigger_avatar: str | None = None
    related_content_id: str | None = None
    related_comment_id: str | None = None
    title: str | None = None
    content: str | None = None
    link_url: str | None = None
    is_read: bool | None = None


ITEM_TYPES: Final[dict[Collection, type[Item]]] = {
    "conversations": Conversation,
    "messages": Message,
    "contents": Content,
    "comments": Comment,
    "notifications": Notification,
}

# Attributes that hold a time, by collection.
TIME_FIELDS: Final[dict[Collection, tuple[str, ...]]] = {
    "conversations": ("created_at", "updated_at", "last_message_time"),
    "messages": ("created_at", "updated_at"),
    "contents": ("created_at", "updated_at", "publish_time"),
    "comments": ("created_at", "updated_at"),
    "notifications": ("created_at", "updated_at"),
}

# Attributes that hold the name of a person or group, by collection. A name of which nobody sees anything is none.
NAME_FIELDS: Final[dict[Collection, tuple[str, ...]]] = {
    "conversations": ("user_name", "group_name", "remark_name"),
    "messages": ("sender_name", "recipient_name"),
    "contents": ("author_name",),
    "comments": ("author_name", "reply_to_user_name"),
    "notifications": ("trigger_name",),
}

# Attributes that refer to another item: (attribute, collection of that item). `last_message_id` stands alone: it is
# compared, never followed.
REFERENCES: Final[dict[Collection, tuple[tuple[str, Collection], ...]]] = {
    "conversations": (("last_message_id", "messages"),),
    "messages": (("conversation_id", "conversations"), ("reply_to_message_id", "messages")),
    "contents": (),
    "comments": (("content_id", "contents"), ("parent_comment_id", "comments")),
    "notifications": (("related_content_id", "contents"), ("related_comment_id", "comments")),
}

# Media addresses: their query part is a signature that changes at every look.
MEDIA_FIELDS: Final[dict[Collection, tuple[str, ...]]] = {
    "conversations": ("user_avatar",),
    "messages": ("sender_avatar", "media_url", "thumbnail_url"),
    "contents": ("cover_url",),
    "comments": ("author_avatar", "images"),
    "notifications": ("trigger_avatar",),
}

# Wire keys every item may carry and nobody stores.
IGNORED_KEYS: Final = frozenset({"accountId", "platform", "source", "version", "rawData"})
