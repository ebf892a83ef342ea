"""Other names, texts and ids: always the same for the same, never two for one, of the same form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.recording.replacing import Replacer

SECRET = b"of this recording"
REPLACER = Replacer(SECRET, frozenset({"抖音号", "作者", "detail"}))
IDS = st.integers(10**10, 9 * 10**18)


@given(IDS, IDS)
def test_two_ids_stay_two_wherever_they_stand(one: int, other: int) -> None:
    another = str(REPLACER.id(one))
    assert len(another) == len(str(one))
    assert (one == other) == (REPLACER.id(one) == REPLACER.id(other))
    assert REPLACER.text(str(one)) == another
    assert REPLACER.json({"uid": one}) == {"uid": int(another)}
    assert REPLACER.text(f"0:1:{one}:{other}") == f"0:1:{another}:{REPLACER.id(other)}"
    assert json.loads(REPLACER.text(json.dumps({"itemId": str(one)}))) == {"itemId": another}


def test_an_id_of_nineteen_digits_keeps_its_second_and_nothing_else() -> None:
    id = 7_600_000_000_000_000_123
    assert REPLACER.id(id) >> 32 == id >> 32
    assert REPLACER.id(id) != id


@given(st.text(min_size=3))
def test_a_text_becomes_the_same_each_time_and_keeps_its_length(words: str) -> None:
    if words.lstrip()[:1] in ("{", "[") or words.startswith(("http://", "https://")):
        return
    assert REPLACER.text(words) == REPLACER.text(words)
    assert len(REPLACER.text(words)) == len(words)


@given(st.integers(0, 2**63 - 1))
def test_the_parts_of_a_long_are_replaced_as_one(id: int) -> None:
    low, high = id % 2**32, id >> 32
    made = REPLACER.json({"low": low - 2**32 if low >= 2**31 else low, "high": high, "unsigned": False})
    assert isinstance(made, dict)
    assert (made["high"] << 32) + made["low"] % 2**32 == REPLACER.long(id)


@pytest.mark.parametrize(
    "kept", ["", "true", "12", "0:0", "1.2万", "发布于2025年10月09日 16:53", "2026-11-01T12:00:00.000Z", "作者"]
)
def test_what_names_nobody_stays(kept: str) -> None:
    assert REPLACER.text(kept) == kept


@pytest.mark.parametrize(
    "gone",
    [
        "小李",
        "Alice Wang",
        "138 0013 8000",
        "138-0013-8000",
        "作者是我",
        "https://p3.douyinpic.com/aweme/abc?x-signature=secret",
        "MS4wLjABAAAAsecret_user",
        "https://user:word@host/path",
    ],
)
def test_whatever_names_somebody_is_replaced(gone: str) -> None:
    made = REPLACER.text(gone)
    parts = [part for part in gone.replace("/", " ").replace("?", " ").replace("-", " ").split() if len(part) > 3]
    assert made != gone
    assert not [part for part in parts if part in made and part not in ("https:", "p3.douyinpic.com")]


def test_numbers_and_times_stay_and_keys_that_are_data_do_not() -> None:
    given_ = {"digg_count": 1234, "create_time": 1_790_000_000, "big": 87_654_321, "7123456789012345678": "x y"}
    made = REPLACER.json(given_)
    assert isinstance(made, dict)
    assert (made["digg_count"], made["create_time"]) == (1234, 1_790_000_000)
    assert made["big"] != given_["big"]
    assert "7123456789012345678" not in made


def test_the_platforms_own_words_stay_unless_they_hold_an_id() -> None:
    assert REPLACER.json({"status_msg": "操作过于频繁"}) == {"status_msg": "操作过于频繁"}
    assert "12345678" not in str(REPLACER.json({"status_msg": "用户 12345678 不存在"}))


def test_another_secret_leads_elsewhere() -> None:
    assert Replacer(b"another").text("小李 12345678901") != REPLACER.text("小李 12345678901")
