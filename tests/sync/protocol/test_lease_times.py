"""Two workers never have one account, whatever is late or lost on the way: by the times alone."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.lease_times import CLOSE_S, REASSIGN_S, STOP_S, is_gone, stops_at

SECONDS = st.floats(0, 40)


class Asked(NamedTuple):
    """`apart`: seconds after the one before. The ways take that long, None: it is lost."""

    apart: float
    way: float | None
    way_back: float | None


@given(st.lists(st.builds(Asked, SECONDS, st.none() | SECONDS, st.none() | SECONDS)), st.floats(-1_000, 1_000))
def test_a_worker_has_closed_its_browsers_before_the_hub_gives_its_accounts_away(
    said: list[Asked], ahead: float
) -> None:
    """`ahead`: by so much the hub's clock is, for the two need not agree."""
    works_until, heard_at = 0.0, 0.0
    for asked_at, (_, way, way_back) in zip(accumulate(one.apart for one in said), said, strict=True):
        if way is None:
            continue
        heard_at = max(heard_at, asked_at + way)
        if way_back is not None:
            works_until = max(works_until, stops_at(asked_at))
    closed_at = works_until + CLOSE_S
    assert not is_gone(int(((closed_at + ahead) - (heard_at + ahead)) * 1000) - 1) or works_until == 0


def test_the_hub_waits_fifteen_seconds_and_the_worker_ten() -> None:
    assert (STOP_S, REASSIGN_S) == (10, 15)
    assert stops_at(7) == 17
    assert not is_gone(14_999)
    assert is_gone(15_000)
