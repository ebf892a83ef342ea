"""Who is let in: so many connections in all, and so many of one address."""

from __future__ import annotations

import resource

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imhub.edge import door as door_module
from imhub.edge.door import RESERVED, Door, make_door

Client = tuple[str, int] | None
CLIENTS: list[Client] = [
    ("192.0.2.1", 1),
    ("192.0.2.2", 1),
    ("2001:db8::1", 1),
    ("2001:db8::2", 1),
    ("10.0.0.1", 1),
    None,
]


@given(st.lists(st.tuples(st.sampled_from(CLIENTS), st.booleans()), max_size=60))
def test_the_counts_are_those_of_who_is_in_and_never_above_the_limits(
    moves: list[tuple[tuple[str, int] | None, bool]],
) -> None:
    door = Door(8, 3, ["10.0.0.0/8"])
    inside: list[tuple[str, int] | None] = []
    for client, comes in moves:
        if comes and door.enter(client):
            inside.append(client)
        elif not comes and client in inside:
            inside.remove(client)
            door.leave(client)
        assert len(door) == len(inside) <= 8
        assert sum(one in CLIENTS[2:4] for one in inside) <= 3  # one network of IPv6 is one address
        assert inside.count(("192.0.2.1", 1)) <= 3


def test_a_proxy_may_have_all_of_the_room() -> None:
    door = Door(8, 3, ["10.0.0.0/8", "fd00::/8"])
    assert sum(door.enter(("10.0.0.1", port)) for port in range(20)) == 8


def test_descriptors_are_kept_for_the_database_and_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1024))
    raised = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: raised.append(limits))
    door = make_door(4000, 500, [])
    assert raised == [(1024, 1024)]
    assert door.in_all == 1024 - RESERVED
    assert door.of_one_address == door.in_all // 2


def test_a_limit_that_suffices_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1_000_000, 1_000_000))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: pytest.fail("there was no need"))
    assert make_door(4000, 500, []).in_all == 4000


def test_an_attack_writes_one_line(caplog: pytest.LogCaptureFixture) -> None:
    door = Door(1, 1)
    for port in range(100):
        door.enter(("192.0.2.1", port))
    assert len(caplog.records) == 1
    assert door_module.LOG_EVERY_S >= 10
