"""Bodies of the change log: whatever bit of one is wrong, it is noticed."""

import random

import pytest

from sync.core.change.delta import Delta, Event, as_delta
from sync.core.stored.log_row_body import BadBody, decode_body, encode_body
from tests.sync.builders import a_conversation, a_message, an_account

COLUMNS = ("acc", 7, 12, 1_790_000_000_000)


def a_body() -> tuple[bytes, Delta]:
    account = an_account(conversations=[a_conversation()], messages=[a_message("1", content="换货吗？")])
    return encode_body(as_delta(account.view), COLUMNS), as_delta(account.view)


def test_a_written_body_is_read_back() -> None:
    body, delta = a_body()
    assert decode_body(body, COLUMNS) == decode_body(memoryview(body), COLUMNS) == delta


def test_a_body_with_a_flipped_bit_is_refused() -> None:
    body, _ = a_body()
    for at in range(len(body)):
        damaged = bytearray(body)
        damaged[at] ^= 1 << at % 8
        with pytest.raises(BadBody, match="its checksum is another one"):
            decode_body(bytes(damaged), COLUMNS)


def test_a_truncated_body_is_refused() -> None:
    body, _ = a_body()
    for length in random.Random(1).sample(range(len(body)), 50):
        with pytest.raises(BadBody):
            decode_body(body[:length], COLUMNS)


@pytest.mark.parametrize("columns", [("acd", *COLUMNS[1:]), ("acc", 8, *COLUMNS[2:]), COLUMNS[:-1], (*COLUMNS, "boss")])
def test_a_body_belongs_to_its_row(columns: tuple[str | int, ...]) -> None:
    body, _ = a_body()
    with pytest.raises(BadBody):
        decode_body(body, columns)


@pytest.mark.parametrize(("body", "kind"), [(None, "NoneType"), ("", "str"), (2**40, "int")])
def test_a_body_that_is_not_bytes_is_refused_with_its_type(body: object, kind: str) -> None:
    with pytest.raises(BadBody, match=f"not bytes but {kind}"):
        decode_body(body, COLUMNS)


def test_a_body_that_was_written_with_an_unknown_shape_says_where() -> None:
    class Odd(Delta, frozen=True):
        pass

    body = encode_body(Odd(events=[Event("x"), "no event"]), COLUMNS)  # type: ignore[list-item]  # which is what is refused
    with pytest.raises(BadBody, match=r"\$\.events\[1\]"):
        decode_body(body, COLUMNS)
