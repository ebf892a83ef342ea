"""Search: a text found in a large account, as the inbox and the API look for it, and the memory of what finds it."""

from __future__ import annotations

import statistics
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns
from typing import Final
from zlib import crc32

from msgspec.structs import replace

from bench.data import NOW, a_large_account
from bench.results import Found, Table
from bench.sizes import Sizes
from sync.core.account.view import View
from sync.core.change.apply import apply
from sync.core.change.changes import Sync
from sync.core.folded_texts import NO_TEXTS
from sync.core.lists.filters import CommentFilter, MessageFilter
from sync.core.lists.pages import ListWindow, list_comments, list_messages
from sync.core.lists.search import find_rows
from sync.protocol.items import Comment, Item

IN_ONE: Final = 100
"""Messages of a conversation."""
AIM_MS: Final = 200
PAGE: Final = ListWindow(20)
SEARCHED: Final = ("尺码", "尺码有", "老板这件", "xl有货", "没有的词")
WORDS: Final = (
    *("你好", "请问这个还有货吗", "尺码有大的吗", "老板这件", "多少钱", "我要两件", "什么时候发货", "颜色能选吗"),
    *("谢谢老板", "要XL", "xl码", "L号的", "好的", "收到了", "质量不错"),
)


def run(place: Path, sizes: Sizes) -> Found:
    view = a_view(sizes.searched)
    table = Table(f"Search in {sizes.searched:,} messages, and as many comments, of one account", HEADS)
    for q in SEARCHED:
        table.add(q, *(median_ms(look, view, q) for look in LOOKS.values()), f"under {AIM_MS}")
    table.notes.append(f"The folded texts take {bytes_a_message(view):.1f} bytes a message.")
    return Found([table])


def _look_for_rows(view: View, q: str) -> None:
    find_rows(view, "direct_message", q)


def _look_for_messages(view: View, q: str) -> None:
    list_messages(view, MessageFilter(q=q), PAGE)


def _look_for_comments(view: View, q: str) -> None:
    list_comments(view, CommentFilter(q=q), PAGE)


LOOKS: Final = {
    "rows ms": _look_for_rows,
    "GET /messages ms": _look_for_messages,
    "GET /comments ms": _look_for_comments,
}
HEADS: Final = ["searched text", *LOOKS, "aim"]


def a_view(messages: int) -> View:
    """Return an account whose messages are put together of a shop's usual words: a third has Latin letters. It has as
    many comments of these words.
    """
    people = max(1, messages // IN_ONE)
    sync = a_large_account(messages, people, some_text)
    named = [replace(item, sender_name=f"客人 {n % people}") for n, item in enumerate(sync.items["messages"])]
    sync = replace(sync, items={**sync.items, "messages": named})
    view = apply(View(account_id="big", fresh_ms=0), sync, NOW).view
    return apply(view, Sync(items={"comments": [a_comment(number) for number in range(messages)]}), NOW).view


def a_comment(number: int) -> Item:
    fan = f"客人 {number % 5_000}"
    return Comment(
        id=f"comment_big_{number}",
        platform_id=f"k{number}",
        content_id=f"content_big_{number % 1_000}",
        author_id=fan,
        author_name=fan,
        content=some_text(number),
        created_at=NOW - number * 1000,
    )


def some_text(message: int) -> str:
    return "".join(some_words(message, part) for part in range(1 + message % 4))


def some_words(message: int, part: int) -> str:
    chance = crc32(f"{message} {part}".encode())
    return WORDS[chance % len(WORDS)] + "，？！。 "[chance % 5]


def median_ms(look: Callable[[View, str], None], view: View, q: str) -> float:
    taken = []
    for number in range(5):
        start = perf_counter_ns()
        look(view, q + "\u200b" * number)  # another text each time, which finds the same
        taken.append(perf_counter_ns() - start)
    return statistics.median(taken) / 1e6


def bytes_a_message(view: View) -> float:
    """Return what the texts of the messages take, made anew with the keys that the orders have anyway."""
    tracemalloc.start()
    made = [
        NO_TEXTS.update((), {key: view.messages[key[-1]].item.content or "" for key in state.order})
        for state in view.conversation_states.values()
    ]
    for texts in made:
        texts.find("\0", lambda _: None)  # which folds them
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(made) == len(view.conversation_states)
    return held / len(view.messages)
