"""When the next reply of an account may go: at a person's pace, within the owner's bounds, and not at night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

from sync.core.replies.reply import STOPS, Reply, ReplyKind
from sync.protocol.account_config import Budget, Pace

SECOND_MS: Final = 1_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
BACKOFF_MS: Final = (HOUR_MS // 2, 2 * HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS)
"""The pause after the first, second, third and each later refusal in a row."""
AWAKE_MS: Final = 10 * 60_000
"""Who wrote so long ago is awake: he may be answered at night."""
NEVER: Final = 2**62

WaitReason = Literal["pace", "hour", "day", "night", "refused", "stranger", "stopped"]


class Turn(NamedTuple):
    """When a reply may go, ms UTC; NEVER: not by the passing of time. `why`: the bound that decides; None: at once."""

    at: int
    why: WaitReason | None


class Person(NamedTuple):
    """The one who is answered. `heard_at`: when he last wrote, ms UTC. `is_stranger`: he never wrote to us.

    `is_written_to`: we wrote to him before.
    """

    heard_at: int | None = None
    is_stranger: bool = False
    is_written_to: bool = False


def next_turn(
    kind: ReplyKind, person: Person, replies: Sequence[Reply], budget: Budget, zone: tzinfo, now: int
) -> Turn:
    """Return when a reply may go that has waited for its turn. `replies`: of the account, in any order."""
    if stopped_by(replies) is not None:
        return Turn(NEVER, "stopped")
    if kind == "message" and person.is_stranger and person.is_written_to:
        return Turn(NEVER, "stranger")
    bounds = [Turn(now, None), *_pace_bounds(_sent_at(kind, replies), _pace(kind, budget)), _after_refusals(replies)]
    turn = max(bounds, key=lambda bound: bound.at)
    is_awake = person.heard_at is not None and turn.at - person.heard_at < AWAKE_MS
    morning = turn.at if is_awake else _after_night(turn.at, budget, zone)
    return turn if morning == turn.at else Turn(morning, "night")


def count_left(kind: ReplyKind, replies: Sequence[Reply], budget: Budget, now: int) -> tuple[int, int]:
    """Return how many more of this kind the bounds of the hour and of the day let go. `replies`: as in `next_turn`."""
    pace, sent = _pace(kind, budget), [at for at, _ in _sent_at(kind, replies)]
    hour, day = (sum(at > now - span for at in sent) for span in (HOUR_MS, DAY_MS))
    return max(0, pace.per_hour - hour), max(0, pace.per_day - day)


def stopped_by(replies: Sequence[Reply]) -> Reply | None:
    """Return the reply at which the platform looked closer, so that nothing goes until somebody tries it again.

    Whoever takes that back, or still may within its hold, has not said that anything may go.
    """
    tried_again = {reply.retry_of for reply in replies if reply.state not in ("held", "cancelled")}
    stops = [r for r in replies if r.reason is not None and r.reason.code in STOPS and r.id not in tried_again]
    return max(stops, key=lambda reply: reply.ended_at or 0, default=None)


def gap_ms(reply_id: str, pace: Pace) -> int:
    """Return how long the account waits after this reply: random within the pace, and the same at every look."""
    share = int.from_bytes(blake2b(reply_id.encode(), digest_size=4).digest()) / 2**32
    return int((pace.apart_s[0] + share * (pace.apart_s[1] - pace.apart_s[0])) * SECOND_MS)


def _pace(kind: ReplyKind, budget: Budget) -> Pace:
    return budget.messages if kind == "message" else budget.comments


def _sent_at(kind: ReplyKind, replies: Sequence[Reply]) -> list[tuple[int, str]]:
    """Return (when, id) of what was, or may have been, sent of this kind, in order of time."""
    is_message = kind == "message"
    alike = [reply for reply in replies if (reply.kind == "message") == is_message]
    return sorted((reply.pressed_at, reply.id) for reply in alike if reply.pressed_at is not None)


def _pace_bounds(sent: Sequence[tuple[int, str]], pace: Pace) -> list[Turn]:
    bounds = [Turn(at + gap_ms(reply_id, pace), "pace") for at, reply_id in sent[-1:]]
    bounds += [Turn(at + HOUR_MS, "hour") for at, _ in sent[-pace.per_hour :][:1] if len(sent) >= pace.per_hour]
    bounds += [Turn(at + DAY_MS, "day") for at, _ in sent[-pace.per_day :][:1] if len(sent) >= pace.per_day]
    return bounds


def _after_refusals(replies: Sequence[Reply]) -> Turn:
    """Return the end of the pause after the refusals since something was last sent."""
    ended = sorted((r.ended_at, r.state) for r in replies if r.ended_at is not None and r.state in ("sent", "refused"))
    row = 0
    while row < len(ended) and ended[-1 - row][1] == "refused":
        row += 1
    if not row:
        return Turn(0, None)
    return Turn(ended[-1][0] + BACKOFF_MS[min(row, len(BACKOFF_MS)) - 1], "refused")


def _after_night(at: int, budget: Budget, zone: tzinfo) -> int:
    """Return the end of the night that `at` lies in, else `at`."""
    begin, end = budget.night
    there = datetime.fromtimestamp(at / SECOND_MS, zone)
    if begin == end or not _is_within(there.hour, begin, end):
        return at
    morning = there.replace(hour=end % 24, minute=0, second=0, microsecond=0)
    if morning <= there:
        morning += timedelta(days=1)
    return int(morning.timestamp() * SECOND_MS)


def _is_within(hour: int, begin: int, end: int) -> bool:
    return begin <= hour < end if begin < end else hour >= begin or hour < end


def estimate_turns(
    waiting: Sequence[tuple[ReplyKind, Person, str]],
    replies: Sequence[Reply],
    budget: Budget,
    zone: tzinfo,
    now: int,
) -> list[Turn]:
    """Return about when each of `waiting` (kind, person, id) goes, one after the other."""
    turns, gone = [], list(replies)
    for kind, person, reply_id in waiting:
        turn = next_turn(kind, person, gone, budget, zone, now)
        turns.append(turn)
        if turn.at != NEVER:
            gone.append(_as_sent(kind, reply_id, turn.at))
    return turns


def _as_sent(kind: ReplyKind, reply_id: str, at: int) -> Reply:
    return Reply(
        id=reply_id,
        client_id="",
        kind=kind,
        target="",
        text="",
        mode="send",
        state="unknown",
        created_at=at,
        not_before=at,
        pressed_at=at,
    )
