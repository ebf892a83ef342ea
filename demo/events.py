"""Events of the platform, and how each changes the world. Pure: time and chance are passed in."""

from collections.abc import Callable
from random import Random
from typing import Literal, NamedTuple

from msgspec import Struct

from demo.ids import conversation_id, make_client_id, make_snowflake
from demo.world import (
    DemoAccount,
    DemoComment,
    DemoConversation,
    DemoMessage,
    DemoNotice,
    DemoPerson,
    MessageKind,
    NoticeKind,
    World,
)

EventKind = Literal[
    "message",
    "own_message",
    "sticker",
    "comment",
    "reply",
    "own_reply",
    "like",
    "follow",
    "mention",
    "fold",
    "unfold",
    "recall",
    "delete_comment",
    "delete_work",
    "read",
]


class DemoEvent(Struct, forbid_unknown_fields=True):
    """Something that happens on an account.

    Empty attributes are chosen: the newest conversation, work or comment; a new person for a new `nickname`. `as_kind`:
    of a message. `read`: the owner reads a conversation on the phone; `fold`: he folds it away there, until `unfold`.
    `client_id`: the id that the page gave a message. `only_self`: nobody but its sender sees the message.
    """

    kind: EventKind
    text: str = ""
    uid: str = ""
    nickname: str = ""
    aweme_id: str = ""
    cid: str = ""
    conversation_id: str = ""
    server_id: str = ""
    images: int = 0
    is_folded: bool = False
    with_aweme: bool = True
    as_kind: MessageKind = "text"
    client_id: str = ""
    only_self: bool = False


class Happened(NamedTuple):
    """The result of an event. `id`: of the message, comment, notice or work. `conversation_id`, `nid`: for pages."""

    kind: EventKind
    id: str
    conversation_id: str = ""
    nid: str = ""


class BadEvent(Exception):
    """The event cannot happen; the message says why."""


class Moment(NamedTuple):
    """One event at one time: the world, the account, the event, the time (ms UTC), the source of chance."""

    world: World
    account: DemoAccount
    event: DemoEvent
    now_ms: int
    rng: Random

    @property
    def now_s(self) -> int:
        """Return the time in epoch seconds."""
        return self.now_ms // 1000

    def snowflake(self) -> str:
        """Return a new id of this moment."""
        return make_snowflake(self.now_s, self.rng)


def happen(world: World, account: DemoAccount, event: DemoEvent, now_ms: int, rng: Random) -> Happened:
    """Change the world by `event`, and return what it made. `now_ms` is ms UTC. Raises BadEvent."""
    return _HANDLERS[event.kind](Moment(world, account, event, now_ms, rng))


def _actor(m: Moment) -> DemoPerson:
    """Return the person of the event: by uid, by nickname, or somebody new."""
    event = m.event
    if event.uid:
        return m.world.add_person(DemoPerson(event.uid, event.nickname or f"用户{event.uid[-4:]}"))
    known = next((p for p in m.world.people.values() if event.nickname and p.nickname == event.nickname), None)
    uid = str(m.rng.randrange(10**11, 10**15))
    return known or m.world.add_person(DemoPerson(uid, event.nickname or f"用户{uid[-4:]}"))


def _receive(m: Moment) -> Happened:
    conversation = m.account.get_conversation(m.event.conversation_id) or _conversation_with(m, _actor(m))
    sender = m.event.uid or conversation.partner_uid or conversation.member_uids[0]
    message = _add_message(m, conversation, sender)
    conversation.unread += 1
    return Happened(m.event.kind, message.server_id, conversation_id=conversation.id)


def _conversation_with(m: Moment, person: DemoPerson) -> DemoConversation:
    known = m.account.get_conversation_with(person.uid)
    if known:
        return known
    id = conversation_id(m.account.owner.uid, person.uid)
    conversation = DemoConversation(id, m.snowflake(), m.now_ms, person.uid, "stranger")
    m.account.conversations.append(conversation)
    return conversation


def _begin_with(m: Moment, person: DemoPerson) -> DemoConversation:
    """Add a conversation that the owner begins: it is in the owner's list at once."""
    conversation = _conversation_with(m, person)
    conversation.kind, conversation.begun_by_owner = "friend", True
    return conversation


def _add_message(m: Moment, conversation: DemoConversation, sender_uid: str) -> DemoMessage:
    client_id = m.event.client_id or make_client_id(m.rng)
    message = DemoMessage(m.snowflake(), sender_uid, m.now_ms, client_id, m.event.text or "你好")
    message.only_self = m.event.only_self
    message.kind = "sticker" if m.event.kind == "sticker" else m.event.as_kind
    conversation.messages.append(message)
    conversation.updated_ms = m.now_ms
    return message


def _send(m: Moment) -> Happened:
    conversations = m.account.list_conversations()
    conversation = m.account.get_conversation(m.event.conversation_id) or (conversations[0] if conversations else None)
    if m.event.uid:
        conversation = m.account.get_conversation_with(m.event.uid) or _begin_with(m, _actor(m))
    if conversation is None:
        raise BadEvent("the account has no conversation")
    message = _add_message(m, conversation, m.account.owner.uid)
    conversation.unread = 0
    return Happened(m.event.kind, message.server_id, conversation_id=conversation.id)


def _comment(m: Moment) -> Happened:
    listed = [w for w in m.account.list_works() if w.in_list and not w.is_deleted and not w.is_private]
    aweme_id = m.event.aweme_id or (listed[0].aweme_id if listed else "")
    if not aweme_id:
        raise BadEvent("the account has no work to comment on")
    return _add_comment(
        m,
        DemoComment(
            m.snowflake(),
            aweme_id,
            _actor(m).uid,
            m.event.text,
            m.now_s,
            images=m.event.images,
            is_folded=m.event.is_folded,
        ),
    )


def _add_comment(m: Moment, comment: DemoComment) -> Happened:
    m.account.comments.append(comment)
    if comment.author_uid == m.account.owner.uid:
        return Happened(m.event.kind, comment.cid)
    nid = _notify(m, "comment", comment.author_uid, comment.aweme_id, comment.cid)
    return Happened(m.event.kind, comment.cid, nid=nid)


def _notify(m: Moment, kind: NoticeKind, actor_uid: str, aweme_id: str = "", cid: str = "") -> str:
    notice = DemoNotice(m.snowflake(), kind, m.now_s, actor_uid, aweme_id, cid, m.event.with_aweme)
    m.account.notices.append(notice)
    return notice.nid


def _answered(m: Moment) -> DemoComment:
    found = [c for c in m.account.comments if not c.is_deleted and c.author_uid != m.account.owner.uid]
    comment = m.account.get_comment(m.event.cid) if m.event.cid else (found[-1] if found else None)
    if comment is None:
        raise BadEvent("no such comment")
    return comment


def _reply(m: Moment) -> Happened:
    target = _answered(m)
    author = m.account.owner.uid if m.event.kind == "own_reply" else _actor(m).uid
    reply = DemoComment(m.snowflake(), target.aweme_id, author, m.event.text or "谢谢", m.now_s)
    reply.parent_cid = target.parent_cid or target.cid
    reply.answered_cid = target.cid if target.parent_cid else None
    return _add_comment(m, reply)


def _like(m: Moment) -> Happened:
    works = m.account.list_works()
    work = m.account.get_work(m.event.aweme_id) or (works[0] if works else None)
    if work is None:
        raise BadEvent("the account has no such work")
    work.likes += 1
    nid = _notify(m, "like", _actor(m).uid, work.aweme_id)
    return Happened("like", nid, nid=nid)


def _follow(m: Moment) -> Happened:
    m.account.followers += 1
    nid = _notify(m, "follow", _actor(m).uid)
    return Happened("follow", nid, nid=nid)


def _mention(m: Moment) -> Happened:
    works = m.account.list_works()
    nid = _notify(m, "mention", _actor(m).uid, m.event.aweme_id or (works[0].aweme_id if works else ""))
    return Happened("mention", nid, nid=nid)


def _fold(m: Moment) -> Happened:
    conversation = m.account.get_conversation(m.event.conversation_id)
    if conversation is None:
        raise BadEvent("no such conversation")
    conversation.is_folded = m.event.kind == "fold"
    return Happened(m.event.kind, conversation.id, conversation_id=conversation.id)


def _recall(m: Moment) -> Happened:
    for conversation in m.account.list_conversations():
        for message in conversation.messages:
            if message.server_id == m.event.server_id:
                message.is_recalled = True
                return Happened("recall", message.server_id, conversation_id=conversation.id)
    raise BadEvent("no such message")


def _read(m: Moment) -> Happened:
    conversations = m.account.list_conversations()
    conversation = m.account.get_conversation(m.event.conversation_id) or (conversations[0] if conversations else None)
    if conversation is None:
        raise BadEvent("the account has no conversation")
    conversation.unread = 0
    return Happened("read", conversation.id, conversation_id=conversation.id)


def _delete_comment(m: Moment) -> Happened:
    comment = _answered(m)
    comment.is_deleted = True
    return Happened("delete_comment", comment.cid)


def _delete_work(m: Moment) -> Happened:
    work = m.account.get_work(m.event.aweme_id)
    if work is None:
        raise BadEvent("no such work")
    work.is_deleted = True
    return Happened("delete_work", work.aweme_id)


_HANDLERS: dict[EventKind, Callable[[Moment], Happened]] = {
    "message": _receive,
    "sticker": _receive,
    "own_message": _send,
    "comment": _comment,
    "reply": _reply,
    "own_reply": _reply,
    "like": _like,
    "follow": _follow,
    "mention": _mention,
    "fold": _fold,
    "unfold": _fold,
    "recall": _recall,
    "delete_comment": _delete_comment,
    "delete_work": _delete_work,
    "read": _read,
}
