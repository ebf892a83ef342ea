"""`q`: a part of the text in any language, whatever the case, in every list that has it."""

from typing import Any

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import MINUTE, T0, a_comment, a_conversation, a_message, a_snapshot, a_work
from tests.im_api.conftest import get

IDS = {
    "conversations": ("conversations", "conversation_id"),
    "messages": ("messages", "msg_id"),
    "contents": ("contents", "content_id"),
    "discussions": ("discussions", "discussion_id"),
    "unified-messages": ("messages", "msg_id"),
    "threads": ("threads", "thread_id"),
}


@pytest.fixture
def alice(bare_hub: Hub, connect: Any) -> httpx.AsyncClient:
    bare_hub.store.update_account_data("acc-a", a_snapshot(conversations=[]), now=T0)
    bare_hub.store.update_account_data("acc-a", shelf(), now=T0 + 90 * MINUTE)
    client: httpx.AsyncClient = connect("alice")
    return client


def shelf() -> dict[str, Any]:
    return a_snapshot(
        conversations=[
            a_conversation("mia", userName="橘子汽水 Mia"),
            a_conversation("group", type="group", userId=None, userName=None, groupName="读书会 BOOKS"),
            a_conversation(
                "ben", userName="ＢＥＮ全角", lastMessageContent="STRASSE 晚上见", lastMessageTime=T0 + 9 * MINUTE
            ),
        ],
        messages=[
            a_message("m1", "mia", 1, content="这款蓝莓酸奶多少钱？ Free Shipping?", senderName="橘子汽水 Mia"),
            a_message("m2", "mia", 2, content="Straße 100% _under\\score_", senderName="Stranger"),
            a_message("m3", "mia", 3, content="ＡＢＣ１２３", senderName="橘子汽水 Mia"),
        ],
        contents=[
            a_work("w1", title="蓝莓酸奶 Tasting", description="海边的一天"),
            a_work("w2", title="Ὀδυσσεύς", description=None),
        ],
        comments=[
            a_comment("c1", "w1", 10, content="好想吃蓝莓！", authorName="Momo小狗"),
            a_comment("c2", "w2", 11, content="İstanbul", authorName="MOMO"),
        ],
    )


async def found(client: httpx.AsyncClient, name: str, q: str) -> set[str]:
    key, id_key = IDS[name]
    rows = (await get(client, f"/{name}", account_id="acc-a", q=q, count=200))[key]
    return {row[id_key].rpartition("_")[2] for row in rows}


@pytest.mark.parametrize(
    ("name", "q", "expected"),
    [
        ("conversations", "橘子", {"mia"}),
        ("conversations", "汽水 m", {"mia"}),
        ("conversations", "书会", {"group"}),
        ("conversations", "books", {"group"}),
        ("conversations", "晚上见", {"ben"}),
        ("conversations", "straße", {"ben"}),
        ("messages", "酸奶多少", {"m1"}),
        ("messages", "FREE shipping", {"m1"}),
        ("messages", "橘子汽水", {"m1", "m3"}),
        ("messages", "STRANGER", {"m2"}),
        ("messages", "strasse", {"m2"}),
        ("messages", "100%", {"m2"}),
        ("messages", "%", {"m2"}),
        ("messages", "_under\\score_", {"m2"}),
        ("messages", "？", {"m1"}),
        ("messages", "没有的词", set()),
        ("contents", "蓝莓", {"w1"}),
        ("contents", "tasting", {"w1"}),
        ("contents", "海边", {"w1"}),
        ("contents", "ὀδυσσεύσ", {"w2"}),
        ("discussions", "想吃", {"c1"}),
        ("discussions", "momo", {"c1", "c2"}),
        ("discussions", "酸奶", {"c1"}),
        ("discussions", "TASTING", {"c1"}),
        ("unified-messages", "没有的词", set()),
    ],
)
async def test_a_part_of_the_text_finds_it(alice: httpx.AsyncClient, name: str, q: str, expected: set[str]) -> None:
    assert await found(alice, name, q) == expected


@pytest.mark.parametrize(
    ("name", "q", "expected"),
    [
        *(("messages", q, {"m3"}) for q in ("ＡＢＣ", "ａｂｃ", "abc", "１２", "12", "A\u200bBC")),
        ("contents", "ΟΔΥΣΣΕΎΣ", set()),
        ("contents", "ο\u0313δυσσευ\u0301σ", {"w2"}),
        ("conversations", "ben全角", {"ben"}),
        ("unified-messages", "abc", {"m3"}),
        ("threads", "ABC123", {"mia"}),
    ],
)
async def test_a_search_takes_no_notice_of_width_composition_and_what_nobody_sees(
    alice: httpx.AsyncClient, name: str, q: str, expected: set[str]
) -> None:
    assert await found(alice, name, q) == expected


async def test_what_was_taken_back_is_not_found_by_its_words(bare_hub: Hub, alice: httpx.AsyncClient) -> None:
    gone = [
        a_message("m4", "ben", 4, content="secret address", isRecalled=True),
        a_message("m6", "ben", 6, content="public address"),
    ]
    shop = a_conversation("ben", lastMessageContent="secret address", lastMessageTime=T0 + 30 * MINUTE)
    snapshot = {**a_snapshot(messages=gone, conversations=[shop]), "partial": ["messages", "conversations"]}
    bare_hub.store.update_account_data("acc-a", snapshot, now=T0 + 91 * MINUTE)
    assert await found(alice, "messages", "public address") == {"m6"}
    for name in ("conversations", "messages", "unified-messages", "threads"):
        assert await found(alice, name, "secret") == set()
    rows = (await get(alice, "/unified-messages", account_id="acc-a", count=200))["messages"]
    assert {row["msg_id"]: row["content"] for row in rows if row["msg_id"] in ("msg_acc-a_m4", "msg_acc-a_m6")} == {
        "msg_acc-a_m4": None,
        "msg_acc-a_m6": "public address",
    }
    last = (await get(alice, "/conversations/conv_acc-a_ben"))["last_message"]
    assert (last["msg_id"], last["content"]) == ("msg_acc-a_m6", "public address")


async def test_the_feed_searches_words_and_people_of_all_kinds(alice: httpx.AsyncClient) -> None:
    assert await found(alice, "unified-messages", "蓝莓") == {"m1", "c1"}
    assert await found(alice, "unified-messages", "momo") == {"c1", "c2"}


@pytest.mark.parametrize("name", IDS)
async def test_no_text_is_no_filter(alice: httpx.AsyncClient, name: str) -> None:
    key, _ = IDS[name]
    everything = await get(alice, f"/{name}", account_id="acc-a", count=200)
    assert (await get(alice, f"/{name}", account_id="acc-a", count=200, q=""))[key] == everything[key]
    assert everything[key]
