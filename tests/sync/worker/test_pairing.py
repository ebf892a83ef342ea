"""Pairing codes: six characters, ten minutes, once; and nobody guesses one."""

from __future__ import annotations

import re

import pytest

from sync.worker.pairing import VALID_MS, WINDOW_MS, WRONG_OF_ALL, WRONG_OF_ONE, PairingCodes, TooManyWrong

NOW = 1_790_000_000_000


class Place:
    def __init__(self) -> None:
        self.now = NOW
        self.codes = PairingCodes(lambda: self.now)


def test_a_code_is_six_characters_that_nobody_mixes_up_and_is_used_once() -> None:
    place = Place()
    made = place.codes.make("desk")
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{6}", made.code)
    typed = f" {made.code[:3].lower()}-{made.code[3:]} "
    assert place.codes.redeem(typed, "a") == "desk"
    assert place.codes.redeem(made.code, "a") is None
    assert place.codes.find("desk") is None


def test_a_code_ends_after_ten_minutes_and_with_the_next() -> None:
    place = Place()
    first = place.codes.make("desk")
    second = place.codes.make("desk")
    assert place.codes.redeem(first.code, "a") is None
    assert place.codes.find("desk") == second
    place.now += VALID_MS
    assert place.codes.find("desk") is None
    assert place.codes.redeem(second.code, "a") is None


@pytest.mark.parametrize("typed", ["", "      ", "ABC", "ABCDEFG", "０１２３４５", "';--", "\0" * 6, "字" * 6])
def test_what_is_no_code_is_wrong(typed: str) -> None:
    place = Place()
    place.codes.make("desk")
    assert place.codes.redeem(typed, "a") is None


def test_who_guesses_has_to_wait_and_others_do_not() -> None:
    place = Place()
    good = place.codes.make("desk").code
    for _ in range(WRONG_OF_ONE):
        assert place.codes.redeem("222222", "guesser") is None
    with pytest.raises(TooManyWrong) as refused:
        place.codes.redeem(good, "guesser")
    assert refused.value.wait_s == WINDOW_MS // 1000
    assert place.codes.redeem(good, "owner") == "desk"
    place.now += WINDOW_MS
    assert place.codes.redeem("222222", "guesser") is None


def test_many_guessers_together_have_to_wait_too() -> None:
    place = Place()
    good = place.codes.make("desk").code
    for number in range(WRONG_OF_ALL):
        assert place.codes.redeem("222222", f"10.0.0.{number}") is None
    with pytest.raises(TooManyWrong):
        place.codes.redeem(good, "owner")
