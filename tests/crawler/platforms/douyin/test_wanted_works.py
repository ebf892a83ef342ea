"""Which works' comments are read: those where something happens at each look, the quiet ones now and then."""

from typing import Any

from crawler.platforms.douyin.config import read_config
from crawler.platforms.douyin.state import DouyinState, WorkProgress
from crawler.platforms.douyin.surfaces.comments import note_whole_round, wanted_works
from sync.protocol.items import Content
from tests.crawler.builders import NOW, a_comment, a_content

MINUTE = 60_000


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


def a_state(clock: Clock, **config: Any) -> DouyinState:
    return DouyinState("acc-1", None, read_config(config, {}), clock)


def works_of(*counts: int) -> dict[str, Content]:
    return {f"w{n}": a_content(n, comment_count=count) for n, count in enumerate(counts, 1)}


def look(state: DouyinState, works: dict[str, Content], newest: int = NOW - 60 * MINUTE) -> tuple[list[str], bool]:
    """The works that are read, which then are, and whether it is a whole round."""
    wanted, is_whole = wanted_works(state, works)
    for work in wanted:
        state.work_progress[work.platform_id] = WorkProgress(work.comment_count, 1, 3, newest, state.clock())
    if is_whole:
        note_whole_round(state)
    return sorted(work.platform_id for work in wanted), is_whole


def test_a_quiet_work_is_read_every_quarter_of_an_hour_and_one_with_a_new_comment_at_once() -> None:
    clock = Clock()
    state = a_state(clock)
    assert look(state, works_of(2, 3, 0)) == (["w1", "w2"], True)
    clock.now += MINUTE
    assert look(state, works_of(2, 3, 0)) == ([], False)
    clock.now += MINUTE
    assert look(state, works_of(2, 4, 0), newest=clock.now) == (["w2"], False)
    clock.now += MINUTE
    # Somebody may answer what was said a moment ago.
    assert look(state, works_of(2, 4, 0)) == (["w2"], False)
    clock.now += 12 * MINUTE
    assert look(state, works_of(2, 4, 0)) == (["w1", "w2"], True)


def test_a_comment_that_only_a_notice_knows_leads_to_its_work() -> None:
    clock = Clock()
    state = a_state(clock)
    look(state, works_of(2, 3))
    clock.now += MINUTE
    state.noticed["k1"] = a_comment(1, content_id=a_content(1).id, created_at=clock.now)
    assert look(state, works_of(2, 3)) == (["w1"], False)
    clock.now += MINUTE
    assert look(state, works_of(2, 3)) == ([], False)


def test_where_the_owner_names_the_interval_all_works_are_read_at_each_look() -> None:
    clock = Clock()
    state = a_state(clock, intervals={"comments": 60})
    for _ in range(3):
        clock.now += MINUTE
        assert look(state, works_of(2, 3)) == (["w1", "w2"], True)


def test_a_round_that_could_not_prove_anything_yet_is_followed_by_a_whole_one() -> None:
    clock = Clock()
    state = a_state(clock, read_notices=True)
    assert look(state, works_of(2))[1]
    state.saw_notices = True
    assert look(state, works_of(2))[1]
    assert not look(state, works_of(2))[1]


def test_a_whole_round_that_broke_off_is_followed_by_a_whole_one() -> None:
    clock = Clock()
    state = a_state(clock)
    look(state, works_of(2, 3))
    clock.now += 15 * MINUTE
    assert wanted_works(state, works_of(2, 3))[1]  # and then the page did not answer
    clock.now += MINUTE
    assert look(state, works_of(2, 3)) == (["w1", "w2"], True)
    clock.now += MINUTE
    assert look(state, works_of(2, 3)) == ([], False)
