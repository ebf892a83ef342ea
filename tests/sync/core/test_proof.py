"""Any history of changes: each view equals a rebuild, the naive model and the replayed log; events tell all of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from sync.core.advance import advance
from sync.core.apply import Applied
from sync.core.changes import Cleared, Reported
from sync.core.delta import Report, decode_delta, encode_delta
from sync.core.view import View
from sync.protocol.items import Comment, Content, Conversation, Item, Message, Notification
from tests.sync.builders import DAY, HOUR, MINUTE, START, Account, a_new_account, a_view
from tests.sync.core import picture
from tests.sync.core.naive import PREFIX, Model, usual

TIMES = st.sampled_from(
    [None, START - 3 * DAY, START - 2 * DAY, START - HOUR, START - MINUTE, START, START + MINUTE, START + HOUR]
)
FLAGS = st.sampled_from([None, True, False])
TEXTS = st.sampled_from([None, "x", "y"])
MAY_BE = {"created_at": TIMES, "updated_at": TIMES}


def ids_of(collection: str, names: str) -> st.SearchStrategy[tuple[str, str]]:
    """(platform id, id): mostly of the usual form, also of two others."""
    forms = [usual(collection, "{}")] * 4 + ["v{}", "w{}"]
    return st.builds(lambda name, form: (name, form.format(name)), st.sampled_from(names), st.sampled_from(forms))


def references(collection: str, names: str) -> st.SearchStrategy[str]:
    forms = ["{}"] * 4 + [usual(collection, "{}"), "v{}", "w{}"]
    return st.builds(lambda name, form: form.format(name), st.sampled_from(names), st.sampled_from(forms))


def items(kind: type[Item], ids: st.SearchStrategy[tuple[str, str]], **fields: Any) -> st.SearchStrategy[list[Item]]:
    one = st.builds(
        lambda named, **rest: kind(platform_id=named[0], id=named[1], **rest),  # type: ignore[call-arg]
        ids,
        **MAY_BE,
        **fields,
    )
    return st.lists(one, min_size=1, max_size=5)


LISTS = {
    "conversations": items(
        Conversation,
        ids_of("conversations", "AAB"),
        user_id=st.sampled_from([None, "fan"]),
        type=st.sampled_from([None, "private", "group"]),
        unread_count=st.sampled_from([None, 0, 1, 1, 2]),
        is_pinned=FLAGS,
        last_message_time=TIMES,
        last_message_id=st.one_of(st.none(), references("messages", "12")),
        last_message_sender_id=st.sampled_from([None, "fan", "me"]),
    ),
    "messages": items(
        Message,
        ids_of("messages", "1234"),
        conversation_id=references("conversations", "AAB"),
        direction=st.sampled_from(["inbound", "inbound", "outbound"]),
        is_recalled=st.sampled_from([False, False, True]),
        content=TEXTS,
        sender_name=TEXTS,
        reply_to_message_id=st.one_of(st.none(), references("messages", "12")),
    ),
    "contents": items(Content, ids_of("contents", "XY"), title=TEXTS, publish_time=TIMES),
    "comments": items(
        Comment,
        ids_of("comments", "1234"),
        content_id=st.one_of(st.none(), references("contents", "XXY")),
        parent_comment_id=st.one_of(st.none(), references("comments", "115")),
        is_author_reply=FLAGS,
        content_title=TEXTS,
        reply_count=st.sampled_from([None, None, None, 7]),
    ),
    "notifications": items(Notification, ids_of("notifications", "12"), type=st.just("like"), is_read=FLAGS),
}
NAMES = st.lists(st.sampled_from(list(PREFIX)), max_size=3)


class Seen(NamedTuple):
    """A snapshot, as the test and the model read it."""

    lists: dict[str, list[Any]]
    partial: list[str]
    removed: dict[str, list[str]]
    cleared: list[str]


EMPTY_LISTS = st.lists(st.sampled_from(list(PREFIX)), max_size=2).map(lambda names: {name: [] for name in names})
SNAPSHOTS = st.builds(
    Seen,
    st.one_of(st.fixed_dictionaries({}, optional=LISTS), st.fixed_dictionaries(LISTS), EMPTY_LISTS),
    st.one_of(st.just(list(PREFIX)), NAMES),
    st.fixed_dictionaries(
        {}, optional={"messages": st.lists(references("messages", "1234"), max_size=2), "comments": st.just(["1"])}
    ),
    st.one_of(*[st.just([])] * 5, NAMES),
).filter(lambda seen: bool(seen.lists or seen.removed or seen.cleared))
REPORTS = st.builds(Report, login_status=st.sampled_from(["unknown", "logged_in"]))
STEPS = st.lists(st.one_of(*[SNAPSHOTS] * 15, REPORTS, st.just("clear")), min_size=2, max_size=7)


def take(account: Account, model: Model, step: Any, now: int) -> Applied:
    if isinstance(step, Seen):
        model.sync(*step, now)
        return account.sync(at=now, partial=step.partial, removed=step.removed, cleared=step.cleared, **step.lists)
    if isinstance(step, Report):
        model.version += account.view.report != step
        return account.apply(Reported(report=step), now)
    model.clear()
    return account.apply(Cleared(epoch=f"e{now}"), now)


def rebuilt(view: View) -> View:
    body = decode_delta(encode_delta(view.as_delta()))
    return advance(a_view(), body, version=view.version, seq=view.seq, at=view.changed_at or 0)


def replayed(account: Account) -> View:
    view = a_view()
    for row in account.rows:
        assert row.version == view.version + 1
        assert row.seq_from == view.seq + 1
        assert row.seq_to - row.seq_from + 1 == len(row.body.events)
        body = decode_delta(encode_delta(row.body))
        view = advance(view, body, version=row.version, seq=row.seq_to, at=row.at)
    return view


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_every_view_equals_a_rebuild_the_naive_model_and_the_replayed_log(steps: list[Any]) -> None:
    account, model = a_new_account(), Model()
    taken: list[tuple[View, Any]] = []
    for number, step in enumerate(steps):
        take(account, model, step, START + number * 20 * MINUTE)
        view = account.view
        note(f"after {step}")
        assert picture.of_view(view) == picture.of_model(model)
        if view.version:
            assert rebuilt(view) == view
        taken.append((view, picture.of_view(view)))
    assert replayed(account) == account.view
    for view, as_it_was in taken:
        assert picture.of_view(view) == as_it_was


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_events_name_what_clients_see_change_and_nothing_else_comes_or_goes(steps: list[Any]) -> None:
    account, model = a_new_account(), Model()
    for number, step in enumerate(steps):
        before, badges_before = picture.shown(model), picture.badges(model)
        applied = take(account, model, step, START + number * 20 * MINUTE)
        after = picture.shown(model)
        events = list(applied.row.body.events) if applied.row is not None else []
        note(f"after {step}: {events}")
        assert len(set(events)) == len(events)
        kinds = [event.kind for event in events]
        if kinds == ["reset"]:
            continue
        told = {end: named(events, end) for end in ("created", "updated", "removed")}
        assert told["created"] == after.keys() - before.keys()
        assert told["removed"] == before.keys() - after.keys()
        both = before.keys() & after.keys()
        assert told["updated"] <= both
        assert {key for key in both if before[key] != after[key]} <= told["updated"]
        assert ("unread.changed" in kinds) == (badges_before != picture.badges(model))


def named(events: list[Any], end: str) -> set[tuple[str, str]]:
    pairs = [(*event.kind.split("."), event.id) for event in events if event.id]
    return {(noun, item_id) for noun, what, item_id in pairs if what == end}
