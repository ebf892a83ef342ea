"""The ground truth: people of the demo platform and everything they wrote. Pure data; times are epoch s or ms UTC.

A scenario file is one `World` as JSON; a saved `/control/state` is one too.
"""

from typing import Literal

from msgspec import Struct, field

from demo.ids import conversation_id, make_sec_uid

WorkKind = Literal["video", "album"]
MessageKind = Literal["text", "sticker", "system", "image", "voice", "card", "call", "profile", "new"]
ConversationKind = Literal["friend", "stranger", "group"]
NoticeKind = Literal["comment", "follow", "like", "mention"]


class DemoPerson(Struct):
    """A person. `short_id` is the douyin number; it and `sec_uid` are made of the uid if they are empty. `remark`: what
    the owners call this person.
    """

    uid: str
    nickname: str
    short_id: str = ""
    signature: str = ""
    region: str = "浙江"
    sec_uid: str = ""
    remark: str = ""

    def __post_init__(self) -> None:
        self.sec_uid = self.sec_uid or make_sec_uid(self.uid)
        self.short_id = self.short_id or f"dy{int(self.uid) % 10**9:09d}"


class DemoWork(Struct):
    """A work. `in_list`, `in_picker`: which of the two lists shows it; if neither does, only old notices name it."""

    aweme_id: str
    title: str
    created_s: int
    kind: WorkKind = "video"
    duration_ms: int = 15_000
    plays: int = 0
    likes: int = 0
    shares: int = 0
    collects: int = 0
    in_list: bool = True
    in_picker: bool = True
    is_private: bool = False
    is_deleted: bool = False


class DemoComment(Struct):
    """A comment. Its work need not be among the account's works.

    `parent_cid`: the level-1 comment above it. `answered_cid`: the level-2 comment it answers, if any.
    """

    cid: str
    aweme_id: str
    author_uid: str
    text: str
    created_s: int
    parent_cid: str | None = None
    answered_cid: str | None = None
    likes: int = 0
    images: int = 0
    is_pinned: bool = False
    is_liked: bool = False
    is_deleted: bool = False
    is_folded: bool = False


class DemoMessage(Struct):
    """A message. `client_id` is the id that the sending page gave it.

    `about`: the work that a picture or a card shows; `duration_ms`: of a voice message. `only_self`: nobody but its
    sender sees it.
    """

    server_id: str
    sender_uid: str
    created_ms: int
    client_id: str
    text: str
    kind: MessageKind = "text"
    is_recalled: bool = False
    about: str = ""
    duration_ms: int = 0
    only_self: bool = False


class DemoConversation(Struct):
    """A conversation with `partner_uid`, or a group with `name` and `member_uids`. Messages are oldest first.

    `begun_by_owner`: with somebody who does not follow the owner. `is_folded`: the page shows it in a list of its own.
    """

    id: str
    short_id: str
    updated_ms: int
    partner_uid: str = ""
    kind: ConversationKind = "friend"
    name: str = ""
    member_uids: list[str] = field(default_factory=list)
    unread: int = 0
    messages: list[DemoMessage] = field(default_factory=list)
    is_muted: bool = False
    is_pinned: bool = False
    begun_by_owner: bool = False
    is_folded: bool = False


class DemoNotice(Struct):
    """A notice. `with_aweme`: a comment's notice carries the work it stands under."""

    nid: str
    kind: NoticeKind
    created_s: int
    actor_uid: str
    aweme_id: str = ""
    cid: str = ""
    with_aweme: bool = True
    has_read: bool = False


class DemoAccount(Struct):
    """An account and everything on it. `owner.short_id` is the douyin number, by which people know the account."""

    key: str
    owner: DemoPerson
    followers: int = 0
    following: int = 0
    works: list[DemoWork] = field(default_factory=list)
    comments: list[DemoComment] = field(default_factory=list)
    conversations: list[DemoConversation] = field(default_factory=list)
    notices: list[DemoNotice] = field(default_factory=list)

    def get_work(self, aweme_id: str) -> DemoWork | None:
        """Return the work with this id, or None."""
        return next((w for w in self.works if w.aweme_id == aweme_id), None)

    def get_comment(self, cid: str) -> DemoComment | None:
        """Return the comment with this id, or None if there is none or it was deleted."""
        return next((c for c in self.comments if c.cid == cid and not c.is_deleted), None)

    def get_conversation(self, id: str) -> DemoConversation | None:
        """Return the conversation with this id, or None."""
        return next((c for c in self.conversations if c.id == id), None)

    def get_conversation_with(self, uid: str) -> DemoConversation | None:
        """Return the private conversation with this person, or None."""
        return self.get_conversation(conversation_id(self.owner.uid, uid))

    def list_works(self) -> list[DemoWork]:
        """Return all works, newest first."""
        return sorted(self.works, key=lambda w: (w.created_s, w.aweme_id), reverse=True)

    def list_comments(self, aweme_id: str) -> list[DemoComment]:
        """Return the level-1 comments of a work, the pinned one first, then newest first."""
        found = [c for c in self.comments if c.aweme_id == aweme_id and c.parent_cid is None and not c.is_deleted]
        return sorted(found, key=lambda c: (c.is_pinned, c.created_s, c.cid), reverse=True)

    def list_replies(self, cid: str) -> list[DemoComment]:
        """Return the level-2 comments under a comment, oldest first."""
        found = [c for c in self.comments if c.parent_cid == cid and not c.is_deleted]
        return sorted(found, key=lambda c: (c.created_s, c.cid))

    def is_answered(self, comment: DemoComment) -> bool:
        """Return whether the owner wrote a comment, or a reply under it."""
        written = (comment, *self.list_replies(comment.cid))
        return any(one.author_uid == self.owner.uid for one in written)

    def list_conversations(self) -> list[DemoConversation]:
        """Return all conversations, newest first."""
        return sorted(self.conversations, key=lambda c: (c.updated_ms, c.id), reverse=True)

    def list_notices(self) -> list[DemoNotice]:
        """Return all notices, newest first."""
        return sorted(self.notices, key=lambda n: (n.created_s, n.nid), reverse=True)

    def count_comments(self, aweme_id: str) -> int:
        """Return the number beside a work.

        Replies and deleted ones count, so it is larger than what the lists deliver.
        """
        return sum(c.aweme_id == aweme_id for c in self.comments)


class World(Struct):
    """All accounts by key, and all other people by uid."""

    people: dict[str, DemoPerson] = field(default_factory=dict)
    accounts: dict[str, DemoAccount] = field(default_factory=dict)

    def person(self, uid: str) -> DemoPerson:
        """Return the person with this uid, also an owner. A stranger to the world has no name."""
        known = self.people.get(uid) or next((a.owner for a in self.accounts.values() if a.owner.uid == uid), None)
        return known or DemoPerson(uid=uid, nickname="")

    def find_person(self, sec_uid: str) -> DemoPerson | None:
        """Return the person with this sec_uid, or None."""
        owners = (account.owner for account in self.accounts.values())
        return next((person for person in (*self.people.values(), *owners) if person.sec_uid == sec_uid), None)

    def add_person(self, person: DemoPerson) -> DemoPerson:
        """Add `person` and return it, or the one with the same uid who is there already."""
        return self.people.setdefault(person.uid, person)
