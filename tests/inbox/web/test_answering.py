"""Answering as the pages say it: who may, why not, what is on its way, and what the pace leaves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from im_api.models import Grant
from inbox.pages.answering import replies
from sync.core.change.changes import ReplyMoved, ReplyWritten
from sync.core.replies.budget import NEVER, Turn
from sync.core.replies.reply import Reason, Reply, make_reply_id
from sync.core.replies.steps import (
    Abandoned,
    Cancelled,
    HandedOver,
    HoldEnded,
    PressingAsked,
    ReplyStep,
    Resulted,
)
from sync.hub import Hub
from sync.models import Account, Worker
from sync.storage.records import Actor
from tests.inbox.web.reading import read
from tests.servers import eventually
from tests.sync.histories import a_message, write_history

PATH = "/c/conv_roses_c1"
WINDOW = {"reply_mode": "window", "budget": {"night": [0, 0]}}
SENDS = WINDOW | {"reply_mode": "send"}
TYPED = (HoldEnded(), HandedOver("office", 1, "send"))
PRESSED = (*TYPED, PressingAsked(1, "office"))


@pytest.fixture
def sending(hub: Hub, mei: User, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """An account that sends. Nothing moves by itself: a test says how far a reply is."""
    monkeypatch.setattr(hub.replies, "tick", lambda: None)
    Grant.objects.filter(user=mei).update(level="operate")
    configure(hub, SENDS)
    return hub


def configure(hub: Hub, config: dict[str, Any], **fields: Any) -> None:
    worker, _ = Worker.objects.get_or_create(name="office")
    account = Account.objects.get(pk="roses")
    account.worker, account.config = worker, config
    for name, value in fields.items():
        setattr(account, name, value)
    account.save()
    eventually(lambda: hub.directory.accounts["roses"].config == config, "the account's config", 60)


def write(hub: Hub, text: str = "有的", by: str = "mei", **fields: Any) -> Reply:
    client_id, now = uuid4().hex, hub.clock()
    reply = Reply(
        id=make_reply_id("roses", client_id),
        client_id=client_id,
        text=text,
        by=by,
        created_at=now,
        not_before=now + 5_000,
        **{"kind": "message", "target": "c1", "thread": "c1", "mode": "send", **fields},
    )
    hub.write("roses", ReplyWritten(reply=reply), Actor("user:mei"))
    return reply


def move(hub: Hub, reply: Reply, *steps: ReplyStep) -> None:
    for step in steps:
        hub.write("roses", ReplyMoved(reply_id=reply.id, step=step), Actor("hub"))


# -- who may


def test_whoever_may_act_finds_a_field_and_whose_answer_it_is(browser: Client, sending: Hub) -> None:
    page = browser.get(PATH).content.decode()
    assert '<textarea\n      id="reply-text"' in page
    assert 'data-target="c1"' in page
    text = read(browser, PATH)
    assert "Reply as “小满花店”" in text
    assert "15 more this hour, 60 today." in text
    assert "以「小满花店」回复" in read(browser, PATH, **{"Accept-Language": "zh-CN"})


@pytest.mark.parametrize(
    ("config", "fields", "level", "words"),
    [
        (SENDS, {}, "read", "You may read “小满花店”, and not answer as it."),
        ({}, {}, "operate", "“小满花店” does not send from here."),
        ({"reply_mode": "off"}, {}, "operate", "“小满花店” does not send from here."),
        (SENDS, {"status": "inactive"}, "operate", "“小满花店” is paused: nothing is sent from here."),
    ],
)
def test_whoever_cannot_answer_here_is_told_why_and_led_to_the_platform(
    browser: Client, sending: Hub, mei: User, config: dict[str, Any], fields: dict[str, Any], level: str, words: str
) -> None:
    Grant.objects.filter(user=mei).update(level=level)
    Grant.objects.get(user=mei).save()  # tells that it changed
    configure(sending, config, **fields)
    text = read(browser, PATH)
    assert f"{words} Reply on Douyin as “小满花店”" in text
    assert "Copy the name" in text or "Open on Douyin" in text
    assert "reply-text" not in browser.get(PATH).content.decode()


def test_a_computer_that_cannot_send_yet_is_said(browser: Client, sending: Hub) -> None:
    sending.presence._capabilities["office"] = frozenset({"login"})
    assert "The computer of “小满花店” cannot send yet." in read(browser, PATH)


def test_in_a_window_a_person_presses_enter(browser: Client, sending: Hub) -> None:
    configure(sending, WINDOW)
    text = read(browser, PATH)
    assert "Into the window" in text
    assert "A person presses Enter on the computer “office”." in text


# -- what is on its way


@pytest.mark.parametrize(
    ("steps", "words", "chinese"),
    [
        ((), "can be taken back within 5 s Take back", "5 秒内可撤回 撤回"),
        (
            (HoldEnded(),),
            "queued: the computer “office” is not there, it goes when that is back Take back",
            "排队中，电脑「office」没在线，连上后发出 撤回",
        ),
        (TYPED, "being typed", "正在输入"),
        (PRESSED, "being sent, Douyin has not confirmed it yet", "正在发送，抖音还没有确认"),
        (
            (*PRESSED, Resulted(1, "office", "sent", confirmed_id="msg_roses_9", evidence="response")),
            "sent ",
            "已发出 ",
        ),
        (
            (*PRESSED, Resulted(1, "office", "refused", Reason("platform", "对方设置了隐私"))),
            "Douyin refused it: 对方设置了隐私 Try again",
            "抖音拒绝了：对方设置了隐私 重试",
        ),
        ((*PRESSED, Resulted(1, "office", "refused", Reason("platform"))), "Douyin refused it", "抖音拒绝了"),
        (
            (*TYPED, Resulted(1, "office", "failed", Reason("wrong_target"))),
            "Not sent: something else opened than what is answered Try again",
            "没有发出：打开的不是要回复的那一处 重试",
        ),
        (
            (*TYPED, Resulted(1, "office", "failed", Reason("news", "页面在维护"))),
            "Not sent: 页面在维护",
            "没有发出：页面在维护",
        ),
        ((HoldEnded(), Abandoned(Reason("no_worker"))), "Not sent: its computer was not there", "没有发出：电脑不在线"),
        (
            (*PRESSED, Resulted(1, "office", "unknown")),
            "Not sure whether it was sent: please look on Douyin",
            "不确定有没有发出，请在抖音看一下",
        ),
        ((Cancelled(),), "taken back, nothing was sent", "已撤回，没有发出"),
    ],
)
def test_each_state_is_said_in_words(
    browser: Client, sending: Hub, steps: tuple[ReplyStep, ...], words: str, chinese: str
) -> None:
    move(sending, write(sending, "有三束"), *steps)
    assert f"有三束 {words}" in read(browser, PATH)
    assert f"有三束 {chinese}" in read(browser, PATH, **{"Accept-Language": "zh-CN"})


def test_in_a_window_it_is_said_where_to_press(browser: Client, sending: Hub) -> None:
    handed = (HoldEnded(), HandedOver("office", 1, "window"), PressingAsked(1, "office"))
    move(sending, write(sending, "有三束"), *handed)
    assert "It stands in the window of “小满花店” on the computer “office”: press Enter there" in read(browser, PATH)


def test_whoever_waits_knows_how_many_go_before_and_about_when(
    browser: Client, sending: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending.presence, "is_online", lambda _name: True)
    for text in ("第一", "第二"):
        move(sending, write(sending, text), HoldEnded())
    text = read(browser, PATH)
    assert "第一 queued, goes at once Take back" in text
    assert "第二 queued: 1 goes before it, sent about " in text
    assert "2 go before it; the next goes about " in text


def test_whoever_waits_for_a_person_goes_before_nobody(
    browser: Client, sending: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending.presence, "is_online", lambda _name: True)
    stranger, other = write(sending, "第一"), write(sending, "第二")
    for reply in (stranger, other):
        move(sending, reply, HoldEnded())
    turns = {stranger.id: Turn(NEVER, "stranger"), other.id: Turn(sending.clock() - 1, None)}
    monkeypatch.setattr(replies, "list_turns", lambda _authorized: turns)
    text = read(browser, PATH)
    assert "第一 waits: somebody who never wrote gets one message" in text
    assert "第二 queued, goes at once" in text


@pytest.mark.parametrize(
    ("fields", "words", "chinese"),
    [
        (
            {"status": "inactive"},
            "queued: “小满花店” is paused, it goes when that goes on",
            "排队中，「小满花店」已暂停，恢复后发出",
        ),
        (
            {"worker": None},
            "queued: “小满花店” has no computer, it goes when it has one",
            "排队中，「小满花店」还没有分配电脑，分配后发出",
        ),
    ],
)
def test_what_waits_for_its_account_promises_no_time(
    browser: Client, sending: Hub, fields: dict[str, Any], words: str, chinese: str
) -> None:
    move(sending, write(sending, "有三束"), HoldEnded())
    configure(sending, SENDS | {"note": "now"}, **fields)
    assert f"有三束 {words}" in read(browser, PATH)
    assert f"有三束 {chinese}" in read(browser, PATH, **{"Accept-Language": "zh-CN"})


def test_whoever_writes_is_told_that_the_computer_is_not_there(
    browser: Client, sending: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = "The computer “office” is not there now: what is written here waits for it."
    assert absent in read(browser, PATH)
    monkeypatch.setattr(sending.presence, "is_online", lambda _name: True)
    assert absent not in read(browser, PATH)


def test_what_was_tried_again_or_is_there_as_a_message_is_not_said_twice(browser: Client, sending: Hub) -> None:
    failed = write(sending, "头一回")
    move(sending, failed, HoldEnded(), Abandoned(Reason("no_worker")))
    write(sending, "头一回", retry_of=failed.id)
    assert read(browser, PATH).count("头一回 ") == 1
    sent = write(sending, "有三束")
    move(sending, sent, *PRESSED)
    write_history("roses", {"messages": [a_message(5, direction="outbound", content="有三束")]})
    sending.store.publish([sending._change_log.load("roses", sending.store.new_view)])
    move(sending, sent, Resulted(1, "office", "sent", confirmed_id="m5", evidence="response"))
    text = read(browser, PATH)
    assert "有三束 mei · sent" in text
    assert text.count(" 有三束 mei ") == 1


def test_whoever_may_act_sees_who_wrote_it_and_takes_it_back(browser: Client, sending: Hub) -> None:
    write(sending, "有三束", by="owner")
    assert "有三束 owner · can be taken back within 5 s Take back" in read(browser, PATH)


def test_whoever_may_only_read_takes_nothing_back(browser: Client, sending: Hub, mei: User) -> None:
    Grant.objects.filter(user=mei).update(level="read")
    write(sending, "有三束", by="owner")
    page = browser.get(PATH).content.decode()
    assert "can be taken back within 5 s" in page
    assert 'data-reply="undo"' not in page


# -- what the writer saw


def test_the_page_says_what_the_writer_saw_and_whose_answer_is_the_newest(browser: Client, sending: Hub) -> None:
    page = browser.get(PATH).content.decode()
    assert 'data-based-on="m4"' in page
    assert 'data-answer="m2"' in page
    write(sending, "我自己的")
    mine = browser.get(PATH).content.decode()
    assert 'data-answer="m2"' in mine
    hers = write(sending, "她说的", by="lan")
    page = browser.get(PATH).content.decode()
    assert f'data-answer="{hers.id}"' in page
    assert 'data-answer-by="lan"' in page
    assert f'data-based-on="{hers.id}"' in page


# -- the pace


@pytest.mark.parametrize(
    ("pace", "words"),
    [
        ({"per_hour": 1}, "The 1 of this hour are used; the next goes about "),
        ({"per_day": 1}, "The 1 of today are used; the next goes about "),
        ({"apart_s": [3_000, 3_000]}, "The next goes about "),
    ],
)
def test_a_full_pace_says_when_the_next_goes(browser: Client, sending: Hub, pace: dict[str, Any], words: str) -> None:
    usual = {"apart_s": [1, 1], "per_hour": 5, "per_day": 5}
    configure(sending, {"reply_mode": "send", "budget": {"night": [0, 0], "messages": usual | pace}})
    move(sending, write(sending, "有三束"), *PRESSED, Resulted(1, "office", "unknown"))
    assert words in read(browser, PATH)


def test_after_a_check_nothing_goes_until_a_person_says_so(browser: Client, sending: Hub) -> None:
    move(sending, write(sending, "有三束"), *TYPED, Resulted(1, "office", "failed", Reason("check")))
    assert "Nothing goes: the platform asked for a check, warned of this account or ended" in read(browser, PATH)


def test_every_reason_that_the_docs_name_is_said_in_words() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "sending.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+`) \| `(failed|refused)` \|", text, re.MULTILINE)
    codes = {code for cell, _ in rows for code in re.findall(r"`(\w+)`", cell)}
    assert {"not_sent", "in_review", "kicked"} <= codes
    without = codes - set(replies.REASONS)
    assert without == {"refused"}, "whose own words are those of the platform"


def test_what_the_docs_say_that_people_read_is_what_they_read(browser: Client, sending: Hub) -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "sending.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S.*?) \| `(\w+)` \| (\w.*?) \| (.*[\u4e00-\u9fff].*) \|$", text, re.MULTILINE)
    assert {state for _, state, *_ in rows} == {"refused", "failed", "unknown"}
    for number, (cell, state, english, _) in enumerate(rows):
        code, words = cell.partition("`")[2].partition("`")[0], english.partition(": ")[2]
        reason = Reason(code or "no_evidence", words if cell.endswith("with words") else "")
        begun = TYPED if state == "failed" else PRESSED
        move(sending, write(sending, f"第{number}句"), *begun, Resulted(1, "office", state, reason))
    in_english, in_chinese = read(browser, PATH), read(browser, PATH, **{"Accept-Language": "zh-CN"})
    assert [row for n, row in enumerate(rows) if f"第{n}句 {row[2]} " not in in_english] == []
    assert [row for n, row in enumerate(rows) if f"第{n}句 {row[3]} " not in in_chinese] == []
