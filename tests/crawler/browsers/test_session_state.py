"""The part of a browser's state that is kept as a session."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.browsers.session import MAX_STATE, cut_state

COOKIE = {"name": "sid", "value": "1", "domain": ".douyin.com", "path": "/", "sameSite": "None", "secure": True}


def a_state(*databases: str, size: int = 10) -> dict[str, Any]:
    found = [{"name": name, "version": 1, "stores": [{"name": "s", "records": ["x" * size]}]} for name in databases]
    storage = [{"name": "security-sdk", "value": "key"}]
    return {"cookies": [COOKIE], "origins": [{"origin": "https://a", "localStorage": storage, "indexedDB": found}]}


def names_of(state: dict[str, Any]) -> list[str]:
    return [one["name"] for origin in state["origins"] for one in origin.get("indexedDB", [])]


def test_of_the_databases_only_those_are_kept_that_a_login_needs() -> None:
    kept, is_cut = cut_state(a_state("keys", "nicknames"), ["keys"])
    assert (names_of(kept), is_cut) == (["keys"], False)
    storage = a_state()["origins"][0]["localStorage"]
    alone = {"cookies": [COOKIE], "origins": [{"origin": "https://a", "localStorage": storage}]}
    assert cut_state(a_state("nicknames"), []) == (alone, False)


def test_a_large_session_is_cookies_and_local_storage_alone() -> None:
    kept, is_cut = cut_state(a_state("keys", size=MAX_STATE), ["keys"])
    assert (names_of(kept), is_cut) == ([], True)
    assert kept["origins"][0]["localStorage"][0]["value"] == "key"


@given(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))
def test_cookies_stay_as_they_are_whatever_is_cut(there: set[str], wanted: set[str]) -> None:
    state = a_state(*sorted(there))
    kept, _ = cut_state(state, sorted(wanted))
    assert kept["cookies"] == [COOKIE]
    assert names_of(kept) == sorted(there & wanted)
    assert len(state["origins"][0]["indexedDB"]) == len(there), "the state itself is not changed"
