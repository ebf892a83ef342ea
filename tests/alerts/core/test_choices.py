import pytest

from alerts.core.choices import Choices, Fault, find_fault


@pytest.mark.parametrize(
    ("choices", "fault"),
    [
        (Choices(), None),
        (Choices(has_quiet=False, quiet_from=480, quiet_to=480), None),
        (Choices(quiet_from=13 * 60, quiet_to=14 * 60), None),
        (Choices(closes=1440), None),
        (Choices(minutes=0), "minutes"),
        (Choices(minutes=1441), "minutes"),
        (Choices(days=()), "days"),
        (Choices(days=(7,)), "days"),
        (Choices(opens=18 * 60, closes=9 * 60), "business"),
        (Choices(quiet_from=480, quiet_to=480), "quiet_empty"),
        (Choices(quiet_from=8 * 60, quiet_to=23 * 60), "quiet_all_day"),
    ],
)
def test_what_makes_no_sense_is_named(choices: Choices, fault: Fault | None) -> None:
    assert find_fault(choices) == fault
