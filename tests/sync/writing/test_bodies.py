"""The bodies of accounts that nobody uses leave memory, and come back when somebody asks."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import OperationalError

from sync.core.account.view import View
from sync.core.change.changes import Change, OwnerChanged
from sync.core.change.snapshot_validation import validate_snapshot
from sync.core.heads import evicted_view
from sync.core.heads.evicted_view import EvictedView, evict, list_known
from sync.core.heads.known_ids import KnownIds
from sync.core.lists.search import find_rows
from sync.hub import Hub
from sync.models import Account, AccountHead, Checkpoint
from sync.storage.change_log import ChangeLog
from sync.storage.database import in_database
from sync.storage.errors import BodyGone, Damaged
from sync.storage.records import Actor
from sync.writing.jobs import Done, Job, as_change
from tests.bodies import put_out
from tests.sync.builders import NOW, a_conversation, a_message, a_snapshot

ACTOR = Actor("user:op")


async def write(hub: Hub, account_id: str, make: Any) -> Done:
    answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    assert hub.writer.submit(Job(account_id=account_id, make=make, actor=ACTOR, answer=answered.set_result))
    outcome = await asyncio.wait_for(answered, 30)
    assert isinstance(outcome, Done)
    return outcome


async def change(hub: Hub, account_id: str, what: Change) -> Done:
    return await write(hub, account_id, as_change(what))


async def an_account(hub: Hub, account_id: str, messages: int = 3) -> View:
    await in_database(lambda: Account.objects.create(pk=account_id, name=account_id))
    await hub.refresh()
    ids = [str(n) for n in range(messages)]
    snapshot = a_snapshot(
        conversations=[a_conversation(id=f"conv_{account_id}_77")],
        messages=[a_message(n, id=f"msg_{account_id}_{n}", content="hello " * 20) for n in ids],
    )
    return (await write(hub, account_id, lambda view, _now, _check: validate_snapshot(view, snapshot, NOW))).view


async def test_a_body_that_left_is_read_again_in_a_thread_and_is_the_same(hub: Hub) -> None:
    view = await an_account(hub, "a")
    revision = hub.store.revision
    head = await put_out(hub, "a")
    assert (head.version, head.totals, head.seq) == (view.version, view.totals, view.seq)
    with pytest.raises(SynchronousOnlyOperation):
        _ = head.messages
    assert await in_database(head.whole) == view
    assert hub.store.get_view("a") is head.body.view
    assert hub.store.revision == revision  # nothing has changed: what is made of the account stands
    counts = hub.store.count_bodies()
    assert (counts.resident, counts.evicted, counts.reads) == (1, 0, 1)


async def test_a_write_finds_the_body_and_whoever_holds_the_former_version_keeps_it(hub: Hub) -> None:
    view = await an_account(hub, "a")
    head = await put_out(hub, "a")
    done = await change(hub, "a", OwnerChanged(at=NOW + 5))
    assert done.view.version == view.version + 1
    assert done.view.messages == view.messages
    assert head.is_resident
    await put_out(hub, "a")
    assert head.whole() == view  # on the event loop: nobody could read it again
    assert await in_database(ChangeLog().load, "a", hub.store.new_view) == done.view


async def test_the_least_recently_used_leave_until_the_rest_is_within_the_limit(hub: Hub) -> None:
    for name in "abcdef":
        await an_account(hub, name, messages=40)
    one = hub.store.count_bodies().bytes // 6
    hub.store.bodies.limit = 4 * one
    hub.store.bodies.used("a")
    await change(hub, "f", OwnerChanged(at=NOW + 5))
    async with asyncio.timeout(30):
        while hub.store.bodies.is_over:  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    held = [name for name in "abcdef" if hub.store.get_view(name).is_resident]
    assert {"a", "f"} <= set(held)
    assert "b" not in held
    assert hub.store.count_bodies().bytes <= 4 * one


async def test_without_room_for_its_image_a_body_stays(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await an_account(hub, "a")

    def full(*_: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Checkpoint, "save", full)
    await in_database(hub.bodies.put_out_account, "a")
    assert hub.store.get_view("a").is_resident
    assert hub.store.count_bodies().resident == 1


async def test_a_head_is_made_beside_the_event_loop(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await an_account(hub, "a")
    made_in: list[threading.Thread] = []

    def noted(view: View) -> KnownIds:
        made_in.append(threading.current_thread())
        return list_known(view)

    monkeypatch.setattr(evicted_view, "list_known", noted)
    head = await put_out(hub, "a")
    assert len(made_in) == 1
    assert made_in[0] is not threading.current_thread()
    await in_database(head.whole)
    assert await put_out(hub, "a") is head  # and once for each version
    assert len(made_in) == 1


async def test_a_body_that_changed_as_it_was_to_leave_is_counted(hub: Hub) -> None:
    view = await an_account(hub, "a")
    newer = (await change(hub, "a", OwnerChanged(at=NOW + 5))).view
    hub.store.bodies.left("a")  # by a thread that saw the version before
    hub.store.evict(view, evict(view, hub.bodies.read))
    assert hub.store.get_view("a") is newer
    assert hub.store.count_bodies().resident == 1


async def test_an_account_that_is_deleted_as_its_body_leaves_is_counted_no_more(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_account(hub, "a")

    def deleted_meanwhile(_view: View) -> bool:
        hub.on_loop(lambda: hub.store.delete_account("a"))
        return False

    monkeypatch.setattr(hub.bodies, "_store_image", deleted_meanwhile)
    await in_database(hub.bodies.put_out_account, "a")
    counts = hub.store.count_bodies()
    assert (counts.resident, counts.evicted, counts.bytes) == (0, 0, 0)


async def test_a_damaged_body_is_never_shown_and_other_accounts_go_on(hub: Hub) -> None:
    await an_account(hub, "a")
    await an_account(hub, "b")
    head = await put_out(hub, "a")
    await in_database(lambda: Checkpoint.objects.filter(pk="a").update(body=b"x" * 100))
    with pytest.raises(BodyGone):
        await in_database(head.whole)
    assert (await change(hub, "b", OwnerChanged(at=NOW))).changed
    answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    job = Job(account_id="a", make=as_change(OwnerChanged(at=NOW)), actor=ACTOR, answer=answered.set_result)
    assert hub.writer.submit(job)
    assert (await asyncio.wait_for(answered, 30)).code == "busy"


async def test_two_threads_that_need_one_body_read_it_once(hub: Hub) -> None:
    await an_account(hub, "a")
    head = await put_out(hub, "a")
    found = await asyncio.gather(*(in_database(head.whole) for _ in range(4)))
    assert all(view is found[0] for view in found)
    assert hub.store.count_bodies().reads == 1


async def test_a_start_with_a_limit_reads_heads_alone_and_shows_the_same(hub: Hub, settings: Any) -> None:
    views = [await an_account(hub, name) for name in ("a", "b")]
    await in_database(hub.bodies.store_images, 10.0)
    await change(hub, "b", OwnerChanged(at=NOW + 5))  # its head is of an older version
    settings.MEMORY_MB = 1
    again = Hub()
    await in_database(again._load)
    assert isinstance(again.store.get_view("a"), EvictedView)
    assert not again.store.get_view("a").is_resident
    assert again.store.get_view("b").is_resident
    assert again.store.count_bodies().reads == 0
    for before, name in ((views[0], "a"), (hub.store.get_view("b"), "b")):
        now = again.store.get_view(name)
        assert (now.version, now.seq, now.epoch, now.totals) == (
            before.version,
            before.seq,
            before.epoch,
            before.totals,
        )
        assert await in_database(now.whole) == before


async def test_a_damaged_head_is_made_anew_of_what_it_is_a_copy_of(hub: Hub, settings: Any) -> None:
    view = await an_account(hub, "a")
    await in_database(hub.bodies.store_images, 10.0)
    await in_database(lambda: AccountHead.objects.update(body=b"damaged"))
    settings.MEMORY_MB = 1
    again = Hub()
    await in_database(again._load)
    assert again.store.get_view("a") == view


async def test_the_start_after_an_upgrade_writes_the_heads_that_the_next_start_reads(
    hub: Hub, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await an_account(hub, "a")
    await in_database(hub.bodies.store_images, 10.0)
    settings.MEMORY_MB = 1
    for module in ("heads", "checkpoint_body"):
        monkeypatch.setattr(f"sync.storage.{module}.code_name", lambda: b"other code")
    upgraded, again = Hub(), Hub()
    await in_database(upgraded._load)
    assert upgraded.store.get_view("a") == view
    await in_database(again._load)
    assert isinstance(again.store.get_view("a"), EvictedView)
    assert await in_database(again.store.get_view("a").whole) == view


async def a_start_with_heads(hub: Hub, monkeypatch: pytest.MonkeyPatch, *names: str) -> Hub:
    """A hub that started with these accounts, of which the first alone was small enough to be read whole."""
    for name in names:
        await an_account(hub, name)
    await in_database(hub.bodies.store_images, 10.0)
    sizes = await in_database(lambda: [len(one.body) for one in Checkpoint.objects.order_by("pk")])
    monkeypatch.setattr("sync.storage.change_log.WHOLE_AT_START_BYTES", sizes[0])
    again = Hub()
    await in_database(again._load)
    assert [name for name in names if again.store.get_view(name).is_resident] == [names[0]]
    return again


async def test_a_start_with_many_accounts_opens_with_heads_and_brings_the_bodies_after_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = await a_start_with_heads(hub, monkeypatch, "a", "b", "c")
    for name in "abc":
        before, now = hub.store.get_view(name), again.store.get_view(name)
        assert (now.version, now.seq, now.epoch, now.totals) == (
            before.version,
            before.seq,
            before.epoch,
            before.totals,
        )
    await again.bodies.bring_all()
    assert [again.store.get_view(name) for name in "abc"] == [hub.store.get_view(name) for name in "abc"]
    assert (again.store.count_bodies().resident, again.store.count_bodies().evicted) == (3, 0)
    assert not any(isinstance(again.store.get_view(name), EvictedView) for name in "abc")


async def test_a_start_that_opens_with_heads_still_refuses_a_damaged_body(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = await a_start_with_heads(hub, monkeypatch, "a", "b", "c")
    body = await in_database(lambda: bytes(Checkpoint.objects.get(pk="b").body))
    damaged = body[:-1] + bytes([body[-1] ^ 1])
    await in_database(lambda: Checkpoint.objects.filter(pk="b").update(body=damaged))
    with pytest.raises(Damaged, match="account b"):
        await in_database(Hub()._load)
    await again.bodies.bring_all()  # damaged after the start: the others are brought all the same
    assert [name for name in "abc" if not again.store.get_view(name).is_resident] == ["b"]
    with pytest.raises(BodyGone):
        await in_database(again.store.get_view("b").whole)


async def test_an_orderly_end_leaves_an_image_of_each_account(hub: Hub) -> None:
    await an_account(hub, "a")
    assert not await in_database(Checkpoint.objects.exists)  # too small for one while it runs
    await in_database(hub._leave)
    assert await in_database(lambda: Checkpoint.objects.get().version) == hub.store.get_view("a").version


async def test_one_look_at_a_body_keeps_it_out(hub: Hub) -> None:
    view = await an_account(hub, "a")
    head = await put_out(hub, "a")
    assert await in_database(lambda: len(find_rows(head, "direct_message", "hello"))) == 1
    assert await in_database(lambda: dict(find_rows(head, "comment", "hello"))) == {}
    assert hub.store.get_view("a") is head
    assert not head.is_resident
    assert hub.store.count_bodies().reads == 1  # for all kinds of rows
    assert await in_database(head.whole) == view
