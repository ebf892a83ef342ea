import json
import zlib
from typing import Any

from crawler.platforms.douyin.parse.chat import parse_message
from demo.site import Site
from demo.wire import im
from demo.wire.common import Links
from demo.world import DemoAccount


def unpack(body: bytes) -> Any:
    """What the page's own engine does."""
    assert body[:3] == b"\x08\x00\x12"
    at = next(i for i in range(3, len(body)) if body[i] < 0x80) + 1
    return json.loads(zlib.decompress(body[at:], wbits=-15))


def test_bodies_are_opaque_and_the_page_can_open_them() -> None:
    payload = {"text": "你好" * 300}
    packed = im.opaque(payload)
    assert "你好".encode() not in packed
    assert unpack(packed) == payload


def test_a_message_has_the_documented_types(site: Site, alpha: DemoAccount, links: Links) -> None:
    conversation = alpha.conversations[0]
    inbound, own = (im.message(site.world, alpha, conversation, m, links) for m in conversation.messages)
    assert inbound["serverId"] == conversation.messages[0].server_id
    assert inbound["conversationId"] == "0:1:200000000001:1000000000000001"
    assert (inbound["sender"], inbound["isFromMe"], inbound["nickname"]) == ("200000000001", False, "粉丝01")
    assert inbound["content"]["text"] == "alpha 第 1 组第 1 句"
    assert (inbound["type"], inbound["content"]["aweType"]) == (7, 700)
    assert inbound["createdAt"].endswith(".001Z")
    assert inbound["ext"]["s:server_message_create_time"] == str(conversation.messages[0].created_ms)
    assert set(map(type, inbound["ext"].values())) == {str}
    assert inbound["indexInConversationV2"] == {"low": 1, "high": 0, "unsigned": False}
    orders = [message["orderInConversation"] for message in (inbound, own)]
    assert [order["high"] << 32 | order["low"] % 2**32 for order in orders] == [
        message.created_ms * 1000 + index for index, message in enumerate(conversation.messages)
    ]
    assert own["isFromMe"] is True
    assert own["secSender"] == alpha.owner.sec_uid
    assert not {"nickname", "avatar"} & set(own)


def test_the_pushed_form_has_its_content_as_text_and_does_not_say_whose_it_is(
    site: Site, alpha: DemoAccount, links: Links
) -> None:
    conversation = alpha.conversations[0]
    pushed = im.push_message(site.world, alpha, conversation, conversation.messages[0], links)
    assert json.loads(pushed["content"])["text"] == "alpha 第 1 组第 1 句"
    assert "isFromMe" not in pushed


def test_stickers_and_system_messages_have_their_own_types(site: Site, alpha: DemoAccount, links: Links) -> None:
    conversation = alpha.conversations[0]
    conversation.messages[0].kind, conversation.messages[1].kind = "sticker", "system"
    sticker, system = (im.message(site.world, alpha, conversation, m, links) for m in conversation.messages)
    assert (sticker["type"], sticker["content"]["emoji_type"]) == (5, "lite_emoji")
    assert (system["type"], system["content"]["aweType"]) == (7, 701)


def test_pictures_voices_and_cards_are_read_by_the_crawler(site: Site, alpha: DemoAccount, links: Links) -> None:
    conversation, work = alpha.conversations[0], alpha.works[0].aweme_id
    message = conversation.messages[0]
    read = {}
    for message.kind in ("image", "voice", "card"):
        message.about, message.duration_ms = work, 8_000
        parsed = parse_message(im.message(site.world, alpha, conversation, message, links), links.now_ms)
        address = (parsed.media_url or "").partition("?")[0].removeprefix(links.origin)
        read[message.kind] = (parsed.type, parsed.content, address, parsed.duration)
    photo, voice = f"{work}-{message.server_id}", message.server_id
    assert read == {
        "image": ("image", None, f"/p3.douyinpic.com/aweme/photo/{photo}.jpeg", None),
        "voice": ("audio", None, f"/p3.douyinpic.com/aweme/voice/{voice}.jpeg", 8.0),
        "card": ("card", "alpha 第 1 组第 1 句", "", None),
    }


def test_a_conversation_names_both_parties(site: Site, alpha: DemoAccount, links: Links) -> None:
    conversation = alpha.conversations[3]
    made = im.conversation(site.world, alpha, conversation, links)
    parties = made["firstPageParticipant"]["participants"]
    assert made["toParticipantUserId"] == "200000000004"
    assert made["_badgeCount"] == 2
    assert {p["sec_uid"] for p in parties} == {alpha.owner.sec_uid, site.world.person("200000000004").sec_uid}
    assert value_of(parties[0]["user_id"]) == 200000000004
    assert made["lastMessage"]["serverId"] == conversation.messages[-1].server_id


def value_of(long: dict[str, int]) -> int:
    return long["high"] * 2**32 + long["low"] % 2**32


def test_a_conversation_without_messages_has_no_last_one(site: Site, alpha: DemoAccount, links: Links) -> None:
    assert im.conversation(site.world, alpha, alpha.conversations[10], links)["lastMessage"] is None


def test_a_user_card_is_keyed_by_the_sec_uid(site: Site, links: Links) -> None:
    person = site.world.person("200000000001")
    (card,) = im.user_detail(site.world, [person.sec_uid], links)["user_list"]
    assert card["user_id"] == card["user"]["SecretUseId"] == person.sec_uid
    assert card["user"]["ShortId"] == "fan01"
    assert len(card["user"]["avatar_thumb"]["url_list"]) == 3
    assert not {"uid", "sec_uid", "unique_id"} & set(card["user"])
