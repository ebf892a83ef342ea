from crawler.uplink.backoff import Backoff


def test_ceilings_double_from_the_first_to_the_cap() -> None:
    backoff = Backoff(1, 30, lambda low, high: high)
    assert [backoff.next_s() for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_every_wait_lies_between_nothing_and_the_ceiling() -> None:
    for _ in range(200):
        backoff = Backoff(1, 30)
        for ceiling in (1, 2, 4, 8, 16, 30, 30):
            assert 0 <= backoff.next_s() <= ceiling


def test_a_reset_starts_again_and_a_thousand_failures_do_no_harm() -> None:
    backoff = Backoff(1, 30, lambda low, high: high)
    for _ in range(2_000):
        backoff.next_s()
    assert backoff.ceiling_s == 30
    backoff.reset()
    assert backoff.next_s() == 1
