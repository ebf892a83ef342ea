"""Where the history of an account ends, the slow way, also when the hub's clock is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.sync.builders import DAY
from tests.sync.core.model import marks, reading
from tests.sync.core.model.account import Model, time_told


@contextmanager
def lowered(model: Model, now: int) -> Iterator[None]:
    """Around a change: if the clock is found behind the end of the history, that is lowered."""
    started, version = model.started_at, model.version
    before = {name: dict(of) for name, of in model.held.items()}
    newest = max((time for time in map(_created, _in_feed(model)) if time is not None), default=0)
    yield
    if started is None or model.started_at != started:
        return
    if model.started_clock > now:
        model.version = version + 1
        model.started_clock = now
    if started <= now:
        return
    changed = [
        known.item
        for name, of in model.held.items()
        for item_id, known in of.items()
        if name != "contents" and before[name].get(item_id) != known
    ]
    times = [time for time in map(time_told, changed) if time is not None]
    new = [time for time in times if time > newest and now - DAY < time <= now]
    model.started_at = min(new) - 1 if new else now
    model.version = version + 1


def _in_feed(model: Model) -> list[Any]:
    messages = [m for m in reading.visible_messages(model).values() if not marks.is_deleted(model, m)]
    return [*messages, *reading.visible_comments(model).values(), *model.held["notifications"].values()]


def _created(known: Any) -> int | None:
    time: int | None = known.item.created_at
    return time
