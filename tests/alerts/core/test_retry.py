from alerts.core.retry import WANTED_MS, is_over, next_try


def test_a_failed_delivery_is_tried_soon_and_then_more_and_more_seldom() -> None:
    waits = [next_try(failures, 0) // 1000 for failures in range(1, 9)]
    assert waits == [5, 30, 120, 600, 1800, 3600, 3600, 3600]


def test_whoever_asks_to_be_left_alone_is_for_an_hour_at_most() -> None:
    waits = [next_try(1, 0, wait_s) // 1000 for wait_s in (0, 3, 600, 3600, 86_400)]
    assert waits == [5, 5, 600, 3600, 3600]
    assert next_try(4, 0, 60) == 600_000, "less than the usual wait changes nothing"


def test_a_delivery_is_given_up_after_a_day() -> None:
    assert not is_over(0, WANTED_MS)
    assert is_over(0, WANTED_MS + 1)
