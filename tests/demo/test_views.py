"""The site over HTTP, as a browser on this machine asks it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from crawler.errors import CrawlError, LoginLost
from crawler.platforms.douyin.capture import read_body
from crawler.platforms.douyin.im.news import ImNews, parse_frame, parse_response
from crawler.platforms.douyin.im.sending import parse_sent
from demo.site import Site
from demo.wire import im
from demo.wire.protobuf import Fields, encode
from demo.world import DemoAccount
from tests.demo.conftest import Clock

WORK_LIST = "/creator/janus/douyin/creator/pc/work_list"
PICKER = "/creator/aweme/v1/creator/item/list/"
REPLY = "/creator/aweme/v1/creator/comment/reply/"
CHAT = "/creator/creator-micro/data/following/chat"
HOME = "http://127.0.0.1:8100/creator/creator-micro/home"


def new_code(client: TestClient, base: str = "/creator") -> dict[str, Any]:
    data: dict[str, Any] = client.get(f"{base}/passport/web/get_qrcode/").json()["data"]
    return data


def state_of(client: TestClient, code: dict[str, Any], base: str = "/creator") -> dict[str, Any]:
    answer = client.get(f"{base}/passport/web/check_qrconnect/", params={"token": code["token"]})
    data: dict[str, Any] = answer.json()["data"]
    return data


def switch(client: TestClient, **change: object) -> None:
    assert client.post("/control/switches", json={"account": "alpha", **change}).status_code == 200


def test_without_a_session_answers_say_8_with_http_200(guest: TestClient) -> None:
    for path in (WORK_LIST, PICKER, "/www/aweme/v1/web/notice/detail/"):
        answer = guest.get(path)
        assert (answer.status_code, answer.json()["status_code"]) == (200, 8)


def test_without_a_session_pages_lead_to_the_root(guest: TestClient) -> None:
    assert guest.get("/creator/creator-micro/home").headers["location"] == "http://127.0.0.1:8100/creator/"


def test_a_person_chooses_the_account_on_the_phone(guest: TestClient) -> None:
    code = new_code(guest)
    assert code["qrcode"].startswith("data:image/png;base64,")
    assert state_of(guest, code)["status"] == "new"
    phone = code["qrcode_index_url"]
    assert "粉丝" not in guest.get(phone).text
    assert state_of(guest, code)["status"] == "scanned"
    guest.post(phone, data={"account": "beta"})
    assert state_of(guest, code) == {"status": "confirmed", "redirect_url": HOME}
    assert "beta2025" in guest.get("/creator/creator-micro/home").text
    assert guest.get("/creator/").headers["location"] == HOME


def test_the_phone_beside_a_browser_confirms_by_itself(guest: TestClient, clock: Clock) -> None:
    code = new_code(guest, "/for/alpha/creator")
    seen = []
    for _ in range(4):
        seen.append(state_of(guest, code, "/for/alpha/creator")["status"])
        clock.pass_seconds(0.7)
    assert seen == ["new", "new", "scanned", "confirmed"]
    assert "alpha2025" in guest.get("/for/alpha/creator/creator-micro/home").text
    assert guest.get("/creator/creator-micro/home").status_code == 307, "the session belongs to /for/alpha"


def test_a_phone_that_is_away_confirms_nothing(guest: TestClient, clock: Clock) -> None:
    switch(guest, phone_away=True)
    code = new_code(guest, "/for/alpha/creator")
    clock.pass_seconds(60)
    assert state_of(guest, code)["status"] == "new"


def test_the_second_step_wants_the_code_that_the_phone_got(guest: TestClient) -> None:
    switch(guest, second_step=True)
    code = new_code(guest)
    phone = guest.post(code["qrcode_index_url"], data={"account": "alpha"}).text
    assert state_of(guest, code)["status"] == "verify"
    sms = guest.get("/control/state").json()["accounts"]["alpha"]["short_message"]
    assert f"验证码 {sms}" in phone
    verify = f"/creator/passport/web/verify_sms/?token={code['token']}&code="
    for wrong in ("", "abc", sms[::-1] + "0"):
        assert guest.post(verify + wrong).json()["data"]["error_code"] == 1202
    assert state_of(guest, code)["status"] == "verify"
    assert guest.post(verify + sms).json()["data"]["error_code"] == 0
    assert [state_of(guest, code)["status"] for _ in range(2)] == ["confirmed", "expired"]


def test_a_code_lives_150_seconds_and_opens_one_session(guest: TestClient, clock: Clock) -> None:
    old = new_code(guest)
    clock.pass_seconds(150)
    assert state_of(guest, old)["status"] == "expired"
    code = new_code(guest)
    guest.post(code["qrcode_index_url"], data={"account": "beta"})
    assert [state_of(guest, code)["status"] for _ in range(2)] == ["confirmed", "expired"]


def test_an_ended_session_says_8_again(member: TestClient) -> None:
    assert member.get(PICKER).json()["status_code"] == 0
    switch(member, expired_session=True)
    assert member.get(PICKER).json()["status_code"] == 8
    assert member.get("/creator/creator-micro/home").headers["location"].endswith("/creator/")


def test_the_work_list_with_a_slash_has_moved_for_good(member: TestClient) -> None:
    moved = member.get(f"{WORK_LIST}/?count=12&max_cursor=0")
    assert moved.status_code == 301
    assert moved.headers["location"] == f"http://127.0.0.1:8100{WORK_LIST}?count=12&max_cursor=0"
    assert len(member.get(moved.headers["location"]).json()["aweme_list"]) == 5


def test_all_three_lists_of_an_account_answer_with_and_without_slash(member: TestClient) -> None:
    for path in (PICKER, PICKER.rstrip("/")):
        assert len(member.get(path).json()["item_info_list"]) == 5


def test_a_reply_is_there_after_it_was_sent(member: TestClient, alpha: DemoAccount) -> None:
    target = alpha.comments[0]
    sent = member.post(REPLY, json={"aweme_id": target.aweme_id, "comment_id": target.cid, "text": "在的"}).json()
    reply = alpha.get_comment(sent["comment_info"]["comment_id"])
    assert sent["status_code"] == 0
    assert reply is not None
    assert (reply.text, reply.parent_cid, reply.author_uid) == ("在的", target.cid, alpha.owner.uid)


def test_a_comment_of_the_owner_makes_no_notice(member: TestClient, alpha: DemoAccount) -> None:
    before = len(alpha.notices)
    member.post(REPLY, json={"aweme_id": alpha.works[0].aweme_id, "text": "置顶说明"})
    assert alpha.comments[-1].author_uid == alpha.owner.uid
    assert len(alpha.notices) == before


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("too_fast", "回复过于频繁，请稍后再试"),
        ("private_work", "私密作品无法评论"),
        ("comment_deleted", "评论已被删除"),
    ],
)
def test_refused_replies_say_why_and_are_not_there(
    member: TestClient, alpha: DemoAccount, fault: str, message: str
) -> None:
    switch(member, **{fault: True})
    before = len(alpha.comments)
    body = {"aweme_id": alpha.works[0].aweme_id, "comment_id": alpha.comments[0].cid, "text": "在的"}
    answer = member.post(REPLY, json=body).json()
    assert (answer["status_msg"], answer["error_msg"]) == (message, message)
    assert answer["status_code"] != 0
    assert len(alpha.comments) == before


def test_the_page_of_messages_can_be_gone(member: TestClient) -> None:
    assert member.get("/www/chat").status_code == 200
    switch(member, www_chat="gone")
    assert member.get("/www/chat").status_code == 404
    switch(member, www_chat="home")
    assert member.get("/www/chat").headers["location"].endswith("/www/")


def test_the_page_in_the_creator_centre_has_moved(member: TestClient) -> None:
    assert "私信功能已迁移" in member.get(CHAT).text
    assert member.get("/www/messages").status_code == 404


def ask(client: TestClient, path: str, cmd: int, body: Fields) -> bytes:
    tag = im.BODY_NUMBERS.get(cmd, cmd)
    answer: bytes = client.post(f"/im{path}", content=encode({1: cmd, 2: 1, 8: {tag: body}})).content
    return answer


def test_blocked_messages_are_not_sent(member: TestClient, alpha: DemoAccount) -> None:
    body = {1: alpha.conversations[0].id, 4: json.dumps({"text": "你好"})}
    switch(member, dm_blocked=True)
    refused = parse_sent(ask(member, "/v1/message/send", im.SEND, body))
    assert (refused.state, "无法" in (refused.words or "")) == ("refused", True)
    assert len(alpha.conversations[0].messages) == 2
    switch(member, dm_blocked=False)
    sent = parse_sent(ask(member, "/v1/message/send", im.SEND, body))
    assert alpha.conversations[0].messages[-1].server_id == sent.message_id


def test_the_im_host_answers_protobuf(member: TestClient, clock: Clock) -> None:
    answer = member.post("/im/v1/message/get_message_by_init", content=encode({1: 2043, 8: {2043: {1: 0, 2: 0}}}))
    assert answer.headers["content-type"] == "application/x-protobuf"
    news = parse_response(answer.content, clock())
    assert (len(news.conversations), news.has_more) == (25, True)


def test_the_im_host_knows_no_guest_and_kicks(guest: TestClient, site: Site, clock: Clock) -> None:
    with pytest.raises(LoginLost):
        parse_response(ask(guest, "/v1/message/get_message_by_init", im.INIT, {}), clock())
    site.logins.sessions["session-of-alpha"] = "alpha"
    guest.cookies.set("sessionid", "session-of-alpha")
    switch(guest, kicked=True)
    with pytest.raises(LoginLost):
        parse_response(ask(guest, "/v1/message/get_message_by_init", im.INIT, {}), clock())


def test_who_marks_a_conversation_read_is_counted(member: TestClient, alpha: DemoAccount) -> None:
    talk = alpha.conversations[3]
    ask(member, "/v1/message/get_by_conversation", im.HISTORY, {1: talk.id})
    assert talk.unread == 2
    ask(member, "/v1/conversation/mark_read", im.MARK_READ, {1: talk.id})
    assert talk.unread == 0
    ask(member, "/v1/conversation/mark_read", im.MARK_READ, {1: talk.id})
    done = member.get("/control/state").json()["accounts"]["alpha"]["done"]
    assert done == {"mark_read": 2, "mark_read_of_unread": 1}


def test_notices_are_asked_for_by_id(member: TestClient, alpha: DemoAccount) -> None:
    asked = json.dumps([{"notice_id_str": alpha.notices[0].nid, "type": 0}])
    (notice,) = member.get("/www/aweme/v1/web/notice/detail/", params={"id_list": asked}).json()["notice_list_v2"]
    assert notice["nid_str"] == alpha.notices[0].nid


def test_a_public_work_needs_no_session(guest: TestClient, alpha: DemoAccount) -> None:
    aweme_id = alpha.works[0].aweme_id
    assert guest.get(f"/www/share/video/{aweme_id}/").headers["location"].endswith(f"/www/video/{aweme_id}")
    assert "阿尔法小铺的作品 1" in guest.get(f"/www/video/{aweme_id}").text
    answer = guest.get("/www/aweme/v1/web/comment/list/", params={"aweme_id": aweme_id}).json()
    assert (len(answer["comments"]), answer["has_more"]) == (1, 0)


def test_a_persons_page_needs_no_session(site: Site, guest: TestClient, alpha: DemoAccount) -> None:
    fan = next(iter(site.world.people.values()))
    for person in (fan, alpha.owner):
        for base in ("/www", "/for/alpha/www"):
            assert f"<h1>{person.nickname}</h1>" in guest.get(f"{base}/user/{person.sec_uid}").text
    assert guest.get("/www/user/MS4wLjABAAAAnobody").status_code == 404


def test_pictures_need_a_fresh_signature(member: TestClient, clock: Clock) -> None:
    address = member.get(PICKER).json()["item_info_list"][0]["cover_image_url"]
    assert member.get(address).headers["content-type"] == "image/svg+xml"
    assert member.get(address.replace("x-signature=", "x-signature=0")).status_code == 403
    clock.pass_seconds(3 * 3600)
    assert member.get(address).status_code == 403


def test_every_page_says_that_it_is_a_demo(member: TestClient, alpha: DemoAccount) -> None:
    paths = [
        "/creator/creator-micro/home",
        CHAT,
        "/www/",
        "/control/",
        f"/www/video/{alpha.works[0].aweme_id}",
        "/none",
    ]
    code = new_code(member)
    for path in [*paths, code["qrcode_index_url"]]:
        text = member.get(path).text
        assert "演示 demo</title>" in text
        assert 'class="demo-banner"' in text


def test_other_machines_and_sites_do_not_reach_the_control_room(site: Site, guest: TestClient) -> None:
    assert guest.post("/control/event", json={}, headers={"origin": "http://evil.test"}).status_code == 403
    assert guest.get("/control/state", headers={"host": "evil.test"}).status_code == 403
    far = TestClient(guest.app, "http://127.0.0.1:8100", client=("10.0.0.9", 5000))
    assert far.get("/control/state").status_code == 403


def test_an_injected_message_is_there(guest: TestClient, alpha: DemoAccount) -> None:
    body = {"account": "alpha", "kind": "message", "uid": "200000000006", "text": "在吗"}
    made = guest.post("/control/event", json=body).json()
    conversation = alpha.get_conversation(made["conversation_id"])
    assert conversation is not None
    assert (conversation.messages[-1].server_id, conversation.messages[-1].text, conversation.unread) == (
        made["id"],
        "在吗",
        1,
    )
    assert guest.get("/control/state").json()["accounts"]["alpha"]["counts"]["messages"] == 11


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"account": "alpha"},
        {"account": "alpha", "kind": "dance"},
        {"account": "alpha", "kind": "recall"},
        {"account": "x"},
    ],
)
def test_what_cannot_happen_is_refused_with_a_reason(guest: TestClient, body: dict[str, Any]) -> None:
    answer = guest.post("/control/event", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_unknown_switch_is_refused(guest: TestClient) -> None:
    assert guest.post("/control/switches", json={"account": "alpha", "nonsense": 1}).status_code == 400
    assert guest.post("/control/switches", json={"account": "nobody", "too_fast": True}).status_code == 400


@pytest.mark.parametrize(
    ("state", "of_lists", "of_messages"),
    [
        ("ok", (200, "an answer"), (200, "command 2043")),
        ("too_fast", (200, "SlowDown"), (429, "SlowDown")),
        ("fault", (500, "Retryable"), (500, "Retryable")),
        ("empty", (200, "PageChanged"), (200, "PageChanged")),
    ],
)
def test_answers_may_be_refusals_faults_or_empty(
    member: TestClient, state: str, of_lists: tuple[int, str], of_messages: tuple[int, str]
) -> None:
    switch(member, answers=state, im_answers=state)
    listed = member.get(PICKER)
    assert (listed.status_code, _read_as(lambda: read_body(listed.content, listed.status_code))) == of_lists
    loaded = member.post("/im/v1/message/get_message_by_init", content=encode({1: 2043}))
    read = _read_as(lambda: parse_response(loaded.content, 2**41, loaded.status_code))
    assert (loaded.status_code, read) == of_messages


def _read_as(read: Callable[[], object]) -> str:
    """Return what the crawler takes it for."""
    try:
        found = read()
    except CrawlError as error:
        return type(error).__name__
    return f"command {found.cmd}" if isinstance(found, ImNews) else "an answer"


def test_the_socket_tells_what_happens_on_its_account_only(member: TestClient) -> None:
    with member.websocket_connect("/im/ws/v2") as socket:
        for account, text in (("beta", "nicht"), ("alpha", "在吗")):
            member.post("/control/event", json={"account": account, "kind": "message", "text": text})
        news = parse_frame(socket.receive_bytes(), 2**41)
        assert news is not None
        assert [message.content for message in news.found.messages] == ["在吗"]
        member.post("/control/event", json={"account": "alpha", "kind": "like"})
        assert json.loads(socket.receive_bytes().partition(b"text/json")[2][3:])["notice"]["type"] == 41
