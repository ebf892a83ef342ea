from typing import Any

import pytest

from crawler.platforms.douyin.chat_assembler import ChatAssembler
from crawler.platforms.douyin.identity import Book
from crawler.platforms.douyin.im.people import parse_people
from crawler.platforms.douyin.parse.batch import BadItem, ParseScope
from crawler.platforms.douyin.parse.chat import parse_conversation, parse_message
from crawler.platforms.douyin.parse.users import parse_user
from sync.protocol.items import Conversation, Message
from tests.crawler.platforms.douyin.shapes import (
    FAN_SEC,
    FAN_UID,
    NOW,
    OWNER_SEC,
    OWNER_UID,
    SERVER_ID,
    TALK,
    a_conversation,
    a_long,
    a_message,
    a_user,
    a_user_card,
    an_own_message,
)

SCOPE = ParseScope("acc1", NOW)


def an_inbox(*raws: dict[str, Any], book: Book | None = None) -> ChatAssembler:
    inbox = ChatAssembler(book or Book())
    for raw in raws:
        if "serverId" in raw:
            inbox.add_message(parse_message(raw, NOW))
        else:
            inbox.add_conversation(parse_conversation(raw, NOW))
    return inbox


def given(*raws: dict[str, Any], book: Book | None = None) -> tuple[list[Conversation], list[Message]]:
    return an_inbox(*raws, book=book).drain(SCOPE)


def the_message(*raws: dict[str, Any], book: Book | None = None) -> Message:
    [message] = given(*raws, book=book)[1]
    return message


def a_known_fan() -> Book:
    book = Book()
    book.learn_all(parse_people({"data": [a_user_card()]}).items)
    return book


def test_a_conversation_is_keyed_by_the_other_partys_sec_uid() -> None:
    book = Book()
    book.learn_all(parse_people({"data": [a_user_card()]}).items)
    [conversation], _ = given(a_conversation(), book=book)
    assert conversation == Conversation(
        id=f"conv_acc1_{FAN_SEC}",
        platform_id=FAN_SEC,
        type="private",
        updated_at=1_760_007_201_000,
        user_id=FAN_SEC,
        user_name="粉丝甲",
        user_avatar="https://p3.douyinpic.com/fan.jpeg",
        unread_count=2,
        last_message_id=f"msg_acc1_{SERVER_ID}",
        last_message_content="你好",
        last_message_type="text",
        last_message_time=1_760_007_200_265,
        last_message_sender_id=FAN_SEC,
    )


def test_an_inbound_message_has_all_documented_values() -> None:
    assert the_message(a_message(), a_conversation(lastMessage=None)) == Message(
        id=f"msg_acc1_{SERVER_ID}",
        platform_id=SERVER_ID,
        conversation_id=f"conv_acc1_{FAN_SEC}",
        created_at=1_760_007_200_265,
        sender_id=FAN_SEC,
        sender_name="粉丝甲",
        sender_avatar="https://p3.douyinpic.com/fan.jpeg",
        recipient_id=OWNER_SEC,
        order="1760007200265001",
        type="text",
        content="你好",
        direction="inbound",
    )


@pytest.mark.parametrize("order", [None, 0, "", "x", {"low": -1, "high": -1, "unsigned": False}])
def test_a_message_without_a_usable_sort_key_of_the_platform_has_none(order: Any) -> None:
    assert the_message(a_message(orderInConversation=order), a_conversation(lastMessage=None)).order is None


def test_of_one_moment_the_message_that_the_platform_orders_last_is_the_last_one() -> None:
    first = a_message(serverId="7559173364724540009", orderInConversation=a_long("9"))
    second = a_message(serverId="7559173364724540001", orderInConversation=a_long("10"))
    [conversation], _ = given(second, first, a_conversation(lastMessage=None), book=a_known_fan())
    assert conversation.last_message_id == "msg_acc1_7559173364724540001"


@pytest.mark.parametrize("chat_id", [f"0:1:{FAN_UID}:{OWNER_UID}", f"0:1:{OWNER_UID}:{FAN_UID}"])
def test_the_other_party_is_found_with_the_owner_in_either_position(chat_id: str) -> None:
    raws = [a_conversation(id=chat_id), a_message(conversationId=chat_id), an_own_message(conversationId=chat_id)]
    conversations, messages = given(*raws)
    assert {c.platform_id for c in conversations} == {FAN_SEC}
    assert {m.conversation_id for m in messages} == {f"conv_acc1_{FAN_SEC}"}


def test_an_own_message_belongs_to_the_other_party_not_to_its_sender() -> None:
    message = the_message(an_own_message(), a_conversation(lastMessage=None))
    assert message.conversation_id == f"conv_acc1_{FAN_SEC}"
    assert (message.sender_id, message.recipient_id, message.direction) == (OWNER_SEC, FAN_SEC, "outbound")


def test_an_own_message_whose_partner_is_unknown_is_held_and_given_out_later() -> None:
    book = Book()
    inbox = an_inbox(an_own_message(), book=book)
    assert inbox.drain(SCOPE) == ([], [])
    assert inbox.held == 1
    book.learn(parse_user(a_user()))
    _, [message] = inbox.drain(SCOPE)
    assert message.conversation_id == f"conv_acc1_{FAN_SEC}"
    assert (inbox.held, inbox.drain(SCOPE)) == (0, ([], []))


def test_a_conversation_whose_partner_is_unknown_is_held() -> None:
    inbox = an_inbox(a_conversation(firstPageParticipant=None, lastMessage=None))
    assert inbox.drain(SCOPE) == ([], [])
    assert inbox.unnamed == 1


def test_an_own_message_gets_the_accounts_nickname() -> None:
    book = Book()
    owner = parse_user(a_user(uid=OWNER_UID, sec_uid=OWNER_SEC, nickname="示例账号"))
    assert owner is not None
    book.learn_owner(owner)
    message = the_message(an_own_message(), a_conversation(lastMessage=None), book=book)
    assert message.sender_name == "示例账号"


def test_two_people_of_one_name_are_two_conversations() -> None:
    other_sec, other_uid = "MS4wLjABAAAAfan0003", "200000000003"
    chat_id = f"0:1:{other_uid}:{OWNER_UID}"
    people = {"participants": [{"user_id": int(other_uid), "sec_uid": other_sec, "nickname": "粉丝甲"}]}
    twin = a_conversation(id=chat_id, toParticipantUserId=other_uid, firstPageParticipant=people, lastMessage=None)
    conversations, _ = given(a_conversation(), twin)
    assert {c.platform_id for c in conversations} == {FAN_SEC, other_sec}


def test_system_notices_are_lines_of_the_platform_and_no_last_words() -> None:
    notice = a_message(content={"text": "我们已互相关注，可以开始聊天了", "aweType": 701})
    [conversation], messages = given(a_conversation(lastMessage=notice), notice)
    assert [(one.type, one.content, one.sender_id) for one in messages] == [
        ("system", "我们已互相关注，可以开始聊天了", None)
    ]
    assert conversation.last_message_content is None


def test_a_sticker_is_a_sticker_with_its_name() -> None:
    content = {"emoji_type": "lite_emoji", "display_name": "[比心]", "url": {"url_list": ["https://p3.x/s.webp"]}}
    message = the_message(a_message(type=5, content=content))
    assert (message.type, message.content, message.media_url) == ("sticker", "[比心]", "https://p3.x/s.webp")


def test_content_may_be_a_json_string() -> None:
    assert the_message(a_message(content='{"text":"在吗","aweType":700}')).content == "在吗"


def test_a_private_format_without_text_is_other_and_not_an_empty_text() -> None:
    message = the_message(a_message(type=1, content={"foo": 1}))
    assert (message.type, message.content) == ("other", None)


def test_the_sender_may_be_an_object() -> None:
    sender = {
        "uid": FAN_UID,
        "secUid": FAN_SEC,
        "nickName": "粉丝甲",
        "avatarThumb": {"urlList": ["https://p3.x/f.jpeg"]},
    }
    message = the_message(a_message(sender=sender, nickname=None, avatar=None))
    assert (message.sender_id, message.sender_name, message.sender_avatar) == (FAN_SEC, "粉丝甲", "https://p3.x/f.jpeg")


def test_without_is_from_me_the_own_uid_tells_the_direction() -> None:
    inbound, outbound = a_message(), an_own_message()
    del inbound["isFromMe"], outbound["isFromMe"]
    _, messages = given(a_conversation(lastMessage=None), inbound, outbound)
    assert {m.platform_id: m.direction for m in messages} == {SERVER_ID: "inbound", outbound["serverId"]: "outbound"}


def test_a_direction_that_cannot_be_known_yet_is_held_not_guessed() -> None:
    raw = a_message()
    del raw["isFromMe"]
    assert an_inbox(raw).drain(SCOPE) == ([], [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 1_760_007_200_265),
        ({"ext": {}}, 1_760_007_200_206),
        ({"ext": {}, "createdAt": 1_760_007_200_206_000}, 1_760_007_200_206),  # microseconds
        ({"ext": {}, "createdAt": None}, (int(SERVER_ID) >> 32) * 1000),
    ],
)
def test_the_time_is_the_servers_else_the_pages_else_the_ids(changes: dict[str, Any], expected: int) -> None:
    assert the_message(a_message(**changes)).created_at == expected


def test_the_last_message_is_the_newest_known_and_its_time_is_never_now() -> None:
    late = an_own_message(ext={"s:server_message_create_time": "1760007999000"})
    [conversation], _ = given(a_conversation(), late)
    assert (conversation.last_message_time, conversation.last_message_sender_id) == (1_760_007_999_000, OWNER_SEC)
    [empty], _ = given(a_conversation(lastMessage=None))
    assert (empty.last_message_time, empty.last_message_id) == (None, None)


def test_a_group_is_kept_under_its_own_id() -> None:
    group_id = "7559172000000000777"
    group = a_conversation(
        id=group_id,
        type=2,
        toParticipantUserId=None,
        coreInfo={"name": "粉丝群"},
        participantCount=30,
        lastMessage=None,
    )
    [conversation], [message] = given(group, a_message(conversationId=group_id))
    assert (conversation.platform_id, conversation.type, conversation.group_name) == (group_id, "group", "粉丝群")
    assert (conversation.member_count, conversation.user_id) == (30, None)
    assert (message.conversation_id, message.sender_id) == (f"conv_acc1_{group_id}", FAN_SEC)


def test_a_message_of_a_kind_that_is_not_known_is_kept() -> None:
    message = the_message(a_message(type=9001, content='{"aweType": 12345, "hologram": {"uri": "x"}}'))
    assert (message.platform_id, message.type, message.content) == (SERVER_ID, "other", None)


def test_words_that_no_json_can_carry_are_kept_as_far_as_they_can_be() -> None:
    message = the_message(a_message(nickname="小\ud800鱼", content='{"text": "half \\ud83d", "aweType": 700}'))
    assert (message.sender_name, message.content) == ("小\ufffd鱼", "half \ufffd")


def test_the_words_of_a_recalled_message_are_not_the_last_ones_of_its_conversation() -> None:
    (conversation,), (message,) = given(a_conversation(lastMessage=None), a_message(isRecalled=True))
    assert (conversation.last_message_id, conversation.last_message_content) == (message.id, None)


def test_a_recalled_message_is_marked() -> None:
    assert the_message(a_message(isRecalled=True)).is_recalled is True


def test_unread_is_none_when_the_page_does_not_say() -> None:
    raw = a_conversation()
    del raw["_badgeCount"]
    [conversation], _ = given(raw)
    assert conversation.unread_count is None


def test_what_has_no_id_is_a_bad_item() -> None:
    with pytest.raises(BadItem):
        parse_message(a_message(serverId=None), NOW)
    with pytest.raises(BadItem):
        parse_conversation({"participants": []}, NOW)


def test_a_uid_learned_before_its_sec_uid_joins_it() -> None:
    book = Book()
    book.learn(parse_user({"uid": FAN_UID, "nickname": "粉丝甲"}))
    book.learn(parse_user({"uid": FAN_UID, "sec_uid": FAN_SEC}))
    card = book.card(FAN_SEC)
    assert card is not None
    assert (book.sec_of(FAN_UID), card.nickname) == (FAN_SEC, "粉丝甲")


def test_two_accounts_know_nothing_of_each_other() -> None:
    first, second = an_inbox(a_conversation()), an_inbox(an_own_message())
    first.drain(SCOPE)
    assert second.drain(SCOPE) == ([], [])
    assert TALK in second._held_messages[an_own_message()["serverId"]].chat_id
