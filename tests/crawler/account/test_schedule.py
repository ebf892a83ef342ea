from crawler.account.schedule import Schedule
from sync.protocol.intervals import INTERVALS
from tests.crawler.builders import NOW


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def test_the_first_looks_come_in_the_platform_s_order() -> None:
    schedule = Schedule(("profile", "contents", "messages"), {}, NOW, middle)
    seen = []
    for _ in range(3):
        surface, wait = (due := schedule.next(NOW)).surface, due.wait_s
        assert wait == 0
        seen.append(surface)
        schedule.succeeded(surface, NOW)
    assert seen == ["profile", "contents", "messages"]


def test_messages_are_looked_at_most_often() -> None:
    schedule, now, counts = Schedule(tuple(INTERVALS), {}, NOW, middle), NOW, dict.fromkeys(INTERVALS, 0)
    while now < NOW + 600_000:
        due = schedule.next(now)
        now += int(due.wait_s * 1000)
        counts[due.surface] += 1
        schedule.succeeded(due.surface, now)
    assert counts["messages"] == max(counts.values()) == 24
    assert counts["contents"] == 2


def test_an_account_s_own_interval_wins() -> None:
    schedule = Schedule(("messages",), {"messages": 5}, NOW, middle)
    schedule.succeeded("messages", NOW)
    assert schedule.next(NOW).wait_s == 5


def test_intervals_are_not_even() -> None:
    for bound, expected in ((lambda low, high: low, 20.0), (lambda low, high: high, 30.0)):
        schedule = Schedule(("messages",), {}, NOW, bound)
        schedule.succeeded("messages", NOW)
        assert schedule.next(NOW).wait_s == expected


def test_failures_double_the_wait_up_to_a_quarter_of_an_hour() -> None:
    schedule, waits = Schedule(("messages",), {}, NOW, middle), []
    for _ in range(8):
        schedule.failed("messages", NOW)
        waits.append(schedule.next(NOW).wait_s)
    assert waits == [50, 100, 200, 400, 800, 900, 900, 900]
    schedule.succeeded("messages", NOW)
    assert schedule.next(NOW).wait_s == 25


def test_one_failing_surface_is_not_all_of_them() -> None:
    schedule = Schedule(("messages", "profile"), {}, NOW, middle)
    schedule.failed("messages", NOW)
    assert (schedule.is_any_failing, schedule.is_all_failing) == (True, False)
    schedule.failed("profile", NOW)
    assert schedule.is_all_failing
