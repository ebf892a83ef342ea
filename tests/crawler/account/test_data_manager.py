"""AccountDataManager: what observations become on the wire."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from crawler.account.data_manager import AccountDataManager, snapshots_of
from crawler.platforms.base import SurfaceObservation
from crawler.uplink.snapshot import AccountSnapshot
from sync.protocol.messages import DataSnapshot, Snapshot
from sync.protocol.text import well_formed
from tests.crawler.builders import (
    ACCOUNT,
    NOW,
    a_comment,
    a_content,
    a_conversation,
    a_message,
    a_wire_observation,
    an_observation,
)

ALL = {"conversations", "messages", "contents", "comments", "notifications"}


class Outbox(list[AccountSnapshot]):
    def push_data_sync(self, snapshot: AccountSnapshot) -> None:
        self.append(snapshot)


class Clockwork:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


def a_manager(outbox: Outbox | None = None, clock: Clockwork | None = None, **options: Any) -> AccountDataManager:
    outbox = outbox if outbox is not None else Outbox()
    manager = AccountDataManager(ACCOUNT, "fake", outbox, clock or Clockwork(), **options)
    manager.restore([])
    return manager


def wire(snapshot: AccountSnapshot, collection: Any) -> list[dict[str, Any]]:
    return [msgspec.json.decode(item) for item in (snapshot.items or {}).get(collection, {}).values()]


@given(st.text(st.characters(), max_size=5))
def test_a_nickname_that_no_json_can_carry_stops_nothing(nickname: str) -> None:
    manager = a_manager()
    manager.apply_observation(
        an_observation(
            items={
                "messages": [a_message(1, sender_name=nickname), a_message(2)],
                "comments": [a_comment(1, content=nickname, images=(nickname,))],
            }
        )
    )
    snapshot = manager.to_sync_format()
    assert [message["messageId"] for message in wire(snapshot, "messages")] == ["m1", "m2"]
    assert [comment["images"] for comment in wire(snapshot, "comments")] == [[well_formed(nickname)]]


def test_the_time_of_a_comment_is_that_of_its_list_whatever_its_notice_says_later() -> None:
    manager = a_manager()
    noticed = an_observation(surface="notifications", items={"comments": [a_comment(1, created_at=NOW + 2_000)]})
    listed = an_observation(surface="comments", items={"comments": [a_comment(1, created_at=NOW)]})
    times = []
    for observation in (noticed, listed, noticed, listed):
        manager.apply_observation(observation)
        [comment] = wire(manager.to_sync_format(), "comments")
        times.append(comment["createdAt"])
    assert times == [NOW + 2_000, NOW, NOW, NOW]


def test_a_notice_after_a_restart_changes_no_time_that_the_hub_holds() -> None:
    first, again = a_manager(), a_manager()
    first.apply_observation(an_observation(surface="comments", items={"comments": [a_comment(1, created_at=NOW)]}))
    data = {"comments": Raw(msgspec.json.encode(wire(first.to_sync_format(), "comments")))}
    again.restore([Snapshot(platform="fake", data=data)])
    noticed = an_observation(surface="notifications", items={"comments": [a_comment(1, created_at=NOW + 2_000)]})
    assert not again.apply_observation(noticed)
    assert [comment["createdAt"] for comment in wire(again.to_sync_format(), "comments")] == [NOW]


def test_a_look_becomes_a_snapshot_with_the_wire_s_names() -> None:
    manager = a_manager()
    manager.apply_observation(
        an_observation(items={"messages": [a_message(1)], "conversations": [a_conversation(1, user_name="小王")]})
    )
    snapshot = manager.to_sync_format()
    [message] = wire(snapshot, "messages")
    [conversation] = wire(snapshot, "conversations")
    assert message["messageId"] == "m1"
    assert message["conversationId"] == "conv_acc-1_c1"
    assert message["content"] == "hello 1"
    assert message.get("senderName") is None
    assert conversation["userName"] == "小王"
    assert snapshot.partial == ALL
    assert manager.counts["messages"] == 1


def test_references_by_platform_id_become_ids() -> None:
    manager = a_manager()
    observation = an_observation(
        items={"comments": [a_comment(1, content_id="w1"), a_comment(2, parent_comment_id="k1")]}
    )
    manager.apply_observation(observation)
    first, second = wire(manager.to_sync_format(), "comments")
    assert first["contentId"] == "cont_acc-1_w1"
    assert second["parentCommentId"] == "comm_acc-1_k1"


def test_an_item_that_the_hub_knows_by_another_id_keeps_it() -> None:
    manager = a_manager()
    work = b'[{"id":"old-7","contentId":"w1","title":"first"}]'
    manager.restore([Snapshot(platform="fake", data={"contents": Raw(work)})])
    manager.apply_observation(
        an_observation(items={"contents": [a_content(1, like_count=3)], "comments": [a_comment(1, content_id="w1")]})
    )
    [content] = wire(manager.to_sync_format(), "contents")
    [comment] = wire(manager.to_sync_format(), "comments")
    assert (content["id"], content["title"], content["likeCount"]) == ("old-7", "first", 3)
    assert comment["contentId"] == "old-7"


def test_a_collection_whose_end_was_seen_is_no_longer_partial_and_forgets_what_is_gone() -> None:
    manager = a_manager()
    manager.apply_observation(an_observation(items={"contents": [a_content(1), a_content(2)]}))
    manager.apply_observation(an_observation(items={"contents": [a_content(2)]}, ended=frozenset(["contents"])))
    snapshot = manager.to_sync_format()
    assert [item["contentId"] for item in wire(snapshot, "contents")] == ["w2"]
    assert snapshot.partial == ALL - {"contents"}
    assert snapshot.removed == {}


def test_a_look_that_did_not_see_the_end_takes_nothing_away() -> None:
    manager = a_manager()
    manager.apply_observation(an_observation(items={"contents": [a_content(1), a_content(2)]}))
    manager.apply_observation(an_observation(items={"contents": [a_content(3)]}))
    assert len(wire(manager.to_sync_format(), "contents")) == 3


def test_an_end_on_a_page_that_looks_wrong_is_not_believed() -> None:
    manager = a_manager()
    manager.apply_observation(an_observation(items={"contents": [a_content(1)]}))
    manager.apply_observation(
        an_observation(items={"contents": []}, ended=frozenset(["contents"]), canary="empty_suspicious")
    )
    snapshot = manager.to_sync_format()
    assert len(wire(snapshot, "contents")) == 1
    assert "contents" in snapshot.partial


def test_a_collection_seen_to_be_empty_is_named_as_cleared() -> None:
    manager = a_manager()
    manager.apply_observation(an_observation(items={"contents": [a_content(1)]}))
    manager.apply_observation(an_observation(ended=frozenset(["contents"])))
    assert manager.to_sync_format().cleared == {"contents"}


def test_a_restarted_worker_goes_on_from_what_the_hub_holds() -> None:
    before = a_manager()
    before.apply_observation(an_observation(items={"messages": [a_message(n) for n in range(5)]}))
    held = before.to_sync_format()
    messages = list((held.items or {})["messages"].values())
    parts = [
        Snapshot(platform="fake", data={"messages": Raw(b"[" + b",".join(messages[:2]) + b"]")}),
        Snapshot(platform="fake", data={"messages": Raw(b"[" + b",".join([*messages[2:], b'{"id":7}']) + b"]")}),
    ]
    manager = a_manager()
    manager.restore(parts)
    assert manager.to_sync_format().items == held.items
    assert not manager.apply_observation(an_observation(items={"messages": [a_message(3)]}))


def test_what_was_seen_before_the_hub_s_data_came_wins_over_it() -> None:
    manager = a_manager()
    manager.apply_observation(an_observation(items={"contents": [a_content(1, like_count=9)]}))
    old = b'[{"id":"cont_acc-1_w1","contentId":"w1","likeCount":1,"title":"t"}]'
    manager.restore([Snapshot(platform="fake", data={"contents": Raw(old)})])
    [content] = wire(manager.to_sync_format(), "contents")
    assert (content["likeCount"], content["title"]) == (9, "t")


def test_an_account_without_data_has_no_snapshots() -> None:
    assert snapshots_of([DataSnapshot(account_id="a")]) == []


def test_a_change_is_sent_whole_and_a_quiet_time_is_a_sign_of_life() -> None:
    outbox, clock = Outbox(), Clockwork()
    manager = a_manager(outbox, clock)
    manager.apply_observation(an_observation(items={"messages": [a_message(1)]}))
    manager.sync_to_master()
    manager.apply_observation(an_observation(items={"messages": [a_message(1)]}))
    clock.now += 30_000
    manager.sync_to_master()
    manager.apply_observation(an_observation(items={"messages": [a_message(2)]}))
    clock.now += 30_000
    manager.sync_to_master()
    assert [snapshot.items is None for snapshot in outbox] == [False, True, False]
    assert [len(snapshot.observed) for snapshot in outbox] == [1, 1, 1]


def test_after_five_quiet_minutes_a_full_snapshot_goes_anyway() -> None:
    outbox, clock = Outbox(), Clockwork()
    manager = a_manager(outbox, clock)
    manager.apply_observation(an_observation(items={"messages": [a_message(1)]}))
    for _ in range(12):
        manager.sync_to_master()
        clock.now += 30_000
    assert [number for number, snapshot in enumerate(outbox) if snapshot.items is not None] == [0, 10]


def test_only_news_are_called_out() -> None:
    calls: list[int] = []
    manager = a_manager(on_change=lambda: calls.append(1))
    observation = an_observation(items={"contents": [a_content(1, cover_url="https://p/a?1", updated_at=NOW)]})
    manager.apply_observation(observation)
    manager.apply_observation(observation)
    manager.apply_observation(
        an_observation(items={"contents": [a_content(1, cover_url="https://p/a?2", updated_at=NOW + 5)]})
    )
    assert calls == [1]


def test_an_address_that_was_only_signed_anew_is_not_sent_again() -> None:
    manager = a_manager()
    manager.apply_observation(an_observation(items={"contents": [a_content(1, cover_url="https://p/a?1")]}))
    before = manager.to_sync_format().items
    manager.apply_observation(
        an_observation(items={"contents": [a_content(1, cover_url="https://p/a?2", updated_at=NOW)]})
    )
    assert manager.to_sync_format().items == before
    manager.apply_observation(an_observation(items={"contents": [a_content(1, cover_url="https://p/b?3")]}))
    [content] = wire(manager.to_sync_format(), "contents")
    assert content["coverUrl"] == "https://p/b?3"


def test_only_what_is_due_goes_in_full() -> None:
    outbox, clock = Outbox(), Clockwork()
    manager = a_manager(outbox, clock)
    for number in range(12):
        manager.apply_observation(an_observation(items={"messages": [a_message(number)]}))
        manager.sync_to_master()
        clock.now += 30_000
    manager.sync_to_master(full=True)
    assert [number for number, snapshot in enumerate(outbox) if snapshot.full] == [0, 10, 12]


def test_observations_name_what_was_looked_at() -> None:
    manager = a_manager()
    manager.apply_observation(an_observation(items={"messages": [a_message(1), a_message(2)]}, complete=False))
    manager.record(a_wire_observation(canary="page_changed"))
    first, second = manager.to_sync_format().observed
    assert (first.surface, first.entry, first.items, first.complete) == ("messages", "chat", 2, False)
    assert (first.start, first.end) == (NOW - 1000, NOW)
    assert second.canary == "page_changed"


numbers = st.lists(st.integers(0, 6), max_size=5)
observations = st.builds(
    lambda works, ended: an_observation(
        items={"contents": [a_content(n) for n in works]}, ended=frozenset(["contents"]) if ended else frozenset()
    ),
    numbers,
    st.booleans(),
)


@given(st.lists(observations, max_size=6), observations)
def test_the_same_observation_twice_is_the_same_as_once(
    before: list[SurfaceObservation], observation: SurfaceObservation
) -> None:
    manager = a_manager()
    for one in before:
        manager.apply_observation(one)
    manager.apply_observation(observation)
    once = manager.to_sync_format()
    assert not manager.apply_observation(observation)
    assert manager.to_sync_format().items == once.items


def test_nothing_is_sent_before_the_hub_s_data_were_asked_for() -> None:
    outbox = Outbox()
    manager = AccountDataManager(ACCOUNT, "fake", outbox, Clockwork())
    manager.sync_to_master(full=True)
    assert outbox == []


def test_an_account_of_which_nothing_is_known_yet_sends_no_empty_lists() -> None:
    outbox = Outbox()
    manager = a_manager(outbox)
    manager.sync_to_master(full=True)
    manager.apply_observation(an_observation(items={"messages": [a_message(1)], "comments": []}))
    manager.sync_to_master()
    nothing, first = outbox
    assert nothing.items is None
    assert (first.items or {}).keys() == {"messages"}
