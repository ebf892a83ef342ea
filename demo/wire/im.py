"""Private messages as the page gets them: protobuf over HTTP and in frames of the socket; people come as JSON.

The numbers of fields are the platform's; this description of them is the demo's own.
"""

import gzip
import json
from collections.abc import Sequence

from demo.wire.common import Json, Links, envelope
from demo.wire.protobuf import Fields, Value, encode, entries
from demo.world import DemoAccount, DemoConversation, DemoMessage, DemoPerson, World

SEND, HISTORY, NEW, READ, CREATE, INFOS, STRANGERS, MARK_READ, INIT, INCREMENTS = (
    100,
    301,
    500,
    501,
    609,
    610,
    1001,
    2002,
    2043,
    2048,
)
BODY_NUMBERS = {STRANGERS: 1000, MARK_READ: 604}
TYPES = {
    "text": 7,
    "sticker": 5,
    "system": 1,
    "image": 27,
    "voice": 17,
    "card": 8,
    "call": 1,
    "profile": 25,
    "new": 4711,
}
RECALL = 40001
COMMAND = 50001
FOLDED = "a:s_is_folded"
ONLY_SELF = 4
INIT_MESSAGES = 20
INDEX_BASE = 1_672_502_400_000_000


def response(cmd: int, body: Fields | None, owner_uid: str, *, status: int = 0) -> bytes:
    """Return the body of an HTTP response, which is the payload of a frame too. A status of 0 is left out."""
    number = BODY_NUMBERS.get(cmd, cmd)
    words = "OK" if not status else "NOT_LOGIN"
    inner = {number: body} if body is not None else None
    return encode({1: cmd, 2: 10_001, 3: status or None, 4: words, 6: inner, 7: "demo", 13: int(owner_uid)})


def frame(payload: bytes, kind: str = "pb", *, squeezed: bool = False) -> bytes:
    """Return a frame of the socket. A squeezed one says so."""
    headers = [{1: "svr-time", 2: "0"}]
    encoding = "gzip" if squeezed else None
    return encode(
        {1: 1, 2: 2, 3: 5, 4: 1, 5: headers, 6: encoding, 7: kind, 8: gzip.compress(payload) if squeezed else payload}
    )


def index_of(place: int) -> int:
    """Return the older index of the message at `place`: it looks like a time and is none."""
    return INDEX_BASE + 10_000 * place


def badge(account: DemoAccount, item: DemoConversation) -> int:
    """Return how many messages of others ever came, as the platform counts them."""
    came = sum(message.sender_uid != account.owner.uid for message in item.messages)
    return max(came, item.unread)


def read_place(account: DemoAccount, item: DemoConversation) -> int:
    """Return the place of the last message that the owner read."""
    left = item.unread
    for place in range(len(item.messages), 0, -1):
        if left <= 0:
            return place
        left -= item.messages[place - 1].sender_uid != account.owner.uid
    return 0


def setting(account: DemoAccount, item: DemoConversation) -> Fields:
    """Return the settings of a conversation, with how far it was read."""
    place = read_place(account, item)
    return {
        5: index_of(place),
        6: item.is_muted,
        7: item.is_pinned,
        9: entries({FOLDED: "1"} if item.is_folded else {}),
        14: place,
        16: badge(account, item) - item.unread,
    }


def conversation_info(world: World, account: DemoAccount, item: DemoConversation) -> Fields:
    """Return a conversation of the list."""
    is_group = item.kind == "group"
    uids = [*item.member_uids, account.owner.uid] if is_group else [item.partner_uid, account.owner.uid]
    people = [{1: int(uid), 2: place, 3: 0, 5: world.person(uid).sec_uid} for place, uid in enumerate(uids)]
    return {
        1: item.id,
        2: int(item.short_id),
        3: 2 if is_group else 1,
        4: "ticket",
        6: {1: people, 2: False},
        7: len(uids),
        8: True,
        10: badge(account, item),
        50: {4: 1, 5: item.name, 17: int(account.owner.uid)},
        51: setting(account, item),
    }


def message_body(world: World, item: DemoConversation, place: int, links: Links) -> Fields:
    """Return the message at `place` (1 is the first)."""
    message = item.messages[place - 1]
    return {
        1: item.id,
        2: 2 if item.kind == "group" else 1,
        3: int(message.server_id),
        4: index_of(place),
        5: int(item.short_id),
        6: TYPES[message.kind],
        7: int(message.sender_uid),
        8: json.dumps(content(message, links), ensure_ascii=False),
        9: entries(extensions(item, message)),
        10: message.created_ms,
        11: 0,
        12: ONLY_SELF if message.only_self else 0,
        13: message.created_ms * 1000 + place % 1000,
        14: world.person(message.sender_uid).sec_uid,
        17: place,
    }


def bodies(world: World, item: DemoConversation, places: Sequence[int], links: Links) -> list[Fields]:
    """Return the messages at these places."""
    return [message_body(world, item, place, links) for place in places]


def init(
    world: World, account: DemoAccount, items: Sequence[DemoConversation], links: Links, *, has_more: bool
) -> Fields:
    """Return a page of the list of conversations, each with its newest messages."""
    made = []
    for item in items:
        places = range(max(1, len(item.messages) - INIT_MESSAGES + 1), len(item.messages) + 1)
        made.append({1: conversation_info(world, account, item), 2: bodies(world, item, places, links)})
    return {1: made, 2: has_more, 3: links.now_ms, 4: 1}


def increments(world: World, account: DemoAccount, since_ms: int, links: Links) -> Fields:
    """Return what came since `since_ms`: messages of their conversations, and the commands that recall some."""
    recent, commands = [], []
    for item in account.conversations:
        places = [place for place, one in enumerate(item.messages, 1) if one.created_ms > since_ms]
        if places:
            found = bodies(world, item, places, links)
            recent.append({1: int(item.short_id), 2: found, 3: 1, 4: badge(account, item), 5: item.id})
        commands += [recall(item, one) for one in item.messages if one.is_recalled and one.created_ms > since_ms]
    return {1: {1: links.now_ms, 2: recent, 3: False}, 2: {1: commands, 2: False}, 3: False}


def infos(account: DemoAccount, items: Sequence[DemoConversation]) -> Fields:
    """Return settings and read places of conversations."""
    return {1: [{1: item.id, 2: int(item.short_id), 51: setting(account, item)} for item in items]}


def strangers(world: World, account: DemoAccount, items: Sequence[DemoConversation], links: Links) -> Fields:
    """Return the box of strangers."""
    made = []
    for item in items:
        last = message_body(world, item, len(item.messages), links) if item.messages else None
        uids = (item.partner_uid, account.owner.uid)
        people = [{1: int(uid), 5: world.person(uid).sec_uid} for uid in uids]
        made.append({1: int(item.short_id), 2: item.unread, 3: last, 4: item.id, 5: people, 6: item.unread})
    return {1: 0, 2: False, 3: sum(item.unread for item in items), 4: made}


def history(world: World, item: DemoConversation, places: Sequence[int], links: Links) -> Fields:
    """Return messages of an open conversation, the newest first."""
    return {
        1: bodies(world, item, places[::-1], links),
        2: places[0] if places else 0,
        3: bool(places) and places[0] > 1,
    }


def new_message(world: World, account: DemoAccount, item: DemoConversation, place: int, links: Links) -> Fields:
    """Return the notification of a message."""
    return {
        2: item.id,
        3: 2 if item.kind == "group" else 1,
        4: 1,
        5: message_body(world, item, place, links),
        8: index_of(place),
        9: place,
        13: badge(account, item),
        16: index_of(place - 1),
    }


def recall(item: DemoConversation, victim: DemoMessage) -> Fields:
    """Return the command that takes a message back."""
    words = json.dumps({"server_message_id": victim.server_id, "command_type": 1})
    number = int(victim.server_id) + 1
    return {1: item.id, 2: 1, 3: number, 5: int(item.short_id), 6: RECALL, 7: int(victim.sender_uid), 8: words}


def changed_setting(item: DemoConversation, now_ms: int) -> Fields:
    """Return the command by which the platform tells that a conversation was folded away, or is no more."""
    entry: Json = {"key": FOLDED, "value": "1", "version": now_ms, "op_type": 1 if item.is_folded else 2}
    said = {"command_type": 4, "conversation_id": item.id, "conversation_version": now_ms, "ext_data": [entry]}
    return {1: item.id, 2: 1, 3: now_ms, 5: int(item.short_id), 6: COMMAND, 8: json.dumps(said)}


def marked_read(account: DemoAccount, item: DemoConversation) -> Fields:
    """Return the notification that the owner read a conversation elsewhere."""
    place = read_place(account, item)
    return {1: item.id, 2: 2 if item.kind == "group" else 1, 3: index_of(place), 4: place}


def content(item: DemoMessage, links: Links) -> Json:
    """Return the content of a message."""
    if item.kind == "image":
        files = {"large_url_list": [links.media("photo", f"{item.about}-{item.server_id}")]}
        return {"aweType": 2702, "resource_url": files, "cover_width": 540, "cover_height": 720}
    if item.kind == "voice":
        files = {"url_list": [links.media("voice", item.server_id)]}
        return {"resource_url": files, "duration": item.duration_ms}
    return _plain_content(item, links)


def _plain_content(item: DemoMessage, links: Links) -> Json:
    made: dict[str, Json] = {
        "text": {"text": item.text, "richTextInfos": [], "aweType": 700},
        "sticker": {"display_name": item.text, "url": {"uri": "sticker", "url_list": []}, "aweType": 507},
        "system": {"tips": item.text, "template": [], "aweType": 0},
        "call": {"tips": item.text or "通话了 3 分 28 秒", "aweType": 193},
        "profile": {"name": item.text, "uid": item.sender_uid},
        "new": {"aweType": 99_999, "what": "a kind that came later"},
    }
    if item.kind == "card":
        cover = {"url_list": [links.media("cover", item.about)]}
        return {"itemId": item.about, "content_title": item.text, "cover_url": cover, "aweType": 800}
    return made[item.kind]


def extensions(conversation: DemoConversation, item: DemoMessage) -> dict[str, str]:
    """Return `ext`, whose values are all texts. A recalled message keeps its words."""
    return {
        "s:client_message_id": item.client_id,
        "s:server_message_create_time": str(item.created_ms),
        "a:relation_type": "0:0" if conversation.kind == "stranger" else "1:1",
        "s:is_stranger": "true" if conversation.kind == "stranger" else "false",
        "a:biz": "douyin",
        "chat_scene": "normal",
        "source_aid": "1128",
    } | ({"s:is_recalled": "true"} if item.is_recalled else {})


def user_info(world: World, sec_uids: Sequence[str], links: Links) -> Json:
    """Return the cards of the people asked for, as JSON. Some have no uid."""
    wanted = set(sec_uids)
    owners = (account.owner for account in world.accounts.values())
    found = [person for person in (*world.people.values(), *owners) if person.sec_uid in wanted]
    return envelope(links.now_ms, {"data": [_card(person, links) for person in found]})


def _card(person: DemoPerson, links: Links) -> Json:
    card: dict[str, Value] = {
        "uid": person.uid,
        "sec_uid": person.sec_uid,
        "nickname": person.nickname,
        "remark_name": person.remark,
        "unique_id": person.short_id,
        "short_id": person.short_id,
        "avatar_thumb": links.avatar(person.uid),
        "avatar_small": links.avatar(person.uid),
        "follow_status": 0,
        "follower_status": 1,
    }
    if int(person.uid) % 3 == 0:
        del card["uid"]
    return card
