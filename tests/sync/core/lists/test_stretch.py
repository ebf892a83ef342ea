"""Reading on from any message, in both directions, meets every message once."""

from __future__ import annotations

from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.account.history import item_key
from sync.core.account.order import Key, Order
from sync.core.lists.stretch import Stretch, around, between, newer_than, newest, older_than
from tests.sync.builders import MINUTE, START, Account, a_message, an_account

CONVERSATION = "conv_acc_1"
TIMES = [None, START - MINUTE, START, START, START + MINUTE]


def order_of(account: Account) -> Order:
    return account.view.conversation_states[CONVERSATION].order


def a_talk(times: list[int]) -> Account:
    account = an_account()
    account.sync(messages=[a_message(str(n), "1", created_at=TIMES[time]) for n, time in enumerate(times)])
    return account


def key_of(account: Account, number: int) -> Key:
    return item_key(account.view.messages[f"msg_acc_{number}"].item)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_walking_newer_and_older_from_any_message_meets_each_once_while_messages_come(data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=20))
    account, names = a_talk(times), count()
    start = key_of(account, data.draw(st.integers(0, len(times) - 1)))
    there = list(order_of(account))
    size = data.draw(st.integers(1, 7))

    def somebody_writes() -> None:
        latest = (START + 2 * MINUTE + next(names)) if data.draw(st.booleans()) else START
        account.upsert(messages=[a_message(f"new{next(names)}", "1", created_at=latest)])

    met = around(order_of(account), start, data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3)))
    older, newer, walked = met.older, met.newer, met.keys
    end = order_of(account).first()
    while older is not None or newer is not None:
        if len(walked) < 40:
            somebody_writes()
        if newer is not None:
            page, end = newer_than(order_of(account), newer, size), order_of(account).first()
            walked, newer = [*walked, *page.keys], page.newer
        if older is not None:
            page = older_than(order_of(account), older, size)
            walked, older = [*page.keys, *walked], page.older
    assert walked == sorted(walked, reverse=True)
    assert len(walked) == len(set(walked))
    assert [key for key in walked if key in there] == there[::-1]
    assert walked[-1] == end


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.data())
def test_a_stretch_is_read_again_as_it_was_with_what_came_into_it(times: list[int], data: st.DataObject) -> None:
    account = a_talk(times)
    order = order_of(account)
    near, far = sorted(data.draw(st.integers(0, len(times) - 1)) for _ in range(2))
    keys = list(order)
    assert between(order, keys[far], keys[near], 100).keys == keys[near : far + 1][::-1]
    assert between(order, keys[far], keys[near], 2).keys == keys[near : min(far + 1, near + 2)][::-1]
    assert between(order, keys[near], keys[far], 100).keys == [keys[far]]  # the wrong way round: no more than it


def test_the_ends_say_that_nothing_follows() -> None:
    order = order_of(a_talk([2] * 5))
    keys = list(order)[::-1]
    assert newest(order, 9) == Stretch(keys, None, None, 0)
    assert newest(order, 2) == Stretch(keys[3:], keys[3], None, 0)
    assert around(order, keys[2], 1, 1) == Stretch(keys[1:4], keys[1], keys[3], 1)
    assert around(order, keys[0], 9, 0) == Stretch(keys[:1], None, keys[0], 4)
    assert older_than(order, keys[2], 2) == Stretch(keys[:2], None, keys[1], 3)
    assert newer_than(order, keys[2], 2) == Stretch(keys[3:], keys[3], None, 0)
    assert newest(Order(), 2) == newer_than(order, keys[4], 2) == Stretch([], None, None, 0)
