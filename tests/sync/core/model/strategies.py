"""Random changes of an account: snapshots, reports, clears and operators' changes. Few ids, so that they collide."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from hypothesis import strategies as st

from sync.core.account.entries import Report
from sync.core.change.changes import (
    ConversationCreated,
    Noted,
    Operated,
    OperatorChange,
    OwnerChanged,
    ReadBefore,
    Reported,
    RulesChanged,
)
from sync.core.closing_words import DEFAULT_CLOSING_WORDS
from sync.core.rules import Rules
from sync.protocol.items import Collection, Comment, Content, Conversation, Item, Message, Notification
from tests.sync.builders import DAY, HOUR, MINUTE, START
from tests.sync.core.model.account import PREFIX, usual
from tests.sync.core.model.picture import NOTED_PEOPLE

MOMENTS = [START - 3 * DAY, START - 2 * DAY, START - HOUR, START - MINUTE, START, START + MINUTE, START + HOUR]
TIMES = st.sampled_from([None, *MOMENTS])
FLAGS = st.sampled_from([None, True, False])
TEXTS = st.sampled_from([None, "x", "谢谢"])
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
        lambda named, **rest: kind(platform_id=named[0], id=named[1], **rest),  # type: ignore[call-arg]  # every kind of item has one
        ids,
        **MAY_BE,
        **fields,
    )
    return st.lists(one, min_size=1, max_size=5)


LISTS = {
    "conversations": items(
        Conversation,
        ids_of("conversations", "AAB"),
        user_id=st.sampled_from([None, "fan", "fan", "A"]),
        type=st.sampled_from([None, "private", "group"]),
        unread_count=st.sampled_from([None, 0, 1, 1, 2]),
        is_pinned=FLAGS,
        is_muted=FLAGS,
        is_stranger=FLAGS,
        is_folded=FLAGS,
        last_message_time=TIMES,
        last_message_id=st.one_of(st.none(), references("messages", "12")),
        last_message_sender_id=st.sampled_from([None, "fan", "me"]),
        last_message_content=TEXTS,
        last_message_type=st.sampled_from([None, None, "text", "system"]),
    ),
    "messages": items(
        Message,
        ids_of("messages", "1234"),
        conversation_id=references("conversations", "AAB"),
        direction=st.sampled_from(["inbound", "inbound", "outbound"]),
        is_recalled=st.sampled_from([False, False, True]),
        content=TEXTS,
        type=st.sampled_from(["text", "text", "text", "system"]),
        sender_id=st.sampled_from([None, "fan", "A"]),
        sender_name=TEXTS,
        order=st.sampled_from([None, None, "3", "20"]),
        status=st.sampled_from([None, "sent", "read"]),
        reply_to_message_id=st.one_of(st.none(), references("messages", "12")),
    ),
    "contents": items(Content, ids_of("contents", "XY"), title=TEXTS, publish_time=TIMES),
    "comments": items(
        Comment,
        ids_of("comments", "1234"),
        content_id=st.one_of(st.none(), references("contents", "XXY")),
        parent_comment_id=st.one_of(st.none(), references("comments", "115")),
        is_author_reply=FLAGS,
        author_id=st.sampled_from([None, "fan", "A", "me"]),
        reply_to_user_id=st.sampled_from([None, "fan", "A", "me"]),
        content=TEXTS,
        content_title=TEXTS,
        reply_count=st.sampled_from([None, None, None, 7]),
    ),
    "notifications": items(
        Notification, ids_of("notifications", "12"), type=st.sampled_from(["like", "system"]), is_read=FLAGS
    ),
}
NAMES = st.lists(st.sampled_from(list(PREFIX)), max_size=3)


class Seen(NamedTuple):
    """A snapshot, as the test and the model read it."""

    lists: dict[str, list[Any]]
    partial: list[str]
    removed: dict[str, list[str]]
    cleared: list[str]


def no_items_of(names: list[str]) -> dict[str, list[Any]]:
    return {name: [] for name in names}


EMPTY_LISTS = st.lists(st.sampled_from(list(PREFIX)), max_size=2).map(no_items_of)
SNAPSHOTS = st.builds(
    Seen,
    st.one_of(st.fixed_dictionaries({}, optional=LISTS), st.fixed_dictionaries(LISTS), EMPTY_LISTS),
    st.one_of(st.just(list(PREFIX)), NAMES),
    st.fixed_dictionaries(
        {},
        optional={
            "messages": st.lists(references("messages", "1234"), max_size=2),
            "comments": st.just(["1"]),
            "conversations": st.lists(references("conversations", "AB"), max_size=1),
        },
    ),
    st.one_of(*[st.just([])] * 5, NAMES),
).filter(lambda seen: bool(seen.lists or seen.removed or seen.cleared))
REPORTS = st.builds(Report, login_status=st.sampled_from(["unknown", "logged_in"])).map(lambda r: Reported(report=r))

OWNERS = st.sampled_from([START, START + MINUTE]).map(lambda at: OwnerChanged(at=at))

CLOSING_WORDS = st.sampled_from([DEFAULT_CLOSING_WORDS, ("x",), ("谢谢", "x"), ()])
RULES = st.builds(Rules, closing_words=CLOSING_WORDS, fans_count=st.booleans(), count_automatic=st.booleans()).map(
    lambda rules: RulesChanged(rules=rules)
)

# -- what operators say

ACTIONS = [
    "read",
    "unread",
    "pin",
    "unpin",
    "mute",
    "unmute",
    "delete",
    "restore",
    "done",
    "undone",
    "recall",
    "status",
]


def words(collection: str, actions: list[str], names: list[str]) -> st.SearchStrategy[Operated]:
    ids = [usual(collection, name) for name in names] * 3 + [form + name for form in ("v", "w", "") for name in names]
    return st.builds(
        lambda action, ids, status: Operated(
            action=action,
            collection=cast(Collection, collection),
            ids=tuple(ids),
            status=status if action == "status" else None,
        ),
        st.sampled_from(actions),
        st.lists(st.sampled_from(ids), min_size=1, max_size=3),
        st.sampled_from(["sent", "read"]),
    )


KINDS = ["direct_message", "comment", "discussion", "notification"]
READ_BEFORE = st.builds(
    lambda before, kinds: ReadBefore(before=before, kinds=frozenset(kinds)),
    st.sampled_from([*MOMENTS, START + 2 * HOUR]),
    st.one_of(st.just(KINDS), st.lists(st.sampled_from(KINDS), min_size=1)),
)
MADE = st.builds(
    lambda user_id, name: ConversationCreated(user_id=user_id, user_name=name),
    st.sampled_from(["fan", "fan", "A", "other"]),
    TEXTS,
)
NOTED = st.builds(
    lambda user_id, text, by: Noted(user_id=user_id, text=text, by=by),
    st.sampled_from(NOTED_PEOPLE),
    st.sampled_from(["", "VIP", "买过两次"]),
    st.sampled_from(["", "ann", "ben"]),
)
ON_CONVERSATIONS = words("conversations", ["read", "read", "delete", "delete", *ACTIONS], ["A", "A", "B", "fan"])
WORDS: st.SearchStrategy[OperatorChange] = st.one_of(
    ON_CONVERSATIONS,
    ON_CONVERSATIONS,
    words("messages", [*ACTIONS, "recall", "status"], list("12345")),
    words("comments", [*ACTIONS, "recall", "status"], list("12345")),
    words("notifications", [*ACTIONS, "recall", "status"], list("12")),
    words("contents", ["read", "read", *ACTIONS], list("XY")),
    READ_BEFORE,
    MADE,
    NOTED,
)
ONE_STEP = st.one_of(*[SNAPSHOTS] * 10, *[WORDS] * 10, REPORTS, OWNERS, RULES, RULES, st.just("clear"))
STEPS = st.lists(ONE_STEP, min_size=2, max_size=9)
