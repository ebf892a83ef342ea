"""Carrying over: one snapshot that does what two would have done."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.uplink.snapshot import MAX_OBSERVED, AccountSnapshot, carry_over, make_messages
from sync.protocol.items import COLLECTIONS, Collection
from sync.protocol.messages import DataDelta, DataSync
from tests.crawler.builders import a_wire_observation

ids = st.sampled_from(["a", "b", "c", "d"])
names = st.sampled_from(COLLECTIONS[:2])
Hub = dict[Collection, dict[str, bytes]]


@st.composite
def snapshots(draw: st.DrawFn) -> AccountSnapshot:
    items = draw(st.dictionaries(names, st.dictionaries(ids, st.sampled_from([b"1", b"2"]))))
    partial = draw(st.frozensets(names))
    removed = draw(st.dictionaries(names, st.frozensets(ids)))
    return AccountSnapshot(
        account_id="a",
        platform="p",
        items=items,
        partial=partial & items.keys(),
        removed={
            name: gone - items[name].keys() for name, gone in removed.items() if name in partial and name in items
        },
        cleared=draw(st.frozensets(names)) & {name for name, by_id in items.items() if not by_id},
    )


def receive(hub: Hub, snapshot: AccountSnapshot) -> Hub:
    """The rules of replacing, as the hub states them."""
    after: Hub = {name: dict(by_id) for name, by_id in hub.items()}
    for name, by_id in (snapshot.items or {}).items():
        if name in snapshot.partial:
            after.setdefault(name, {}).update(by_id)
            for gone in snapshot.removed.get(name, ()):
                after[name].pop(gone, None)
        elif by_id or name in snapshot.cleared:
            after[name] = dict(by_id)
    return {name: by_id for name, by_id in after.items() if by_id}


@given(st.dictionaries(names, st.dictionaries(ids, st.just(b"0"))), snapshots(), snapshots())
def test_the_carried_over_snapshot_does_what_both_do_one_after_the_other(
    hub: Hub, older: AccountSnapshot, newer: AccountSnapshot
) -> None:
    assert receive(hub, carry_over(older, newer)) == receive(receive(hub, older), newer)


def test_a_sign_of_life_adds_what_was_observed_to_the_snapshot_before_it() -> None:
    full = AccountSnapshot(
        account_id="a", platform="p", items={"messages": {"m": b"1"}}, observed=(a_wire_observation(1),)
    )
    sign = AccountSnapshot(account_id="a", platform="p", observed=(a_wire_observation(2),))
    assert carry_over(full, sign).items == carry_over(sign, full).items == full.items
    assert [o.start for o in carry_over(full, sign).observed] == [1, 2]
    assert carry_over(sign, sign).items is None


def test_what_was_observed_is_bounded() -> None:
    many = tuple(a_wire_observation(n) for n in range(MAX_OBSERVED))
    both = carry_over(
        AccountSnapshot(account_id="a", platform="p", observed=many),
        AccountSnapshot(account_id="a", platform="p", observed=(a_wire_observation(9_999),)),
    )
    assert len(both.observed) == MAX_OBSERVED
    assert both.observed[-1].start == 9_999


def test_a_sign_of_life_is_an_empty_delta() -> None:
    [delta] = make_messages(
        AccountSnapshot(account_id="a", platform="p", observed=(a_wire_observation(),)), 5, 10_000, "s"
    )
    assert isinstance(delta, DataDelta)
    assert delta.upserts == {}
    assert len(delta.observed) == 1


def test_a_large_snapshot_goes_in_parts_below_the_limit() -> None:
    items = {f"m{n}": b'{"id":"m%d","x":"%s"}' % (n, b"y" * 900) for n in range(100)}
    snapshot = AccountSnapshot(account_id="a", platform="p", items={"messages": items}, partial=frozenset(["messages"]))
    parts = make_messages(snapshot, 5, 20_000, "s")
    assert len(parts) > 4
    first = parts[0]
    assert isinstance(first, DataSync)
    assert first.snapshot.partial == ["messages"]
    numbers = [part.part.index for part in parts if isinstance(part, DataSync) and part.part is not None]
    assert numbers == list(range(len(parts)))
