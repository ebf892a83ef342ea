"""Lets fans act: what they do next is drawn from a seed, when they do it is the clock's."""

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random

from demo.events import DemoEvent, EventKind
from demo.ledger import Sending
from demo.texts import COMMENTS, FAN_MESSAGES, NICKNAMES, OWN_MESSAGES, OWN_REPLIES, REPLIES, THANKS
from demo.waiting import list_waiting, newest_s
from demo.world import DemoAccount, World

WEIGHTS: dict[EventKind, int] = {
    "message": 34,
    "comment": 22,
    "reply": 10,
    "own_message": 8,
    "own_reply": 6,
    "like": 10,
    "follow": 6,
    "sticker": 4,
}
LINES: dict[EventKind, tuple[str, ...]] = {
    "message": FAN_MESSAGES,
    "comment": COMMENTS,
    "reply": REPLIES,
    "own_message": OWN_MESSAGES,
    "own_reply": OWN_REPLIES,
    "sticker": ("比心", "玫瑰", "抱拳"),
}
NEW_FAN_CHANCE = 0.2
# More than these never wait in all shops together: then the shops answer whoever waits longest.
MOST_WAITING = 10
# While fewer wait, no shop answers.
LEAST_WAITING = 9
# So often somebody who was just answered writes on.
THANKS_CHANCE = 0.6
ANSWERS = frozenset({"own_message", "own_reply"})


def choose_event(world: World, account: DemoAccount, rng: Random) -> DemoEvent:
    """Return what somebody does next on `account`. The same world and generator state give the same event."""
    answer = _choose_answer(world, account, rng)
    if answer is not None:
        return answer
    kind = rng.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
    if kind in ANSWERS and _count_waiting(world) < LEAST_WAITING:
        kind = "message" if kind == "own_message" else "comment"
    event = DemoEvent(kind, text=rng.choice(LINES.get(kind, ("",))))
    newest = account.list_conversations()[:15]
    if kind in ANSWERS:
        waiting = [c for c in newest if c.unread and c.kind != "group"]
        event.conversation_id = rng.choice(waiting or newest).id if newest else ""
    elif kind in ("message", "sticker") and newest and rng.random() > NEW_FAN_CHANCE:
        event.conversation_id = rng.choice(newest).id
    else:
        event.uid, event.nickname = _choose_person(world, rng)
    if kind == "comment":
        event.aweme_id = _choose_work(account, rng)
    return event


def _choose_answer(world: World, account: DemoAccount, rng: Random) -> DemoEvent | None:
    """Return the shop's answer to whoever waits longest for it, if too many wait; None if they do not."""
    mine = list_waiting(account, newest_s(world))
    if not mine or _count_waiting(world) < MOST_WAITING:
        return None
    if mine[0].conversation_id:
        text, conversation = rng.choice(OWN_MESSAGES), mine[0].conversation_id
        return DemoEvent("own_message", text=text, conversation_id=conversation)
    return DemoEvent("own_reply", text=rng.choice(OWN_REPLIES), cid=mine[0].cid)


def _count_waiting(world: World) -> int:
    now_s = newest_s(world)
    return sum(len(list_waiting(account, now_s)) for account in world.accounts.values())


def _choose_person(world: World, rng: Random) -> tuple[str, str]:
    if world.people and rng.random() > NEW_FAN_CHANCE:
        person = rng.choice(list(world.people.values()))
        return person.uid, person.nickname
    return str(rng.randrange(10**11, 10**15)), rng.choice(NICKNAMES)


def _choose_work(account: DemoAccount, rng: Random) -> str:
    open_works = [w for w in account.list_works() if w.in_list and not w.is_private and not w.is_deleted]
    return rng.choice(open_works[:8]).aweme_id if open_works else ""


def choose_thanks(sent: Sending, rng: Random) -> DemoEvent:
    """Return what the person says who was answered: in the conversation, or under the comment."""
    kind: EventKind = "message" if sent.kind == "message" else "reply"
    event = DemoEvent(kind, text=rng.choice(THANKS), uid=sent.to_uid)
    event.conversation_id, event.cid = sent.conversation_id, sent.id if kind == "reply" else ""
    return event


async def run_fans(
    world: World,
    act: Callable[[DemoAccount, DemoEvent], object],
    answered: deque[Sending],
    *,
    interval_s: float,
    rng: Random,
) -> None:
    """Let one event happen every `interval_s` seconds, give or take a half, on one of the accounts, for ever.

    `answered`: what reached somebody and was not yet thanked for.
    """
    while world.accounts:
        await asyncio.sleep(interval_s * rng.uniform(0.5, 1.5))
        if answered and rng.random() < THANKS_CHANCE:
            sent = answered.popleft()
            act(world.accounts[sent.account], choose_thanks(sent, rng))
            continue
        account = rng.choice(list(world.accounts.values()))
        act(account, choose_event(world, account, rng))
