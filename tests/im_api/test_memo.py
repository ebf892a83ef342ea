"""The memo of rendered answers: who shares them, what ends them, how much it holds. That they are right is compared at
every read of all tests here (see `compared`)."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.db.models import F
from django.http import HttpResponse, QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from im_api import access
from im_api.access import Access, Principal, TokenInfo, now_ms
from im_api.inline import InlineReads, Memo
from im_api.inline.answer import Answer
from im_api.inline.memo import ENTRY_BYTES, MOST_OF_ALL
from im_api.inline.question import _sorted
from im_api.models import ApiToken, Grant, hash_token
from im_api.queries.scope import Basis, Era, Reading
from sync.directory import Directory
from sync.hub import Hub
from sync.models import Account, Generation
from sync.store import DataStore
from tests.bodies import put_out
from tests.im_api.builders import a_message, a_snapshot
from tests.im_api.conftest import NOW, USERS, a_directory, an_account, check_refusal

CONVERSATIONS = "/api/im/conversations?account_id=acc-a"
SHARED = [
    CONVERSATIONS,
    "/api/im/conversations/conv_acc-a_mia",
    "/api/im/conversations/conv_acc-a_mia/messages",
    "/api/im/messages?account_id=acc-a&direction=inbound",
    "/api/im/contents/cont_acc-a_w1/stats",
    "/api/im/discussions?account_id=acc-a",
    "/api/im/discussions/comm_acc-a_c1/replies",
    "/api/im/notifications/notif_acc-a_n1",
    "/api/im/unified-messages?account_id=all",
    "/api/im/unified-messages/stats?account_id=all",
    "/api/im/threads?account_id=all",
    "/api/im/people/acc-a/mia/note",
]
NEVER = [
    "/api/im/accounts",
    "/api/im/accounts/acc-a",
    "/api/im/saved-replies",
    "/api/im/health",
    "/api/im/version",
    "/api/im",
    "/api/v1/status",
    "/api/im/messages/nothing",
    "/api/im/conversations",
    "/api/im/conversations?account_id=acc-a&format=json",
]


@dataclass
class Asked:
    """A memo of its own behind an application, and clients of it."""

    memo: Memo
    app: InlineReads

    def client(self, username: str | None, **headers: str) -> httpx.AsyncClient:
        if username is not None:
            headers["Authorization"] = f"Token {username}"
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)

    @property
    def hits(self) -> int:
        return self.memo.count().hits

    @property
    def misses(self) -> int:
        return self.memo.count().misses


@pytest.fixture
def asked() -> Asked:
    memo = Memo(1024**2)
    django_app: Any = get_asgi_application()
    return Asked(memo, InlineReads(django_app, memo))


def let_in(*users: Principal, **tokens: TokenInfo) -> None:
    """These people, and nobody else. Each has a token of his name."""
    known = {hash_token(user.username): TokenInfo(user.user_id, None, "cli") for user in users}
    known |= {hash_token(name): info for name, info in tokens.items()}
    access._current = Access(users={user.user_id: user for user in users}, tokens=known)


def somebody(user_id: int, username: str, **grants: Any) -> Principal:
    named = {account.replace("_", "-"): level for account, level in grants.items()}
    return Principal(user_id=user_id, username=username, is_staff=False, is_active=True, grants=named)


# -- what is kept


@pytest.mark.parametrize("path", SHARED)
async def test_a_read_is_made_once(hub: Hub, asked: Asked, path: str) -> None:
    olivia = asked.client("olivia")
    first, second = await olivia.get(path), await olivia.get(path)
    assert first.status_code == 200
    assert (asked.hits, asked.misses) == (1, 1)
    assert second.content == first.content
    assert second.headers.raw == first.headers.raw


@pytest.mark.parametrize("path", NEVER)
async def test_what_is_made_of_more_than_accounts_is_made_anew(hub: Hub, asked: Asked, path: str) -> None:
    for _ in range(2):
        await asked.client("olivia").get(path)
    assert asked.hits == 0
    assert asked.memo.count().entries == 0


async def test_a_client_that_has_it_is_told_so_from_the_memo(hub: Hub, asked: Asked) -> None:
    alice = asked.client("alice")
    etag = (await alice.get(CONVERSATIONS)).headers["ETag"]
    for given_tag in (etag, f'"x", W/{etag}', "*"):
        answer = await alice.get(CONVERSATIONS, headers={"If-None-Match": given_tag})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["Content-Length"] == "0"
        assert "Content-Type" not in answer.headers
    assert (await alice.get(CONVERSATIONS, headers={"If-None-Match": '"other"'})).status_code == 200
    counts = asked.memo.count()
    assert (counts.hits, counts.misses, counts.not_modified) == (4, 1, 3)


async def test_a_question_that_several_ask_at_once_is_answered_once(hub: Hub, asked: Asked) -> None:
    alice = asked.client("alice")
    answers = await asyncio.gather(*(alice.get(CONVERSATIONS) for _ in range(20)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert (asked.hits, asked.misses) == (19, 1)


async def test_head_and_get_share_an_answer(hub: Hub, asked: Asked) -> None:
    alice = asked.client("alice")
    head, got = await alice.head(CONVERSATIONS), await alice.get(CONVERSATIONS)
    assert asked.hits == 1
    assert head.content == b""
    assert head.headers.raw == got.headers.raw


async def test_the_order_of_parameters_makes_no_other_question(hub: Hub, asked: Asked) -> None:
    alice = asked.client("alice")
    one = await alice.get(f"{CONVERSATIONS}&count=1&unread=true")
    other = await alice.get("/api/im/conversations?unread=true&count=1&account_id=acc-a")
    assert other.content == one.content
    assert asked.hits == 1


@given(st.lists(st.sampled_from([b"a=1", b"a=2", b"b=1", b"%61=3", b"a+=4", b"", b"c"]), max_size=6))
def test_a_sorted_query_string_says_the_same(parts: list[bytes]) -> None:
    query = b"&".join(parts)
    assert QueryDict(_sorted(query)).dict() == QueryDict(query).dict()


# -- who shares


async def test_operators_with_the_same_grants_share_answers(hub: Hub, asked: Asked) -> None:
    let_in(somebody(1, "ann", acc_a="operate"), somebody(2, "ben", acc_a="operate"))
    assert (await asked.client("ann").get(CONVERSATIONS)).status_code == 200
    assert (await asked.client("ben").get(CONVERSATIONS)).status_code == 200
    assert (asked.hits, asked.misses) == (1, 1)


async def test_operators_with_other_grants_do_not(hub: Hub, asked: Asked) -> None:
    path = "/api/im/unified-messages/stats?account_id=all"
    let_in(
        somebody(1, "ann", acc_a="operate"),
        somebody(2, "cat", acc_a="read"),
        somebody(3, "dan", acc_a="operate", acc_b="read"),
        somebody(4, "eve"),
        msgspec.structs.replace(somebody(5, "owner"), is_staff=True),
    )
    seen = [set((await asked.client(name).get(path)).json()["data"]["accounts"]) for name in ("ann", "dan", "owner")]
    assert seen == [{"acc-a"}, {"acc-a", "acc-b"}, {"acc-a", "acc-b", "acc-seed"}]
    await asked.client("cat").get(path)
    assert asked.hits == 0
    check_refusal(await asked.client("eve").get(CONVERSATIONS), 404)


async def test_without_a_credential_that_memory_knows_nothing_is_given(hub: Hub, asked: Asked) -> None:
    assert (await asked.client("alice").get(CONVERSATIONS)).status_code == 200
    check_refusal(await asked.client(None).get(CONVERSATIONS), 401)
    check_refusal(await asked.client("charlie").get(CONVERSATIONS), 404)
    check_refusal(await asked.client(None, Authorization="Bearer alice").get(CONVERSATIONS), 401)
    assert asked.hits == 0


@pytest.mark.parametrize("host", ["evil.test", "localhost:1, evil.test", ""])
async def test_a_host_that_is_not_ours_is_refused_as_ever(hub: Hub, asked: Asked, host: str) -> None:
    alice = asked.client("alice")
    assert (await alice.get(CONVERSATIONS)).status_code == 200
    assert (await alice.get(CONVERSATIONS, headers={"Host": host})).status_code == 400
    assert asked.hits == 0


@pytest.mark.parametrize("name", ["Accept", "Cookie", "If-None-Match", "Authorization"])
async def test_a_header_that_comes_twice_is_left_to_django(hub: Hub, asked: Asked, name: str) -> None:
    alice = asked.client("alice")
    await alice.get(CONVERSATIONS)
    await alice.get(CONVERSATIONS, headers=[(name, "a"), (name, "b"), ("Authorization", "Token alice")])
    assert asked.hits == 0


# -- walks


async def test_a_walk_that_began_with_a_kept_page_goes_on_in_its_order(hub: Hub, asked: Asked) -> None:
    let_in(somebody(1, "ann", acc_a="operate"), somebody(2, "ben", acc_a="operate"))
    for path, key, name in (
        (f"{CONVERSATIONS}&count=2", "conversations", "conversation_id"),
        ("/api/im/threads?account_id=all&count=2", "threads", "thread_id"),
    ):
        before = [row[name] for row in (await asked.client("ann").get(f"{path}0")).json()["data"][key]]
        began = asked.hits
        first = [(await asked.client(who).get(path)).json()["data"] for who in ("ann", "ben")]
        assert asked.hits == began + 1
        late = before[-1].rpartition("_")[2] if key == "conversations" else "carl"
        hub.store.update_account_data(
            "acc-a", a_snapshot(messages=[a_message(f"late-{key}", late, 70)]) | {"partial": ["messages"]}, now=NOW
        )
        for who, page in zip(("ann", "ben"), first, strict=True):
            walked = [row[name] for row in page[key]]
            cursor = page["cursor"]
            while cursor is not None:
                page = (await asked.client(who).get(f"{path}&cursor={cursor}")).json()["data"]
                walked += [row[name] for row in page[key]]
                cursor = page["cursor"]
            assert walked == before


# -- what ends an answer


def a_new_message(hub: Hub) -> None:
    snapshot = a_snapshot(messages=[a_message("new", "mia", 60)]) | {"partial": ["messages"]}
    hub.store.update_account_data("acc-a", snapshot, now=NOW)


async def test_a_change_of_its_account_ends_an_answer_and_no_other(hub: Hub, asked: Asked) -> None:
    alice, bob = asked.client("alice"), asked.client("bob")
    old = await alice.get(CONVERSATIONS)
    await bob.get("/api/im/conversations?account_id=acc-b")
    a_new_message(hub)
    new = await alice.get(CONVERSATIONS)
    assert new.json()["data"]["conversations"][0]["last_message"]["msg_id"] == "msg_acc-a_new"
    assert new.headers["ETag"] != old.headers["ETag"]
    assert asked.hits == 0
    await bob.get("/api/im/conversations?account_id=acc-b")
    assert asked.hits == 1


async def test_an_account_that_is_gone_is_gone_at_once(hub: Hub, asked: Asked) -> None:
    alice = asked.client("alice")
    assert (await alice.get(CONVERSATIONS)).status_code == 200
    hub.directory = a_directory(an_account("acc-b"))
    check_refusal(await alice.get(CONVERSATIONS), 404)
    assert asked.memo.count().cleared == 1


async def test_a_token_ends_with_its_time(hub: Hub, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_at = now_ms() + 60_000
    let_in(*USERS, alices=TokenInfo(1, ends_at, "cli"))
    alice = asked.client("alices")
    assert [(await alice.get(CONVERSATIONS)).status_code for _ in range(2)] == [200, 200]
    monkeypatch.setattr("im_api.inline.question.now_ms", lambda: ends_at)
    left: list[Any] = []
    monkeypatch.setattr(asked.app, "_ask_django", left.append)
    monkeypatch.setattr(asked.app, "_django_app", HttpGone())
    assert (await alice.get(CONVERSATIONS)).status_code == 410, "asks the database"
    assert asked.hits == 1


class HttpGone:
    """Stands in for Django and its threads."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 410, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_an_answer_that_a_directory_overtook_is_not_kept(
    hub: Hub, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread loads what was withdrawn, between the check of the credential and the answer of the chain or a view."""
    alice = asked.client("alice")
    answered: list[Any] = []

    def overtake(answer: Any) -> Any:
        def overtaken(*args: Any) -> Any:
            given = answer(*args)
            let_in(*USERS)
            answered.append(given)
            return given

        return overtaken

    monkeypatch.setattr(asked.app._handler, "answer", overtake(asked.app._handler.answer))
    monkeypatch.setattr(asked.app._plain, "answer", overtake(asked.app._plain.answer))
    for _ in range(2):
        assert (await alice.get(CONVERSATIONS)).status_code == 200
    assert [type(given).__name__ for given in answered] == ["NoneType", "AnsweredResponse", "Answer"]
    assert (asked.hits, asked.memo.count().entries) == (0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [CONVERSATIONS, "/api/im/unified-messages?account_id=all"])
async def test_what_a_thread_answered_of_accounts_out_of_memory_is_kept(
    writing_hub: Hub, asked: Asked, path: str
) -> None:
    """Where more accounts are in use than have room, each was read from the database at every question."""
    alice = asked.client("alice")
    in_memory = await alice.get(path)
    await alice.put("/api/im/conversations/conv_acc-a_ben/pin")
    await alice.delete("/api/im/conversations/conv_acc-a_ben/pin")
    began = asked.memo.count()
    for account_id in ("acc-a", "acc-b"):
        await put_out(writing_hub, account_id)
    by_thread = await alice.get(path)
    for account_id in ("acc-a", "acc-b"):
        await put_out(writing_hub, account_id)
    etag = by_thread.headers["ETag"]
    from_memo = await alice.get(path)
    assert (await alice.get(path, headers={"If-None-Match": etag})).status_code == 304
    counts = asked.memo.count()
    assert (counts.kept - began.kept, counts.hits - began.hits) == (1, 2)
    assert (from_memo.content, from_memo.headers.raw) == (by_thread.content, by_thread.headers.raw)
    assert sorted(by_thread.headers.keys()) == sorted(in_memory.headers.keys())
    assert not writing_hub.store.get_view("acc-a").is_resident
    await alice.put("/api/im/conversations/conv_acc-a_ben/pin")
    assert (await alice.get(path)).headers["ETag"] != etag


@pytest.mark.django_db(transaction=True)
async def test_what_is_withdrawn_counts_from_the_next_request_on(writing_hub: Hub, asked: Asked) -> None:
    """Each of these goes the way that the admin and the pages go: a row is saved or deleted."""
    alice, bob, dora = asked.client("alice"), asked.client("bob"), asked.client("dora")
    of_b = "/api/im/conversations?account_id=acc-b"

    async def are_kept(client: httpx.AsyncClient, path: str, **cookies: str) -> None:
        began = asked.hits
        for _ in range(2):
            assert (await client.get(path, headers=cookies)).status_code == 200
        assert asked.hits > began

    await are_kept(alice, CONVERSATIONS)
    assert (await alice.put("/api/im/conversations/conv_acc-a_ben/pin")).status_code == 200
    rows = (await alice.get(CONVERSATIONS)).json()["data"]["conversations"]
    assert {row["conversation_id"] for row in rows if row["is_pinned"]} == {"conv_acc-a_mia", "conv_acc-a_ben"}

    await are_kept(dora, of_b)
    await Grant.objects.filter(user__username="dora", account_id="acc-b").adelete()
    check_refusal(await dora.get(of_b), 404)
    await are_kept(dora, CONVERSATIONS)
    await ApiToken.objects.filter(user__username="dora").adelete()
    check_refusal(await dora.get(CONVERSATIONS), 401)

    browser = Client()
    await sync_to_async(browser.force_login)(await User.objects.aget(username="alice"))
    cookies = {"Cookie": f"imhub_session={browser.cookies['imhub_session'].value}"}
    await asked.client(None).get(CONVERSATIONS, headers=cookies)
    await are_kept(asked.client(None), CONVERSATIONS, **cookies)
    await sync_to_async(browser.logout)()
    check_refusal(await asked.client(None).get(CONVERSATIONS, headers=cookies), 401)

    await are_kept(bob, of_b)
    await Account.objects.filter(pk="acc-b").adelete()
    check_refusal(await bob.get(of_b), 404)


@pytest.mark.django_db(transaction=True)
async def test_what_another_process_withdraws_counts_after_the_next_look(writing_hub: Hub, asked: Asked) -> None:
    alice = asked.client("alice")
    for _ in range(2):
        assert (await alice.get(CONVERSATIONS)).status_code == 200

    def withdraw() -> None:
        rows = Grant.objects.filter(user__username="alice")
        rows._raw_delete(rows.db)  # tells nobody here, as another process would not
        Generation.objects.update(value=F("value") + 1)

    await sync_to_async(withdraw)()
    deadline = time.monotonic() + 30
    while (await alice.get(CONVERSATIONS)).status_code == 200:
        assert time.monotonic() < deadline, "the grant is withdrawn"
        await asyncio.sleep(0.02)
    check_refusal(await alice.get(CONVERSATIONS), 404)


# -- how much it holds

ERA = Era(DataStore(), Directory())


def an_answer(size: int) -> Answer:
    response = HttpResponse(b"x" * size)
    response.headers["ETag"] = '"e"'
    return Answer.of(response)


def basis() -> Basis:
    return Basis(Reading())


@given(st.integers(1, 400_000), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30_000), st.booleans())))
def test_the_memo_never_holds_more_than_it_may(limit: int, steps: list[tuple[int, int, bool]]) -> None:
    memo = Memo(limit)
    kept: dict[bytes, int] = {}
    for name, size, is_read in steps:
        key = (b"", b"", str(name).encode(), b"")
        if is_read:
            found = memo.find(key, ERA)
            assert found is None or found.answer.bytes == kept[key[2]], "the newest of that key"
        else:
            answer = an_answer(size)
            memo.keep(key, answer, basis(), ERA)
            kept[key[2]] = answer.bytes
        counts = memo.count()
        assert counts.bytes <= limit
        assert counts.bytes >= counts.entries * ENTRY_BYTES


def test_who_was_asked_for_last_stays_longest() -> None:
    one = an_answer(0)
    memo = Memo(MOST_OF_ALL * (ENTRY_BYTES + one.bytes + 2))
    keys = [(b"", b"", f"{number:02}".encode(), b"") for number in range(MOST_OF_ALL + 1)]
    for key in keys[:-1]:
        memo.keep(key, one, basis(), ERA)
    assert memo.find(keys[0], ERA) is not None
    memo.keep(keys[-1], one, basis(), ERA)
    assert [memo.find(key, ERA) is not None for key in keys] == [True, False] + [True] * (MOST_OF_ALL - 1)
    assert memo.count().evicted == 1


def test_one_answer_takes_a_small_part_only() -> None:
    memo = Memo(100_000)
    memo.keep((b"", b"", b"", b""), an_answer(90_000), basis(), ERA)
    assert memo.count().entries == 0


async def test_without_room_nothing_is_kept_and_all_is_answered(hub: Hub) -> None:
    django_app: Any = get_asgi_application()
    asked = Asked(Memo(0), InlineReads(django_app, Memo(0)))
    first = await asked.client("alice").get(CONVERSATIONS)
    again = await asked.client("alice").get(CONVERSATIONS, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
