"""Changed on purpose: totals leave out muted conversations, likes and follows, and count who waits by rows.

Older versions counted all that is unread, and every comment that waits. Their rows say what the totals are now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

THREADS = "/threads?account_id=all&count=200"
QUIET = ("like", "follow")
KINDS = {"direct_message": "unread_direct_messages", "notification": "unread_notifications"}

Row = Mapping[str, Any]
Answers = dict[str, Any]


def recounted(seen: Mapping[str, Answers]) -> dict[str, Answers]:
    """Return what people saw, by person and path, with the totals as they are counted now."""
    rows = seen["olivia"][THREADS]["threads"]
    return {name: {path: _seen_now(path, answer, rows) for path, answer in of.items()} for name, of in seen.items()}


def _seen_now(path: str, answer: Any, rows: Iterable[Row]) -> Any:
    if "needs_reply=true" in path:
        return answer | {"threads": [row for row in answer["threads"] if not row["is_muted"]]}
    return _recounted(answer, rows)


def recounted_events(events: Iterable[Answers], seen: Mapping[str, Answers]) -> list[Answers]:
    """Return the events that a client missed, with the totals of `seen`."""
    rows = seen["olivia"][THREADS]["threads"]
    return [
        event | {"data": _totals(event["data"], rows, event["account"])}
        if event.get("kind") == "unread.changed"
        else _recounted(event, rows)
        for event in events
    ]


def _recounted(answer: Any, rows: Iterable[Row]) -> Any:
    if isinstance(answer, list):
        return [_recounted(one, rows) for one in answer]
    if not isinstance(answer, dict):
        return answer
    if "needs_reply_count" in answer:
        totals = _totals({}, rows, answer["user_id"])
        return answer | {"unread_count": totals["total_unread"], "needs_reply_count": totals["needs_reply"]}
    if "total_unread" in answer and "accounts" in answer:
        accounts = {name: _totals(of, rows, name) for name, of in answer["accounts"].items()}
        return {name: sum(of[name] for of in accounts.values()) for name in answer if name != "accounts"} | {
            "accounts": accounts
        }
    return {name: _recounted(value, rows) for name, value in answer.items()}


def _totals(before: Row, rows: Iterable[Row], account_id: str) -> dict[str, Any]:
    """Return the totals of an account. `before`: its totals of then, whose comments and replies are told apart."""
    loud = [row for row in rows if row["account_id"] == account_id and not row["is_muted"] and not _is_quiet(row)]
    by_kind = {name: sum(row["unread_count"] for row in loud if row["kind"] == kind) for kind, name in KINDS.items()}
    needs_reply = sum(row["needs_reply"] for row in loud)
    return {**before, **by_kind, "total_unread": sum(row["unread_count"] for row in loud), "needs_reply": needs_reply}


def _is_quiet(row: Row) -> bool:
    return row["kind"] == "notification" and any(f"_{kind}_" in row["thread_id"] for kind in QUIET)


# -- a fan who answers a fan

LISTED = "discussions"
FAN_TO_FAN = {"comm_roses_c2", "comm_roses_c2b"}
"""Changed on purpose: `c2b` is a fan's reply to another fan, so that the thread `c2`, which was handled, stays so."""


def without_fans_among_fans(after: Mapping[str, Answers], before: Mapping[str, Answers]) -> dict[str, Answers]:
    """Return what people saw after the worker's frames, where nobody waits who answered another fan."""
    talks = before["olivia"]["/discussions?account_id=roses&count=200"][LISTED]
    done = {one["discussion_id"]: one for one in talks}
    done |= {row["thread_id"]: row for row in before["olivia"][THREADS]["threads"]}  # they also say by whom
    return {name: {path: _calm(path, answer, done) for path, answer in of.items()} for name, of in after.items()}


def _calm(path: str, answer: Any, done: Mapping[str, Row]) -> Any:
    if isinstance(answer, list):
        kept = [one for one in answer if "needs_reply=true" not in path or one.get("thread_id") not in FAN_TO_FAN]
        return [_calm(path, one, done) for one in kept]
    if not isinstance(answer, dict):
        return answer
    item_id = answer.get("thread_id", answer.get("discussion_id"))
    if item_id not in FAN_TO_FAN or "needs_reply" not in answer:
        return {name: _calm(path, value, done) for name, value in answer.items()}
    was = {name: done[item_id][name] for name in ("done_at", "done_by") if name in answer and item_id in done}
    return {**answer, "needs_reply": False, "waiting_since": None, **was}
