from alerts.core.retry import WANTED_MS, is_over, next_try


def test_a_failed_delivery_is_tried_soon_and_then_more_and_more_seldom() -> None:
    waits = [next_try(failures, 0) // 1000 for failures in range(1, 9)]
    assert waits == [5, 30, 120, 600, 1800, 3600, 3600, 3600]


def test_a_delivery_is_given_up_after_a_day() -> None:
    assert not is_over(0, WANTED_MS)
    assert is_over(0, WANTED_MS + 1)
