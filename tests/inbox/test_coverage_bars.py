"""The last 24 hours of an account on its card: what was read, the gaps, and why, in words."""

from __future__ import annotations

import pytest
from django.utils import translation
from msgspec.structs import replace

from im_api.queries import list_authorized
from im_api.queries.health.day import Coverage, count_late_items
from inbox.pages.account_state import CardState
from inbox.pages.accounts.coverage_bars import WIDTH, DayCoverage, make_day
from sync.hub import Hub
from sync.storage.coverage import Gap, GapCause, Stretch, SurfaceCoverage
from tests.im_api.conftest import NOW, USERS, a_directory, an_account

MINUTE = 60_000
HOUR = 60 * MINUTE
SINCE = NOW - 24 * HOUR
FRESH = CardState(kind="fresh", words="seen 5 s ago", tone="ok")
OFFLINE = CardState(kind="worker", words="Its computer is not working", tone="act")


@pytest.fixture
def account(hub: Hub) -> Hub:
    hub.directory = a_directory(an_account("acc-a"))
    hub.started_at = NOW - 100 * HOUR
    return hub


def a_day(state: CardState = FRESH, **gaps: list[Gap]) -> DayCoverage:
    """The day of an account whose surfaces were read all the time but for `gaps`."""
    surfaces = {}
    for name, missing in gaps.items():
        bounds = [SINCE, *(at for gap in missing for at in (gap.start, gap.end)), NOW]
        pairs = zip(bounds[::2], bounds[1::2], strict=True)
        surfaces[name] = SurfaceCoverage([Stretch(*pair) for pair in pairs if pair[0] < pair[1]], missing)
    [authorized] = list_authorized(USERS[2])
    return make_day(Coverage(authorized=authorized, since=SINCE, until=NOW, surfaces=surfaces), state)


def ago(hours: float, until: float, cause: GapCause = "not_observed") -> Gap:
    return Gap(NOW - int(hours * HOUR), NOW - int(until * HOUR), cause)


def test_a_day_without_a_gap_is_one_bar_and_no_words(account: Hub) -> None:
    day = a_day(messages=[])
    assert (day.summary, day.gaps) == ("", [])
    [part] = day.bars["messages"].parts
    assert (part.kind, part.x, part.width, part.words) == ("read", 0, WIDTH, "")
    assert day.bars["messages"].words == "Messages: read during 24 h of the last 24 hours"


def test_a_gap_has_its_place_in_the_bar_and_its_cause_in_words(account: Hub) -> None:
    day = a_day(messages=[ago(12, 6)], contents=[ago(2, 1, "page_changed")])
    parts = [(part.kind, part.x, part.width) for part in day.bars["messages"].parts]
    assert parts == [("read", 0, 144), ("read", 216, 72), ("gap", 144, 72)]
    assert day.summary == "2 gaps in 24 hours"
    changed, unseen = day.gaps
    assert changed.startswith("Works · ")
    assert changed.endswith(": the page changed and could not be read.")
    assert "nobody looked. Its computer was off or offline, or the account was paused or not logged in." in unseen


def test_what_is_missing_now_has_the_cause_that_the_account_has_now(account: Hub) -> None:
    [line] = a_day(OFFLINE, messages=[ago(3, 0)], comments=[ago(3.1, 0)], notifications=[ago(3.05, 0)]).gaps
    assert line.startswith("Messages, Comments, Notices · since ")
    assert line.endswith(": Its computer is not working.")
    with translation.override("zh-hans"):
        state = CardState(kind="worker", words="电脑没有在工作", tone="act")
        [line] = a_day(state, messages=[ago(3, 0)], comments=[ago(3.1, 0)]).gaps
        assert line.startswith("私信、评论 · 从 ")
        assert line.endswith("电脑没有在工作。")


def test_a_hub_that_was_off_is_the_cause_of_a_gap_that_ended_with_its_start(account: Hub) -> None:
    account.started_at = NOW - 6 * HOUR - MINUTE
    [line] = a_day(messages=[ago(12, 6)]).gaps
    assert line.endswith(": IM Hub was not running.")


def test_the_time_before_the_first_look_is_no_gap(account: Hub) -> None:
    [authorized] = list_authorized(USERS[2])
    new = SurfaceCoverage([Stretch(NOW - HOUR, NOW)], [])
    day = make_day(Coverage(authorized=authorized, since=SINCE, until=NOW, surfaces={"messages": new}), FRESH)
    assert [part.kind for part in day.bars["messages"].parts] == ["before", "read"]
    assert day.summary == ""


def test_a_night_in_which_messages_are_heard_is_a_rest_of_the_other_surfaces(account: Hub) -> None:
    seven = (NOW + 8 * HOUR - 7 * HOUR) // (24 * HOUR) * 24 * HOUR - HOUR
    """The last 7 o'clock in China."""
    since = (NOW - seven) / HOUR
    night = ago(since + 6.2, since - 0.2)
    late, early = ago(since + 6.2, since - 3), ago(since + 8, since - 0.2)
    assert early.start > SINCE
    day = a_day(messages=[], comments=[night], contents=[late], notifications=[early])
    assert [part.kind for part in day.bars["comments"].parts] == ["read", "read", "rest"]
    assert day.bars["comments"].parts[-1].words == "night rest"
    assert sorted(line.split(" · ")[0] for line in day.gaps) == ["Notices", "Works"]
    unheard = a_day(messages=[night], comments=[night])
    assert [line.split(" · ")[0] for line in unheard.gaps] == ["Messages, Comments"]


def test_a_gap_tells_once_how_many_items_came_in_from_it_and_are_unread(account: Hub) -> None:
    view = account.store.get_view("acc-a")
    [authorized] = list_authorized(USERS[2])
    newest = max(entry.item.created_at for entry in view.messages.values() if entry.item.created_at)
    start, end = newest - MINUTE, newest + MINUTE
    late = {
        item_id: replace(entry, first_seen=end + 1)
        for item_id, entry in view.messages.items()
        if entry.item.created_at is not None and start <= entry.item.created_at <= end
    }
    messages = view.messages
    for item_id, entry in late.items():
        messages = messages.set(item_id, entry)
    late_view = replace(view, messages=messages)
    found = count_late_items(replace(authorized, view=late_view), ["messages"], start, end)
    assert count_late_items(replace(authorized, view=late_view), ["comments", "contents"], start, end).items == 0
    unread = sum(view.is_unread("messages", item_id) for item_id in late)
    assert (found.items, found.unread) == (len(late), unread)
    assert found.items > 0
