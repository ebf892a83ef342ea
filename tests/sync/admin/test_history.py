"""The owner sees who did what, and undoes a deletion."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any, get_args

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sync.admin.history import ACTIONS, SENTENCES
from sync.core.change.changes import Action, ConversationCreated, Noted, Operated, ReadBefore, ReplyMoved, ReplyWritten
from sync.core.change.changes import Change as AnyChange
from sync.core.change.delta import Delta
from sync.core.replies.reply import make_reply_id
from sync.core.replies.steps import Cancelled, HoldEnded
from sync.core.stored.log_row_body import encode_body
from sync.hub import Hub, system_clock
from sync.models import Account, Change
from sync.storage.change_log import columns
from sync.storage.records import Actor
from tests.sync.core.replies.builders import a_reply
from tests.sync.histories import NOW, a_conversation, a_message, load, write_history
from tests.sync.threaded_hub import running_hub

HISTORY = "/admin/sync/change/"
MEI, LIN = Actor("user:mei", "token phone, 10.0.0.7"), Actor("user:lin", "browser, 10.0.0.8")
DAY = 86_400_000
REPLIES = ("reply", "retry_reply", "cancel_reply")


@pytest.fixture
def owner(transactional_db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("owner"))
    return client


@pytest.fixture
def hub(transactional_db: None) -> Iterator[Hub]:
    comment = {"id": "k1", "commentId": "k1", "contentId": "w", "content": "nice", "createdAt": NOW + 1}
    for name in ("roses", "tea"):
        write_history(
            name,
            {
                "conversations": [a_conversation(1)],
                "messages": [a_message(number) for number in range(1, 6)],
                "comments": [comment],
            },
        )
    get_user_model().objects.create(username="mei")
    with running_hub() as hub:
        yield hub


def operate(hub: Hub, action: Any, collection: Any, *ids: str, account: str = "roses", actor: Actor = MEI) -> None:
    do(hub, Operated(action=action, collection=collection, ids=ids), account, actor)


def do(hub: Hub, change: AnyChange, account: str = "roses", actor: Actor = MEI) -> None:
    assert hub.write(account, change, actor).changed


def rows(client: Client, query: str = "") -> list[list[str]]:
    """The cells of each row, without the time."""
    response = client.get(HISTORY + query)
    assert response.status_code == 200
    body = response.content.decode()
    return [cells[2:] for cells in read_table(body, 'id="result_list"')]


def read_table(body: str, beginning: str) -> list[list[str]]:
    """The cells of each row of the table that follows `beginning`; none: there is no such table."""
    body = body.partition(beginning)[2].partition("<tbody>")[2].partition("</tbody>")[0]
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", body, flags=re.S):
        cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, flags=re.S)
        found.append([text_of(cell) for cell in cells])
    return found


def text_of(html: str) -> str:
    """What a person reads, without the marks that isolate names."""
    text = unescape(re.sub(r"<[^>]+>", "", html)).replace("\u2068", "").replace("\u2069", "")
    return re.sub(r"\s+", " ", text).strip()


def restore(client: Client, *changes: Change, **data: Any) -> str:
    data |= {"action": "restore", "_selected_action": [change.pk for change in changes]}
    body = client.post(HISTORY, data, follow=True).content.decode()
    found = re.search(r'<ul class="messagelist">(.*?)</ul>', body, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def test_it_says_who_did_what_to_which_item_and_from_where(owner: Client, hub: Hub) -> None:
    operate(hub, "pin", "conversations", "c1")
    operate(hub, "delete", "messages", "m1", actor=LIN)
    do(hub, ConversationCreated(user_id="zoe"), "tea")
    assert rows(owner) == [
        ["mei", "opened the conversation conv_tea_zoe", "Shop tea (tea)", "token phone, 10.0.0.7"],
        ["lin", "deleted a message in the conversation with Fan 1", "Shop roses (roses)", "browser, 10.0.0.8"],
        ["mei", "pinned the conversation with Fan 1", "Shop roses (roses)", "token phone, 10.0.0.7"],
    ]
    body = owner.get(HISTORY).content.decode()
    assert 'href="/admin/sync/account/tea/change/"' in body


def test_people_are_called_by_their_names_and_items_by_theirs(owner: Client, hub: Hub) -> None:
    users = get_user_model().objects
    users.filter(username="mei").update(first_name="小王", last_name="张")
    users.create(username="lin", first_name="Lin", last_name="Chen")
    work = {"id": "w", "contentId": "w", "title": "新手养绣球", "createdAt": NOW}
    notice = {"id": "n1", "notificationId": "n1", "type": "like", "triggerName": "晚风", "createdAt": NOW + 2}
    comment = {
        "id": "k1",
        "commentId": "k1",
        "contentId": "w",
        "content": "nice",
        "authorName": "小鱼儿",
        "createdAt": NOW,
    }
    group = a_conversation(2, type="group", groupName="老顾客群", userName=None)
    ours = a_message(31, 3, direction="outbound", senderName=None, recipientName="阿茶")  # nothing else is known of it
    data = {"contents": [work], "notifications": [notice], "comments": [comment], "conversations": [group]}
    write_history("roses", {**data, "messages": [ours]})
    hub.store.publish([load("roses")])
    operate(hub, "read", "comments", "k1")
    operate(hub, "read", "notifications", "n1", actor=LIN)
    operate(hub, "mute", "conversations", "c2", actor=LIN)
    operate(hub, "delete", "messages", "m31", actor=LIN)
    assert [" ".join(row[:2]) for row in rows(owner)] == [
        "Lin Chen deleted a message in the conversation with 阿茶",
        "Lin Chen muted the group “老顾客群”",
        "Lin Chen read the notice about 晚风",
        "张小王 read the comment of 小鱼儿",
    ]


def test_it_is_said_in_the_language_of_the_reader(owner: Client, hub: Hub) -> None:
    get_user_model().objects.filter(username="mei").update(first_name="小王")
    operate(hub, "read", "conversations", "c1")
    operate(hub, "done", "conversations", "c1")
    do(hub, ReadBefore(before=NOW * 2, kinds=frozenset({"comment", "discussion"})), actor=LIN)
    owner.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN,zh;q=0.9"
    assert [[row[0], row[1], row[3]] for row in rows(owner)] == [
        ["lin", "把某个时间之前的标为已读：全部评论", "浏览器, 10.0.0.8"],
        ["小王", "处理完 Fan 1 的会话", "令牌 phone, 10.0.0.7"],
        ["小王", "已读 Fan 1 的会话", "令牌 phone, 10.0.0.7"],
    ]
    page = owner.get(HISTORY)
    assert page.headers["Content-Language"] == "zh-hans"
    assert {"Accept-Language", "Cookie"} <= set(page.headers["Vary"].split(", "))
    shown = text_of(page.content.decode())
    for words in ("处理记录", "哪一天", "今天", "昨天", "最近 7 天", "谁在哪天做了多少", "恢复移除的内容"):
        assert words in shown
    owner.cookies["imhub_language"] = "en"
    assert rows(owner)[2][:2] == ["小王", "read the conversation with Fan 1"]


def test_it_says_who_did_how_much_on_which_day(owner: Client, transactional_db: None) -> None:
    Account.objects.create(pk="roses", name="R")
    people = {"mei": [("read", 0), ("read", 0), ("done", 0), ("read", 2), ("pin", 40)], "lin": [("mute", 1)]}
    number = 0
    for name, done in people.items():
        for action, days in done:
            number += 1
            row = a_row(number, action, at=system_clock() - days * DAY, actor=f"user:{name}")
            row.save()
    body = owner.get(HISTORY).content.decode()
    assert read_table(body, 'class="summary"') == [
        ["mei", "3", "–", "1", "–", "–", "–", "–", "4"],
        ["lin", "–", "1", "–", "–", "–", "–", "–", "1"],
    ]
    assert 'title="read 2, marked as handled 1"' in body
    links = re.findall(r'href="(\?user=mei&amp;day=[^"]+)"', body)
    assert [len(rows(owner, unescape(link))) for link in links] == [3, 1]
    assert read_table(owner.get(f"{HISTORY}?user=lin").content.decode(), 'class="summary"')[0][0] == "lin"
    assert len(rows(owner, "?day=yesterday-ish")) == len(rows(owner))


def test_there_is_a_word_for_all_that_people_do() -> None:
    assert set(ACTIONS) == set(SENTENCES) == {*get_args(Action), "read_before", "make", "note", "unnote", *REPLIES}


def test_a_note_is_said_without_its_words(owner: Client, hub: Hub) -> None:
    do(hub, Noted(user_id="fan", text="老客户"))
    do(hub, Noted(user_id="fan", text=""), actor=LIN)
    assert [row[:2] for row in rows(owner)] == [
        ["lin", "removed the note on the person fan"],
        ["mei", "wrote a note on the person fan"],
    ]
    assert "老客户" not in owner.get(HISTORY).content.decode()


def test_a_reply_is_said_without_its_words(owner: Client, hub: Hub) -> None:
    reply = a_reply(id=make_reply_id("roses", f"{1:032x}"), target="c1", text="九十九元")
    do(hub, ReplyWritten(reply=reply))
    do(hub, ReplyMoved(reply_id=reply.id, step=Cancelled()), actor=LIN)
    do(hub, ReplyWritten(reply=a_reply(2, target="c1", retry_of=reply.id)))
    do(hub, ReplyMoved(reply_id=a_reply(2).id, step=HoldEnded()), actor=Actor("hub"))
    assert [row[:2] for row in rows(owner)] == [
        ["mei", "tried a reply to the conversation with Fan 1 again"],
        ["lin", "took a reply to the conversation with Fan 1 back"],
        ["mei", "replied to the conversation with Fan 1"],
    ]
    assert "九十九元" not in owner.get(HISTORY).content.decode()


def test_what_workers_report_is_not_in_it(owner: Client, hub: Hub) -> None:
    assert Change.objects.count() == 2
    assert rows(owner) == []


def test_of_many_items_the_first_are_named(owner: Client, hub: Hub) -> None:
    operate(hub, "delete", "messages", *(f"m{number}" for number in range(1, 6)))
    do(hub, ReadBefore(before=NOW * 2, kinds=frozenset({"comment", "discussion"})))
    message = "a message in the conversation with Fan 1"
    assert [row[1] for row in rows(owner)] == [
        "read everything up to a time: all comments",
        f"deleted {message}, {message}, {message} and 2 more",
    ]


def test_it_is_narrowed_by_account_user_and_action(owner: Client, hub: Hub) -> None:
    operate(hub, "pin", "conversations", "c1")
    operate(hub, "mute", "conversations", "c1", account="tea", actor=LIN)
    pinned, muted = ["pinned the conversation with Fan 1"], ["muted the conversation with Fan 1"]
    for query, expected in (
        ("?account__id__exact=tea", muted),
        ("?user=mei", pinned),
        ("?user=lin", muted),
        ("?action=mute", muted),
        ("?action=delete", []),
        ("?user=lin&action=pin", []),
    ):
        assert [row[1] for row in rows(owner, query)] == expected, query


def test_it_is_narrowed_by_time(owner: Client) -> None:
    Account.objects.create(pk="roses", name="R")
    for number, (action, days) in enumerate([("pin", 40), ("mute", 3), ("read", 0)]):
        a_row(number, action, at=system_clock() - days * DAY).save()
    assert [row[1] for row in rows(owner)] == ["read", "muted", "pinned"]
    assert [row[1] for row in rows(owner, "?days=1")] == ["read"]
    assert [row[1] for row in rows(owner, "?days=7")] == ["read", "muted"]
    assert [row[1] for row in rows(owner, "?days=30&action=pin")] == []


def test_a_row_that_cannot_be_read_says_so_and_keeps_none_from_the_others(owner: Client, hub: Hub) -> None:
    operate(hub, "pin", "conversations", "c1")
    operate(hub, "delete", "messages", "m1")
    Change.objects.filter(action="pin").update(body=b"x" * 20)
    deleted = "deleted a message in the conversation with Fan 1"
    assert [row[1] for row in rows(owner)] == [deleted, "pinned (cannot be read)"]


def test_a_deletion_is_undone(owner: Client, hub: Hub) -> None:
    operate(hub, "delete", "comments", "k1")
    operate(hub, "delete", "messages", "m1", "m2")
    operate(hub, "delete", "conversations", "c1", account="tea")
    assert restore(owner, *Change.objects.filter(action="delete")) == "4 items restored."
    for account in ("roses", "tea"):
        for view in (hub.store.get_view(account), load(account)):
            assert not view.mark("comments", "k1").deleted
            assert not view.mark("messages", "m1").deleted
            assert view.is_visible("conversations", "c1")
    first = rows(owner)[0]
    assert (first[0], first[1].split()[0]) == ("owner", "restored")
    assert first[3] == "admin, 127.0.0.1"
    assert restore(owner, *Change.objects.filter(action="delete")) == "0 items restored."


def test_too_many_deletions_at_once_are_refused_before_the_first(
    owner: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.admin.history.MAX_RESTORED", 2)
    for number in (1, 2, 3):
        operate(hub, "delete", "messages", f"m{number}")
    operate(hub, "pin", "conversations", "c1")
    refused = "Nothing was restored: choose at most 2 deletions at once."
    assert restore(owner, *Change.objects.exclude(action="")) == refused
    assert restore(owner, Change.objects.filter(action="delete")[0], select_across="1") == refused
    assert rows(owner)[0][1] == "pinned the conversation with Fan 1"
    without_first = Change.objects.filter(action__in=("delete", "pin")).order_by("pk")[1:]
    assert restore(owner, *without_first) == "2 items restored."


def test_what_is_no_address_is_unknown(owner: Client, hub: Hub) -> None:
    operate(hub, "delete", "messages", "m1")
    owner.defaults["REMOTE_ADDR"] = "x" * 500
    assert restore(owner, *Change.objects.filter(action="delete")) == "1 item restored."
    assert rows(owner)[0][3] == "admin, unknown"


def test_the_page_says_how_far_back_it_goes_where_there_is_more(
    owner: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    operate(hub, "pin", "conversations", "c1")
    assert "Filters lead to what is older." not in owner.get(HISTORY).content.decode()
    monkeypatch.setattr("sync.admin.history.MAX_LISTED", 1)
    assert "The newest 1. Filters lead to what is older." in owner.get(HISTORY).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        f"{HISTORY}?user=%00",
        f"{HISTORY}?account__id__exact=a%00b",
        "/admin/sync/account/?q=%00",
        "/admin/auth/user/?q=%00",
    ],
)
def test_an_address_that_no_database_can_answer_is_a_bad_request(owner: Client, address: str) -> None:
    assert owner.get(address).status_code == 400


def test_a_path_that_no_database_can_answer_leads_nowhere(owner: Client) -> None:
    assert owner.get("/admin/sync/account/a%00b/change/").status_code == 404


def test_only_deletions_are_undone(owner: Client, hub: Hub) -> None:
    operate(hub, "pin", "conversations", "c1")
    assert restore(owner, *Change.objects.filter(action="pin")) == "0 items restored."
    assert hub.store.get_view("roses").conversation_states["c1"].pinned


def test_without_a_hub_nothing_is_undone(owner: Client, transactional_db: None) -> None:
    Account.objects.create(pk="roses", name="R")
    row = a_row(0, "delete")
    row.save()
    assert restore(owner, row) == "Nothing was restored: the hub is not running in this process."


def test_it_is_for_reading_only(owner: Client, hub: Hub) -> None:
    operate(hub, "pin", "conversations", "c1")
    pk = Change.objects.get(action="pin").pk
    assert owner.get(f"{HISTORY}add/").status_code == 403
    assert owner.post(f"{HISTORY}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert owner.post(f"{HISTORY}{pk}/change/", {"actor": "x"}).status_code == 403
    mei = Client()
    mei.force_login(get_user_model().objects.get(username="mei"))
    assert mei.get(HISTORY).status_code == 302


def a_row(number: int, action: str, at: int = NOW, actor: str = "user:mei") -> Change:
    row = Change(
        account_id="roses",
        version=number + 1,
        seq_from=1,
        seq_to=0,
        at=at,
        actor=actor if action else "worker:w1",
        action=action,
    )
    row.body = encode_body(Delta(action=action), columns(row))
    return row


@pytest.mark.django_db
def test_a_page_costs_the_same_however_long_the_history_is(admin_client: Client) -> None:
    """The database takes the index of people's changes, not the table."""
    Account.objects.create(pk="roses", name="R")
    Change.objects.bulk_create(a_row(number, "pin" if number % 1_000 == 0 else "") for number in range(20_000))
    with CaptureQueriesContext(connection) as queries:
        assert len(rows(admin_client)) == 20
    asked = [query["sql"] for query in queries if '"sync_change"' in query["sql"]]
    assert len(asked) == 3  # the page, how many there are, and who did how much by day
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # or the plan is one for an empty table
        for sql in asked:
            cursor.execute(f"{explain} {sql}")
            assert "changes_by_people" in str(cursor.fetchall()), sql
