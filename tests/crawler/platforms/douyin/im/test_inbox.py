"""F1 to F5, F7, F11 to F15: what a page loads and hears, in the lines of a recording, and what its replay gives."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms.douyin.im.inbox import ImInbox
from crawler.platforms.douyin.im.news import parse_response
from crawler.platforms.douyin.im.people import parse_people
from crawler.platforms.douyin.replay import Replay
from demo.wire.protobuf import entries
from sync.protocol.items import Conversation, Message
from tests.crawler.platforms.douyin.im.wire import (
    BASE,
    CHAT,
    FAN,
    FAN_SEC,
    FIRST_ID,
    GROUP,
    NOW,
    OTHER,
    OTHER_SEC,
    OWNER,
    OWNER_SEC,
    SENT,
    a_body,
    a_frame,
    a_new_message,
    a_response,
    an_info,
    an_init,
    an_own_body,
)


def packed(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


class Account:
    """A recording that grows line by line, and the newest item of everything that its replay gave, by platform id."""

    def __init__(self) -> None:
        self.recording = Replay({"at": NOW, "account": "acc1"})
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, Message] = {}

    @property
    def inbox(self) -> ImInbox:
        return self.recording._state.inbox

    def load(self, *responses: bytes) -> "Account":
        return self._read(*({"kind": "im", "path": "", "status": 200, "bytes": packed(one)} for one in responses))

    def hear(self, *responses: bytes) -> "Account":
        return self._read(*({"kind": "frame", "bytes": packed(a_frame(one))} for one in responses))

    def meet(self, *answers: Any) -> "Account":
        return self._read(*({"kind": "people", "status": 200, "body": {"status_code": 0, **one}} for one in answers))

    def _read(self, *lines: dict[str, Any]) -> "Account":
        for line in lines:
            # As a file would give it.
            assert list(self.recording.read(json.loads(json.dumps({"at": NOW, **line})))) == []
            assert self.recording.failures == []
        given = self.recording.finish().items
        self.conversations |= {one.platform_id: one for one in given["conversations"] if isinstance(one, Conversation)}
        self.messages |= {one.platform_id: one for one in given["messages"] if isinstance(one, Message)}
        return self

    @property
    def texts(self) -> list[str | None]:
        return [m.content for m in sorted(self.messages.values(), key=lambda m: int(m.order or 0))]


def unread(account: Account) -> int | None:
    return account.conversations[FAN_SEC].unread_count


def test_f1_both_pages_of_the_list_are_read_singles_and_a_group() -> None:
    other = f"0:1:{OWNER}:{OTHER}"
    group = an_info(GROUP, ((OWNER, OWNER_SEC), (FAN, FAN_SEC)), f3=2, f7=12, f50={5: "粉丝 群"})
    first = an_init(
        (an_info(), [a_body(1), an_own_body(2)]), (group, [a_body(1, f1="", f3=FIRST_ID + 90)]), has_more=True
    )
    second = an_init((an_info(other, ((OTHER, OTHER_SEC), (OWNER, OWNER_SEC)), f51={6: True, 7: True}), []))
    assert [parse_response(page, NOW).has_more for page in (first, second)] == [True, False]
    account = Account().load(first, second)
    assert {id: (c.type, c.group_name, c.member_count) for id, c in account.conversations.items()} == {
        FAN_SEC: ("private", None, None),
        GROUP: ("group", "粉丝 群", 12),
        OTHER_SEC: ("private", None, None),
    }
    assert (account.conversations[OTHER_SEC].is_muted, account.conversations[OTHER_SEC].is_pinned) == (True, True)
    assert {
        m.conversation_id.rpartition("_")[2]: m.direction for m in account.messages.values() if m.content == "第 1 句"
    } == {
        FAN_SEC.rpartition("_")[2]: "inbound",
        GROUP: "inbound",
    }
    assert account.messages[str(FIRST_ID + 2)].direction == "outbound"


def test_f1_ids_of_19_digits_stay_strings_with_all_their_digits() -> None:
    account = Account().load(an_init((an_info(), [a_body(1)])))
    assert list(account.messages) == ["7600000000000000002"]
    assert account.messages["7600000000000000002"].id == "msg_acc1_7600000000000000002"


def test_f2_unread_is_what_came_after_the_last_read_message() -> None:
    account = Account().load(an_init((an_info(), [a_body(1), a_body(2), an_own_body(3), a_body(4), a_body(5)])))
    assert unread(account) is None
    account.load(a_response(610, {1: [{1: CHAT, 3: 1, 51: {5: BASE + 30_000, 14: 3}}]}))
    assert unread(account) == 2


def test_f2_unread_is_the_difference_of_the_platforms_two_counts() -> None:
    account = Account().load(an_init((an_info(f10=7), [a_body(1)])))
    assert unread(account) == 7
    assert unread(account.load(a_response(610, {1: [{1: CHAT, 51: {16: 5}}]}))) == 2


def test_f3_history_is_read_page_by_page_and_an_empty_page_may_promise_more() -> None:
    newest = a_response(301, {1: [a_body(number) for number in range(100, 50, -1)], 2: 1, 3: True})
    older = a_response(301, {1: [a_body(number) for number in range(50, 0, -1)], 3: False})
    empty = a_response(301, {2: 9, 3: True})
    account = Account().load(an_init((an_info(), [])), newest, older, empty)
    assert account.texts == [f"第 {number} 句" for number in range(1, 101)]
    assert (parse_response(empty, NOW).has_more, parse_response(empty, NOW).found.messages) == (True, [])


def test_f4_increments_bring_new_messages_beside_commands_and_recalls() -> None:
    account = Account().load(an_init((an_info(), [a_body(1), a_body(2)])))
    recall = a_body(3, f6=40001, content=json.dumps({"server_message_id": str(FIRST_ID + 1)}))
    command = a_body(4, f6=50002, content="{}")
    recent = {2: [{1: 9, 2: [a_body(5, f1="")], 4: 3, 5: CHAT}], 3: False}
    account.load(a_response(2048, {1: recent, 2: {1: [recall, command], 2: False}}))
    assert account.texts == ["第 1 句", "第 2 句", "第 5 句"]
    assert [m.is_recalled for m in account.messages.values()] == [True, False, False]


def test_f4_a_recalled_message_is_one_with_its_words_still_there_or_only_referred_to() -> None:
    mark = entries({"s:is_recalled": "true"})
    account = Account().load(
        an_init((an_info(), [a_body(1, f9=mark), a_body(2), a_body(3, f18={1: FIRST_ID + 2, 4: 3})]))
    )
    assert [m.is_recalled for m in account.messages.values()] == [True, True, False]
    account.load(an_init((an_info(), [a_body(2)])))  # Told again, without a word of the recall.
    assert account.messages[str(FIRST_ID + 2)].is_recalled


def test_f5_strangers_come_with_their_own_list_and_count() -> None:
    stranger = {1: 9, 2: 4, 3: a_body(8, f1=""), 4: CHAT, 5: [{1: FAN, 5: FAN_SEC}, {1: OWNER, 5: OWNER_SEC}], 6: 4}
    response = a_response(1001, {2: True, 3: 4, 4: [stranger]})
    account = Account().load(response)
    assert (unread(account), account.texts) == (4, ["第 8 句"])
    assert parse_response(response, NOW).conversations[0].is_stranger is True


def test_a_stranger_is_one_until_a_message_says_otherwise() -> None:
    def marked(number: int, says: str) -> dict[int, Any]:
        return a_body(number, f9=entries({"s:is_stranger": says}))

    account = Account().load(an_init((an_info(), [marked(1, "true")])))
    [conversation] = account.conversations.values()
    assert conversation.is_stranger is True
    account.load(an_init((an_info(), [marked(2, "false"), marked(1, "true")])))
    [conversation] = account.conversations.values()
    assert conversation.is_stranger is False


FOLD = {1: "a:s_is_folded", 2: "1"}


def a_setting(value: str, op: int, **fields: Any) -> dict[int, Any]:
    """The command by which a setting of a conversation changes."""
    entry = {"key": "a:s_is_folded", "value": value, "version": 9, "op_type": op}
    said = {"command_type": 4, "conversation_id": CHAT, "conversation_version": 9, "ext_data": [entry]} | fields
    return a_body(99, f6=50001, content=said)


def test_a_conversation_that_its_owner_folded_away_is_told_apart_and_loses_nothing() -> None:
    other = f"0:1:{OWNER}:{OTHER}"
    plain = an_info(other, ((OTHER, OTHER_SEC), (OWNER, OWNER_SEC)), f51={6: True})
    account = Account().load(an_init((an_info(f51={6: True, 9: [FOLD]}), [a_body(1)]), (plain, [])))
    assert {id: (one.is_folded, one.is_muted) for id, one in account.conversations.items()} == {
        FAN_SEC: (True, True),
        OTHER_SEC: (False, True),
    }
    assert account.texts == ["第 1 句"]


def test_folding_on_the_phone_is_heard_and_so_is_unfolding() -> None:
    account = Account().load(an_init((an_info(), [a_body(1)])))
    assert account.conversations[FAN_SEC].is_folded is None
    for body, is_folded in ((a_setting("1", 1), True), (a_setting("1", 2), False), (a_setting("0", 1), False)):
        account.hear(a_new_message(body))
        assert account.conversations[FAN_SEC].is_folded is is_folded
    for other in (a_setting("1", 1, command_type=2), a_setting("1", 1, ext_data=[{"key": "a:other", "op_type": 1}])):
        account.hear(a_new_message(other))
    account.load(a_response(2048, {2: {1: [a_body(98, f6=50001, content="{oops")]}}))
    assert account.conversations[FAN_SEC].is_folded is False
    assert account.texts == ["第 1 句"]


def test_namesakes_are_two_people() -> None:
    other = f"0:1:{OWNER}:{OTHER}"
    account = Account().load(
        an_init(
            (an_info(), [a_body(1)]),
            (
                an_info(other, ((OTHER, OTHER_SEC), (OWNER, OWNER_SEC))),
                [a_body(2, f1=other, f7=OTHER, f14=OTHER_SEC), an_own_body(3, f1=other)],
            ),
        )
    )
    account.meet({"data": [PERSON, PERSON | {"uid": str(OTHER), "sec_uid": OTHER_SEC, "unique_id": "wang2"}]})
    assert {id: one.user_name for id, one in account.conversations.items()} == {FAN_SEC: "小王", OTHER_SEC: "小王"}
    assert {m.platform_id: m.conversation_id.rpartition("_")[2] for m in account.messages.values()} == {
        str(FIRST_ID + 1): FAN_SEC,
        str(FIRST_ID + 2): OTHER_SEC,
        str(FIRST_ID + 3): OTHER_SEC,
    }


def test_f7_reading_on_the_phone_lowers_the_count() -> None:
    account = Account().load(an_init((an_info(f10=9, f51={16: 6}), [a_body(n) for n in (7, 8, 9)])))
    assert unread(account) == 3
    assert unread(account.hear(a_response(501, {1: CHAT, 2: 1, 3: BASE + 80_000, 4: 8}))) == 1
    assert unread(account.hear(a_new_message(a_body(10), f13=10))) == 2
    assert unread(account.hear(a_response(501, {1: CHAT, 2: 1, 3: BASE + 100_000}))) == 0


def test_f11_the_time_is_field_10_and_never_the_index_of_field_4() -> None:
    [message] = parse_response(an_init((an_info(), [a_body(35)])), NOW).found.messages
    assert (message.created_at, message.place) == (SENT + 35, 35)


@pytest.mark.parametrize(
    ("fields", "created_at"),
    [
        ({"f10": None}, SENT + 1),
        ({"f10": None, "f9": None}, (FIRST_ID + 1 >> 32) * 1000),
        ({"f10": None, "f9": None, "f3": 42}, None),
        ({"f10": 12, "f9": None, "f3": 42}, None),
    ],
    ids=["from ext", "from the id", "unknown", "absurd"],
)
def test_f11_without_its_own_time_a_message_has_the_servers_then_that_of_its_id(
    fields: dict[str, Any], created_at: int | None
) -> None:
    [message] = parse_response(an_init((an_info(), [a_body(1, **fields)])), NOW).found.messages
    assert message.created_at == created_at


def test_f11_an_older_index_alone_gives_the_place() -> None:
    [message] = parse_response(an_init((an_info(), [a_body(12, f17=None)])), NOW).found.messages
    assert message.place == 12


PERSON = {"uid": str(FAN), "sec_uid": FAN_SEC, "nickname": "小王", "unique_id": "wang"}


def test_f12_people_come_in_parts_some_without_a_uid() -> None:
    account = Account().load(an_init((an_info(), [a_body(1)])))
    bare = {key: value for key, value in PERSON.items() if key != "uid"}
    for part in ([bare], [PERSON | {"nickname": "", "avatar_thumb": {"url_list": ["https://p3.douyinpic.com/w"]}}]):
        assert parse_people({"status_code": 0, "data": part}).health.bad == 0
        account.meet({"data": part})
    account.load(an_init((an_info(), [])))
    conversation = account.conversations[FAN_SEC]
    assert (conversation.user_name, conversation.user_avatar) == ("小王", "https://p3.douyinpic.com/w")


def test_f12_a_message_that_was_given_out_before_the_name_of_who_wrote_it_is_given_out_under_it_once() -> None:
    account = Account().load(an_init((an_info(), [a_body(1), an_own_body(2)])))
    account.hear(a_new_message(a_body(3)))
    assert {(one.sender_name, one.recipient_name) for one in account.messages.values()} == {(None, None)}
    account.meet({"data": [PERSON]})
    names = [
        one.recipient_name if one.direction == "outbound" else one.sender_name for one in account.messages.values()
    ]
    assert names == ["小王", "小王", "小王"]
    account.messages.clear()
    account.meet({"data": [PERSON]})
    assert account.messages == {}


def test_f12_the_owners_remark_stands_beside_the_name_and_its_blanks_are_blanks() -> None:
    account = Account().load(an_init((an_info(), [a_body(1)])))
    account.meet({"data": [PERSON | {"remark_name": "老王\u00a0（批发）"}]})
    conversation = account.conversations[FAN_SEC]
    assert (conversation.user_name, conversation.remark_name) == ("小王", "老王 （批发）")


@pytest.mark.parametrize("owner", [FAN - 1, FAN + 1], ids=["smaller", "larger"])
def test_f13_the_own_uid_may_be_the_smaller_or_the_larger_one(owner: int) -> None:
    chat = "0:1:" + ":".join(map(str, sorted((FAN, owner))))
    info = an_info(chat, ((FAN, FAN_SEC), (owner, OWNER_SEC)))
    bodies = [a_body(1, f1=chat), a_body(2, f1=chat, f7=owner, f14=OWNER_SEC)]
    account = Account().load(a_response(2043, {1: [{1: info, 2: bodies}]}, f13=owner))
    assert [m.direction for m in account.messages.values()] == ["inbound", "outbound"]
    assert account.conversations.keys() == {FAN_SEC}


def test_f14_a_message_that_comes_three_ways_is_one() -> None:
    account = Account().load(an_init((an_info(), [a_body(1)])), a_response(301, {1: [a_body(1)]}))
    account.hear(a_new_message(a_body(1)))
    assert account.texts == ["第 1 句"]


def test_an_own_message_that_nobody_received_is_none_and_proves_nothing() -> None:
    account = Account().load(an_init((an_info(), [a_body(1), an_own_body(2)])))
    account.hear(a_new_message(an_own_body(3, f12=4)), a_new_message(a_body(4, f12=4)))
    assert account.texts == ["第 1 句", "第 2 句", "第 4 句"], "what others wrote is kept whatever its status"
    assert account.inbox.own_texts(CHAT) == {str(FIRST_ID + 2): "第 2 句"}
    assert account.inbox.knows(str(FIRST_ID + 3))
    assert not account.inbox.has_gaps


EXTRA = {77: 5, 99: "new", 123: {1: "deep"}, 4000: [1, 2, 3]}


def test_f15_unknown_fields_are_skipped_everywhere() -> None:
    plain = Account().load(an_init((an_info(), [a_body(1)])))
    body, info = {**a_body(1), **EXTRA}, {**an_info(), **EXTRA}
    odd = Account().load(a_response(2043, {1: [{1: info, 2: [body], **EXTRA}], **EXTRA}, f77=5, f99="new"))
    assert (odd.conversations, odd.messages) == (plain.conversations, plain.messages)


def test_a_gap_is_noticed_by_the_place_before_and_filled_by_what_comes_later() -> None:
    account = Account().load(an_init((an_info(), [a_body(1), a_body(2)])))
    account.hear(a_new_message(a_body(3), f16=BASE + 20_000))
    assert not account.inbox.has_gaps
    account.hear(a_new_message(a_body(6), f16=BASE + 50_000))
    assert account.inbox.has_gaps
    account.load(a_response(2048, {1: {2: [{2: [a_body(4)], 5: CHAT}]}}))
    assert account.inbox.has_gaps
    account.load(a_response(2048, {1: {2: [{2: [a_body(5)], 5: CHAT}]}}))
    assert not account.inbox.has_gaps


def test_a_long_conversation_does_not_grow_for_ever_and_still_counts() -> None:
    account = Account().load(an_init((an_info(f51={14: 2_000}), [])))
    for first in range(1, 2_003, 50):
        account.load(a_response(301, {1: [a_body(number) for number in range(first, first + 50)]}))
    [talk] = account.inbox._talks.values()
    assert (len(talk.messages), len(talk.places) <= 600, unread(account)) == (300, True, 50)


def test_a_conversation_that_is_heard_of_first_has_no_gap() -> None:
    account = Account().hear(a_new_message(a_body(40), f16=BASE + 390_000))
    assert not account.inbox.has_gaps
    assert (account.texts, list(account.conversations)) == (["第 40 句"], [FAN_SEC])


NEWS = (
    an_init((an_info(), [a_body(1), an_own_body(2)])),
    a_response(301, {1: [a_body(3), an_own_body(2), a_body(1)]}),
    a_response(2048, {1: {2: [{2: [a_body(4)], 5: CHAT}]}}),
    a_new_message(a_body(5)),
    a_new_message(an_own_body(6)),
)


@given(st.lists(st.sampled_from(NEWS), max_size=8), st.permutations(NEWS))
def test_f14_in_any_order_and_however_often_the_messages_are_the_same(again: list[bytes], news: list[bytes]) -> None:
    account = Account().load(*again, *news)
    assert account.texts == [f"第 {number} 句" for number in range(1, 7)]
    assert [m.platform_id for m in account.messages.values() if m.direction == "outbound"] == [
        m.platform_id for m in account.messages.values() if m.content in ("第 2 句", "第 6 句")
    ]
