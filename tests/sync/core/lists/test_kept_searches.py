"""What a search found is found once, for however many accounts, and what is kept stays within its bound."""

from __future__ import annotations

from sync.core.account.inbox_rows import SearchHit
from sync.core.account.view import View
from sync.core.lists.kept_searches import FoundRow, KeptSearches, RowsByKind
from tests.sync.builders import a_view

HIT = FoundRow(SearchHit(None, None, None))


class Finder:
    """Finds so many rows of one kind, or of all, and counts how often it was asked."""

    def __init__(self, *kinds: str, rows: int = 0) -> None:
        self.found: RowsByKind = {kind: {str(n): HIT for n in range(rows)} for kind in kinds}  # type: ignore[misc]
        self.asked = 0

    def __call__(self) -> RowsByKind:
        self.asked += 1
        return self.found


def test_each_account_is_searched_once_for_the_list_and_its_counts() -> None:
    kept, finder = KeptSearches(1_000), Finder("direct_message")
    views = [a_view(f"a{n}") for n in range(900)]
    for _list_then_counts in range(2):
        for view in views:
            kept.find(view, "q", "direct_message", finder)
    assert finder.asked == 900


def test_an_account_out_of_memory_is_read_once_for_all_kinds_and_one_in_memory_for_each() -> None:
    kept, view, every = KeptSearches(10), a_view(), Finder("direct_message", "comment")
    kept.find(view, "q", "direct_message", every)
    assert kept.find(view, "q", "comment", every) is every.found["comment"]
    assert every.asked == 1
    comments, notices = Finder("comment"), Finder("notification")
    kept.find(view, "other", "comment", comments)
    kept.find(view, "other", "notification", notices)
    kept.find(view, "other", "comment", comments)
    assert (comments.asked, notices.asked) == (1, 1)


def test_it_begins_anew_when_there_are_too_many_rows() -> None:
    kept, views = KeptSearches(20), [a_view(f"a{n}") for n in range(3)]
    finders = [Finder("comment", rows=8) for _ in views]

    def ask(*numbers: int) -> list[int]:
        for number in numbers:
            kept.find(views[number], "q", "comment", finders[number])
        return [finder.asked for finder in finders]

    assert ask(0, 1, 0, 1) == [1, 1, 0]
    assert ask(2, 2) == [1, 1, 1], "there was no room beside the two"
    assert ask(0, 2) == [2, 1, 1]


def test_another_version_of_an_account_is_searched_anew() -> None:
    kept, finder = KeptSearches(10), Finder("comment")
    for view in (a_view(), View(account_id="acc", fresh_ms=0)):
        kept.find(view, "q", "comment", finder)
    assert finder.asked == 2
