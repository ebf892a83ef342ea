"""A snapshot above the frame limit is cut, travels in any order, and is whole again."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.protocol.frames import encode_frame
from sync.protocol.items import COLLECTIONS
from sync.protocol.messages import DataSync, SnapshotPart, WireObservation
from sync.protocol.snapshot_parts import ItemTooLarge, PartError, PartSet, cut, join, split_sync
from tests.sync.builders import a_snapshot, a_sync

LIMIT = 6_000
MANY = 10**9

TEXTS = st.text(alphabet="a字\n\"'\\", max_size=300)
LISTS = st.dictionaries(st.sampled_from(COLLECTIONS), st.lists(TEXTS, max_size=40), max_size=5)
IDS = st.dictionaries(st.sampled_from(COLLECTIONS), st.lists(TEXTS, max_size=40), max_size=2)
NAMES = st.lists(st.sampled_from(COLLECTIONS), unique=True)


def encoded(lists: dict[str, list[str]]) -> dict[str, list[bytes]]:
    return {name: [msgspec.json.encode(text) for text in texts] for name, texts in lists.items()}


def contents(sync: DataSync) -> tuple[Any, ...]:
    data = {name: msgspec.json.decode(raw) for name, raw in sync.snapshot.data.items()}
    removed = {name: ids for name, ids in sync.snapshot.removed.items() if ids}
    return data, removed, sync.snapshot.partial, sync.snapshot.cleared, sync.observed, sync.account_id, sync.timestamp


def looks(count: int) -> list[WireObservation]:
    return [WireObservation(surface="messages", start=number, end=number) for number in range(count)]


def parts_of(count: int) -> list[DataSync]:
    items = {"messages": [msgspec.json.encode("m" * 700) for _ in range(2 * count)]}
    parts = split_sync(a_sync(), items, LIMIT, "s1")
    assert len(parts) >= count
    return parts


@settings(max_examples=60)
@given(LISTS, IDS, NAMES, NAMES, st.integers(0, 60), st.randoms(use_true_random=False))
def test_parts_joined_in_any_order_are_the_whole_snapshot(
    lists: dict[str, list[str]],
    removed: dict[str, list[str]],
    partial: list[str],
    cleared: list[str],
    observed: int,
    chance: random.Random,
) -> None:
    snapshot = a_snapshot(removed=removed, partial=partial, cleared=cleared)
    sync = a_sync(snapshot=snapshot, observed=looks(observed))
    parts = split_sync(sync, encoded(lists), LIMIT, "s1")
    frames = [encode_frame(part, timestamp=MANY, request_id="r" * 32) for part in parts]
    assert max(len(frame.encode()) for frame in frames) <= LIMIT
    assert [part.part for part in parts] == (
        [None]
        if len(parts) == 1
        else [SnapshotPart(sync_id="s1", index=i, total=len(parts)) for i in range(len(parts))]
    )
    whole = join(arrived(parts, chance))
    assert contents(whole) == contents(
        msgspec.structs.replace(sync, snapshot=a_snapshot(removed=removed, partial=partial, cleared=cleared, **lists))
    )


def arrived(parts: list[DataSync], chance: random.Random) -> list[DataSync]:
    """As a set that came in any order hands them on."""
    if len(parts) == 1:
        return parts
    assert parts[0].part is not None
    open_set = PartSet(parts[0].part, 0, MANY)
    whole = None
    for part in chance.sample(parts, len(parts)):
        assert whole is None
        whole = open_set.add(part, 1, 0)
    assert whole is not None
    return whole


def test_a_small_snapshot_is_one_message_without_a_part() -> None:
    parts = split_sync(a_sync(), {"messages": [b"1"], "comments": []}, LIMIT, "s1")
    assert [part.part for part in parts] == [None]
    assert contents(parts[0])[0] == {"messages": [1], "comments": []}


def test_removed_ids_above_the_limit_are_cut_as_well() -> None:
    removed = {"messages": [f"msg_acc_{number}" for number in range(2_000)]}
    parts = split_sync(a_sync(snapshot=a_snapshot(removed=removed)), {}, LIMIT, "s1")
    assert len(parts) > 1
    assert max(len(encode_frame(part, timestamp=1)) for part in parts) <= LIMIT
    assert join(parts).snapshot.removed == removed


def test_an_item_that_fits_no_frame_is_an_error_that_says_so() -> None:
    with pytest.raises(ItemTooLarge, match=r"items of messages has 6000 bytes"):
        split_sync(a_sync(), {"messages": [b"1" * 6_000]}, LIMIT, "s1")
    with pytest.raises(ItemTooLarge):
        list(cut({"messages": [b"1" * 6_000]}, LIMIT))


def test_cut_keeps_each_chunk_below_the_limit_and_every_item() -> None:
    items = [msgspec.json.encode("x" * 100) for _ in range(200)]
    chunks = list(cut({"messages": items, "comments": []}, LIMIT))
    assert all(sum(len(bytes(raw)) for raw in chunk.values()) <= LIMIT for chunk in chunks)
    assert sum(len(msgspec.json.decode(chunk["messages"])) for chunk in chunks) == 200
    assert [chunk.get("comments") is not None for chunk in chunks] == [True] + [False] * (len(chunks) - 1)


def test_a_repeated_index_is_ignored() -> None:
    first, second, *_ = parts_of(2)
    assert first.part is not None
    open_set = PartSet(SnapshotPart(sync_id="s1", index=0, total=2), 0, 1_000)
    one = msgspec.structs.replace(first, part=SnapshotPart(sync_id="s1", index=0, total=2))
    two = msgspec.structs.replace(second, part=SnapshotPart(sync_id="s1", index=1, total=2))
    assert open_set.add(one, 900, 0) is None
    assert open_set.add(msgspec.structs.replace(one, snapshot=a_snapshot(messages=["other"])), 900, 0) is None
    assert open_set.add(two, 100, 0) == [one, two]


@pytest.mark.parametrize(
    ("part", "size", "now", "code", "reason"),
    [
        (SnapshotPart(sync_id="s1", index=1, total=4), 1, 0, "part_invalid", "total was 3, now 4"),
        (SnapshotPart(sync_id="s1", index=3, total=3), 1, 0, "part_invalid", "index 3 of 3 parts"),
        (SnapshotPart(sync_id="s1", index=1, total=3), 1, 60_001, "part_invalid", "within 60 s"),
        (SnapshotPart(sync_id="s1", index=1, total=3), 901, 0, "too_large", "above 1000 bytes"),
    ],
)
def test_a_part_that_does_not_fit_its_set_is_refused(
    part: SnapshotPart, size: int, now: int, code: str, reason: str
) -> None:
    open_set = PartSet(SnapshotPart(sync_id="s1", index=0, total=3), 0, 1_000)
    open_set.add(a_sync(part=SnapshotPart(sync_id="s1", index=0, total=3)), 100, 0)
    with pytest.raises(PartError, match=reason) as caught:
        open_set.add(a_sync(part=part), size, now)
    assert caught.value.code == code


def test_the_last_moment_and_the_last_byte_still_count() -> None:
    open_set = PartSet(SnapshotPart(sync_id="s1", index=0, total=2), 0, 1_000)
    open_set.add(a_sync(part=SnapshotPart(sync_id="s1", index=0, total=2)), 100, 0)
    assert open_set.add(a_sync(part=SnapshotPart(sync_id="s1", index=1, total=2)), 900, 60_000) is not None


def test_a_collection_that_is_no_list_in_one_part_spoils_itself_only() -> None:
    parts = [
        a_sync(snapshot=a_snapshot(messages=[1], comments=[1]), part=SnapshotPart(sync_id="s1", index=0, total=2)),
        a_sync(snapshot=a_snapshot(messages={"a": 1}, comments=[2]), part=SnapshotPart(sync_id="s1", index=1, total=2)),
    ]
    data, *_ = contents(join(parts))
    assert data == {"messages": {"a": 1}, "comments": [1, 2]}
