"""The ledger of what pages sent, and the switches for what becomes of it."""

import json
from random import Random
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from crawler.platforms.douyin.im.sending import parse_sent
from demo.events import DemoEvent
from demo.fans import choose_thanks
from demo.ledger import Ledger, Sending
from demo.site import Site
from demo.switches import SendOutcome, Switches, use_outcome
from demo.texts import THANKS
from demo.views.sending import ARRIVES, MADE
from demo.wire import im, sending
from demo.wire.protobuf import encode
from demo.world import DemoAccount

COMMENT = "/creator/aweme/v1/creator/comment/reply/"
MESSAGE = "/im/v1/message/send"
HEARD_OF = sorted(sending.MESSAGES.keys() - {"ok"})


def a_sending(**changed: Any) -> Sending:
    given = {"account": "alpha", "kind": "message", "text": "在的", "at_ms": 1, "request": "/im", "outcome": "ok"}
    return Sending(**{**given, "arrived": True, "conversation_id": "0:1:1:2", **changed})


def switch(client: TestClient, **change: object) -> None:
    assert client.post("/control/switches", json={"account": "alpha", **change}).status_code == 200


def send(client: TestClient, conversation_id: str, text: str) -> bytes:
    body = {1: conversation_id, 2: 1, 4: json.dumps({"text": text}), 6: 7, 8: "client-1"}
    answer: bytes = client.post(MESSAGE, content=encode({1: im.SEND, 2: 1, 8: {im.SEND: body}})).content
    return answer


def ledger(client: TestClient, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/control/ledger", params=query).json()
    return found


def test_what_arrived_twice_is_named_once() -> None:
    kept = Ledger()
    for one in (
        a_sending(),
        a_sending(arrived=False),
        a_sending(at_ms=9),
        a_sending(conversation_id="0:1:1:3"),
        a_sending(account="beta"),
        a_sending(text="好"),
    ):
        kept.note(one)
    assert kept.list_repeated() == [a_sending(at_ms=9)]
    assert len(kept.list_arrived("alpha")) == 4


@pytest.mark.parametrize("where", ["message", "comment"])
def test_whoever_was_answered_writes_on_where_it_was(
    member: TestClient, alpha: DemoAccount, site: Site, where: str
) -> None:
    if where == "message":
        send(member, alpha.conversations[0].id, "在的")
    else:
        target = alpha.comments[0]
        member.post(COMMENT, json={"aweme_id": target.aweme_id, "comment_id": target.cid, "text": "在的"})
    [sent] = site.answered
    site.act(alpha, choose_thanks(sent, Random(1)))
    said = alpha.conversations[0].messages[-1].text if where == "message" else alpha.comments[-1].text
    author = alpha.conversations[0].messages[-1].sender_uid if where == "message" else alpha.comments[-1].author_uid
    assert (said in THANKS, author) == (True, sent.to_uid)


def test_an_outcome_for_some_times_ends_by_itself() -> None:
    switches, seen = Switches(message_outcome="blocked", outcome_times=2), []
    for _ in range(3):
        outcome, switches = use_outcome(switches, "message")
        seen.append(outcome)
    assert (seen, switches) == (["blocked", "blocked", "ok"], Switches())


def test_an_outcome_without_times_stays_and_is_of_its_kind_only() -> None:
    switches = Switches(message_outcome="never")
    assert use_outcome(switches, "message") == ("never", switches)
    assert use_outcome(switches, "comment") == ("ok", switches)


def test_a_message_is_in_the_ledger_with_whom_it_reached(member: TestClient, alpha: DemoAccount) -> None:
    talk = alpha.conversations[0]
    answer = parse_sent(send(member, talk.id, "在的，您说～"))
    [noted] = ledger(member)
    assert (noted["text"], noted["to_uid"], noted["client_id"]) == ("在的，您说～", talk.partner_uid, "client-1")
    assert (noted["arrived"], noted["request"], noted["account"]) == (True, MESSAGE, "alpha")
    assert (talk.messages[-1].server_id, talk.messages[-1].client_id) == (answer.message_id, "client-1")
    assert noted["id"] == answer.message_id


@pytest.mark.parametrize("outcome", HEARD_OF)
def test_what_is_refused_reaches_nobody(member: TestClient, alpha: DemoAccount, outcome: SendOutcome) -> None:
    talk, before = alpha.conversations[0], len(alpha.conversations[0].messages)
    switch(member, message_outcome=outcome, outcome_times=1)
    first, second = (parse_sent(send(member, talk.id, text)).state for text in ("一", "二"))
    assert (first == "sent", second) == (False, "sent")
    assert [(one["outcome"], one["arrived"]) for one in ledger(member)] == [(outcome, False), ("ok", True)]
    assert len(talk.messages) == before + 1 + (outcome == "self_visible")


def test_what_only_its_sender_sees_is_in_the_list_with_a_status(
    member: TestClient, site: Site, alpha: DemoAccount
) -> None:
    switch(member, message_outcome="self_visible")
    send(member, alpha.conversations[0].id, "看得到吗")
    assert alpha.conversations[0].messages[-1].only_self
    assert ledger(member, arrived="1") == []


@pytest.mark.parametrize(
    ("outcome", "header"),
    [("reload_before", "x-demo-page"), ("reload_after", "x-demo-page"), ("check", "x-vc-bdturing-parameters")],
)
def test_an_answer_that_is_none_says_so_in_its_head(
    member: TestClient, alpha: DemoAccount, site: Site, outcome: SendOutcome, header: str
) -> None:
    switch(member, message_outcome=outcome)
    body = {1: alpha.conversations[0].id, 4: json.dumps({"text": "你好"})}
    answer = member.post(MESSAGE, content=encode({1: im.SEND, 8: {im.SEND: body}}))
    assert (answer.content, header in answer.headers) == (b"", True)
    assert [one.arrived for one in site.ledger.sendings] == [outcome == "reload_after"]
    assert site.switches["alpha"].check == (outcome == "check")


def test_a_kick_ends_the_session(member: TestClient, alpha: DemoAccount, site: Site) -> None:
    switch(member, message_outcome="kick")
    assert json.loads(send(member, alpha.conversations[0].id, "你好")) == {"decision": "KICK"}
    assert site.switches["alpha"].kicked
    assert parse_sent(send(member, alpha.conversations[0].id, "你好")).state == "logged_out"


def test_an_answer_can_be_lost_after_the_message_arrived(member: TestClient, alpha: DemoAccount, site: Site) -> None:
    switch(member, message_outcome="answer_lost")
    assert send(member, alpha.conversations[0].id, "你好") == b""
    assert alpha.conversations[0].messages[-1].text == "你好"
    assert [one.text for one in site.ledger.list_arrived("alpha")] == ["你好"]


def test_somebody_who_never_wrote_gets_one_message_until_he_answers(
    member: TestClient, alpha: DemoAccount, site: Site
) -> None:
    stranger = site.world.people["200000000030"]
    body = {1: 1, 2: int(stranger.uid)}
    member.post("/im/v2/conversation/create", content=encode({1: im.CREATE, 8: {im.CREATE: body}}))
    assert alpha.get_conversation_with(stranger.uid) is None, "to ask for it sends nothing"
    id = im_id(alpha, stranger.uid)
    states = [parse_sent(send(member, id, text)).state for text in ("您好", "在吗")]
    site.act(alpha, DemoEvent("message", "在", conversation_id=id))
    states.append(parse_sent(send(member, id, "谢谢")).state)
    assert states == ["sent", "refused", "sent"]
    assert [one.outcome for one in site.ledger.sendings] == ["ok", "stranger_limit", "ok"]
    assert {one.to_uid for one in site.ledger.sendings} == {stranger.uid}


def im_id(account: DemoAccount, uid: str) -> str:
    first, second = sorted((account.owner.uid, uid), key=int)
    return f"0:1:{first}:{second}"


def test_nobody_gets_what_is_for_a_person_who_does_not_exist(member: TestClient, site: Site) -> None:
    assert parse_sent(send(member, "0:1:77:1000000000000001", "你好")).state == "refused"
    assert site.ledger.sendings == []


@pytest.mark.parametrize("under", ["comment", "work"])
def test_a_comment_is_in_the_ledger_with_its_target(member: TestClient, alpha: DemoAccount, under: str) -> None:
    target = alpha.comments[0]
    cid = target.cid if under == "comment" else ""
    made = member.post(COMMENT, json={"aweme_id": target.aweme_id, "comment_id": cid, "text": "在的"}).json()
    [noted] = ledger(member, account="alpha")
    assert (noted["kind"], noted["aweme_id"], noted["cid"]) == ("comment", target.aweme_id, cid)
    assert noted["to_uid"] == (target.author_uid if cid else "")
    assert noted["id"] == made["comment_info"]["comment_id"]


@pytest.mark.parametrize("outcome", [one for one in get_args(SendOutcome) if one not in ("never", "ok")])
def test_a_comment_is_there_only_if_its_outcome_says_so(
    member: TestClient, alpha: DemoAccount, site: Site, outcome: SendOutcome
) -> None:
    target, before = alpha.comments[0], len(alpha.comments)
    switch(member, comment_outcome=outcome, outcome_times=1)
    member.post(COMMENT, json={"aweme_id": target.aweme_id, "comment_id": target.cid, "text": "在的"})
    assert [(one.outcome, one.arrived) for one in site.ledger.sendings] == [(outcome, outcome in ARRIVES)]
    assert len(alpha.comments) == before + (outcome in MADE)


def test_a_comment_that_is_deleted_while_the_answer_goes_is_not_answered(
    member: TestClient, alpha: DemoAccount, site: Site
) -> None:
    target = alpha.comments[0]
    site.act(alpha, DemoEvent("delete_comment", cid=target.cid))
    said = member.post(COMMENT, json={"aweme_id": target.aweme_id, "comment_id": target.cid, "text": "在的"}).json()
    assert said["status_msg"] == "评论已被删除"
    assert [(one.outcome, one.arrived) for one in site.ledger.sendings] == [("comment_deleted", False)]
