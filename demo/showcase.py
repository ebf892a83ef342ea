"""Makes a world look looked after: most people have their answer, a few wait, and every kind of message is there. Pure.

It adds to a made world, with a generator of its own, and moves answered comments back in time: a crawler finds a
comment before its answers, and until then it would seem to wait. People, works and what was written stay as they were.
"""

from __future__ import annotations

from random import Random

from demo.events import DemoEvent, happen
from demo.ids import make_client_id, make_snowflake
from demo.texts import OWN_MESSAGES, OWN_REPLIES, SHOPS
from demo.waiting import DAY_S, RECENT_S, Waiting, list_threads, list_waiting
from demo.world import DemoAccount, DemoComment, DemoConversation, DemoMessage, MessageKind, World

LEFT_WAITING = {"flowers": 4, "tea": 4, "pottery": 2}
"""How many wait in each shop; in a shop that is not named here, nobody."""
CONVERSATIONS = 3
"""Of those who wait, so many wait in conversations, which a worker reads before the comments."""
MOVED_S = 4 * DAY_S
SHOWN_IN = "flowers"
"""The shop whose conversations hold a message of every kind."""


def look_after(world: World, rng: Random, now_s: int) -> None:
    """Answer all but a few, and add the messages of other kinds. `now_s` is epoch seconds."""
    if SHOWN_IN in world.accounts:
        show_kinds(world.accounts[SHOWN_IN], rng, now_s)
    for shop in SHOPS:
        if shop.key in world.accounts and shop.key != SHOWN_IN:
            for conversation in _list_friends(world.accounts[shop.key])[:CONVERSATIONS]:
                _add(conversation, conversation.partner_uid, "text", rng.choice(shop.questions), rng, now_s)
    for account in world.accounts.values():
        waiting = list_waiting(account, now_s)
        kept = _choose_waiting(account, waiting, LEFT_WAITING.get(account.key, 0))
        for one in waiting:
            if one not in kept:
                _answer(world, account, one, rng, now_s)
        _move_threads_back(account, {one.cid for one in kept}, rng, now_s)


def _choose_waiting(account: DemoAccount, waiting: list[Waiting], count: int) -> list[Waiting]:
    """Return who stays waiting: the newest who ask something, some in conversations, the others under comments."""
    conversations = [one for one in waiting if _asks(account.get_conversation(one.conversation_id))]
    conversations = conversations[-min(CONVERSATIONS, count) :]
    comments = [one for one in waiting if one.cid and _is_open(account, one.cid)]
    return conversations + comments[len(comments) - (count - len(conversations)) :]


def _asks(conversation: DemoConversation | None) -> bool:
    """Return whether the last message is a question, in words or by voice. Of a group it is nobody's."""
    if conversation is None or conversation.kind == "group":
        return False
    last = conversation.messages[-1]
    return last.kind == "voice" or "？" in last.text


def _is_open(account: DemoAccount, cid: str) -> bool:
    """Return whether a crawler can read what is said under the comment: its work is in a list, and for everybody."""
    comment = account.get_comment(cid)
    work = account.get_work(comment.aweme_id) if comment is not None else None
    return work is not None and (work.in_list or work.in_picker) and not (work.is_deleted or work.is_private)


def _move_threads_back(account: DemoAccount, kept: set[str], rng: Random, now_s: int) -> None:
    """Move every comment of the last days with its replies back, or out of the world if its work is too young."""
    for cid, thread in list_threads(account).items():
        if cid in kept or thread[-1].created_s <= now_s - RECENT_S:
            continue
        work = account.get_work(thread[0].aweme_id)
        if work is not None and thread[0].created_s - MOVED_S > work.created_s:
            _move_back(account, thread, rng)
        else:
            _take_out(account, {comment.cid for comment in thread})


def _move_back(account: DemoAccount, thread: list[DemoComment], rng: Random) -> None:
    """Let the thread be some days older. Ids hold the second of their making, so they are new."""
    renamed: dict[str | None, str] = {}
    for comment in thread:
        comment.created_s -= MOVED_S
        renamed[comment.cid] = make_snowflake(comment.created_s, rng)
    for comment in thread:
        comment.cid = renamed[comment.cid]
        comment.parent_cid = renamed.get(comment.parent_cid)
        comment.answered_cid = renamed.get(comment.answered_cid)
    for notice in account.notices:
        if notice.cid in renamed:
            notice.cid, notice.created_s, notice.has_read = renamed[notice.cid], notice.created_s - MOVED_S, True
            notice.nid = make_snowflake(notice.created_s, rng)


def _take_out(account: DemoAccount, cids: set[str]) -> None:
    account.comments = [comment for comment in account.comments if comment.cid not in cids]
    account.notices = [notice for notice in account.notices if notice.cid not in cids]


def _list_friends(account: DemoAccount) -> list[DemoConversation]:
    """Return the conversations with friends, the newest first."""
    return [conversation for conversation in account.list_conversations() if conversation.kind == "friend"]


def _answer(world: World, account: DemoAccount, waiting: Waiting, rng: Random, now_s: int) -> None:
    """Let the shop answer some minutes after the last word, and before `now_s`."""
    conversation = account.get_conversation(waiting.conversation_id)
    if conversation is not None:
        last_s = conversation.messages[-1].created_ms // 1000
        event = DemoEvent("own_message", text=rng.choice(OWN_MESSAGES), conversation_id=conversation.id)
    else:
        last_s = max(c.created_s for c in account.comments if waiting.cid in (c.cid, c.parent_cid))
        event = DemoEvent("own_reply", text=rng.choice(OWN_REPLIES), cid=waiting.cid)
    at_s = min(last_s + rng.randint(120, 2400), max(last_s + 1, now_s - 20))
    happen(world, account, event, at_s * 1000, rng)


def show_kinds(account: DemoAccount, rng: Random, now_s: int) -> None:
    """Add a picture and a voice message that ask, a card of ours, and a message that its sender took back."""
    first, second, third, fourth = _list_friends(account)[:4]
    works = [work.aweme_id for work in account.works[:3]]
    owner = account.owner.uid
    _add(first, first.partner_uid, "image", "", rng, now_s, about=works[1])
    _add(first, first.partner_uid, "text", "想要照片里这种颜色的，还有吗？", rng, now_s)
    _add(second, second.partner_uid, "voice", "", rng, now_s, duration_ms=8_000)
    _add(third, third.partner_uid, "text", "新手先买哪一种好养？", rng, now_s)
    _add(third, owner, "text", "可以先看看这条视频，讲得很细～", rng, now_s)
    _add(third, owner, "card", account.works[1].title, rng, now_s, about=works[1])
    _add(fourth, fourth.partner_uid, "text", "地址发错了，先撤回", rng, now_s).is_recalled = True
    _add(fourth, fourth.partner_uid, "text", "地址改到滨江区江南大道 588 号，可以吗？", rng, now_s)
    _add(fourth, owner, "text", "好的，已经帮您改好啦", rng, now_s)


def _add(
    conversation: DemoConversation,
    sender_uid: str,
    kind: MessageKind,
    text: str,
    rng: Random,
    now_s: int,
    *,
    about: str = "",
    duration_ms: int = 0,
) -> DemoMessage:
    """Add a message some seconds after the last one, never later than `now_s`."""
    last_ms = conversation.messages[-1].created_ms
    at_ms = min(last_ms + rng.randint(4_000, 9_000), max(last_ms + 1, (now_s - 1) * 1000))
    message = DemoMessage(make_snowflake(at_ms // 1000, rng), sender_uid, at_ms, make_client_id(rng), text, kind)
    message.about, message.duration_ms = about, duration_ms
    conversation.messages.append(message)
    conversation.updated_ms = at_ms
    conversation.unread = 0 if sender_uid != conversation.partner_uid else conversation.unread + 1
    return message
