"""The platform, as it really is: people write, recall, read on their phones, while the worker looks now and then."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from msgspec.structs import replace

from crawler.errors import PageChanged, Retryable
from crawler.platforms.base import SurfaceObservation
from sync.protocol.ids import make_id
from sync.protocol.items import Collection, Comment, Content, Conversation, Message, Notification
from sync.protocol.messages import Canary, Profile, Surface

DAY_MS: Final = 86_400_000
ME: Final = "me"
MOST: Final[dict[str, int]] = {
    "conversations": 7,
    "messages": 40,
    "contents": 4,
    "comments": 20,
    "notifications": 10,
}
LISTS: Final[dict[Surface, tuple[Collection, ...]]] = {
    "messages": ("conversations", "messages"),
    "contents": ("contents",),
    "comments": ("comments",),
    "notifications": ("notifications",),
}


class Shop:
    """One account on the platform. `unseen`: messages that no page shows yet."""

    def __init__(self, account_id: str, random: Random, now: int) -> None:
        self.account_id = account_id
        self.items: dict[str, dict[str, Any]] = {name: {} for name in MOST}
        self.unseen: set[str] = set()
        self._random = random
        self._number = 0
        for _ in range(12):
            self.live(now - random.choice([5 * DAY_MS, DAY_MS, 60_000]))

    def live(self, now: int) -> None:
        """Something happens."""
        happenings: list[tuple[Callable[[int], None], int]] = [
            (self._message_comes, 12),
            (self._owner_answers, 4),
            (self._unseen_is_shown, 4),
            (self._conversation_changes, 4),
            (self._message_changes, 4),
            (self._conversation_goes, 1),
            (self._work_comes, 1),
            (self._comment_comes, 6),
            (self._comment_goes, 2),
            (self._notice_comes, 3),
            (self._list_empties, 1),
        ]
        chosen = self._random.choices([h for h, _ in happenings], [weight for _, weight in happenings])[0]
        chosen(now)
        for name, most in MOST.items():
            while len(self.items[name]) > most:
                del self.items[name][next(iter(self.items[name]))]

    # -- what happens

    def _new(self, kind: type[Any], collection: Collection, **fields: Any) -> Any:
        self._number += 1
        platform_id = str(self._number)
        usual = self._random.random() < 0.9
        item_id = make_id(collection, self.account_id, platform_id) if usual else f"{self.account_id}-{platform_id}"
        item = kind(id=item_id, platform_id=platform_id, **fields)
        self.items[collection][platform_id] = item
        return item

    def _any(self, collection: Collection) -> Any:
        """Some item, or None."""
        items = list(self.items[collection].values())
        return self._random.choice(items) if items else None

    def _put(self, collection: Collection, item: Any, **fields: Any) -> None:
        self.items[collection][item.platform_id] = replace(item, **fields)

    def _conversation(self) -> Conversation:
        known: Conversation | None = self._any("conversations")
        if known is not None and self._random.random() < 0.85:
            return known
        user_id = f"fan{self._random.randrange(6)}"
        same: list[Conversation] = [c for c in self.items["conversations"].values() if c.user_id == user_id]
        if same:
            return same[0]
        new: Conversation = self._new(Conversation, "conversations", user_id=user_id, user_name=user_id, unread_count=0)
        return new

    def _say(self, conversation: Conversation, now: int, direction: Any) -> None:
        self._number += 1
        time = now - self._random.choice([0, 500, 60_000])
        inbound = direction == "inbound"
        message = self._new(
            Message,
            "messages",
            conversation_id=self._random.choice([conversation.id, conversation.platform_id]),
            created_at=time if self._random.random() < 0.95 else None,
            direction=direction,
            sender_id=conversation.user_id if inbound else ME,
            content=f"word {self._number}",
            status=None if inbound else "sent",
        )
        if self._random.random() < 0.2:
            self.unseen.add(message.platform_id)
        self._put(
            "conversations",
            conversation,
            unread_count=(conversation.unread_count or 0) + inbound,
            last_message_id=message.id,
            last_message_content=message.content,
            last_message_time=time,
            last_message_sender_id=message.sender_id,
        )

    def _message_comes(self, now: int) -> None:
        self._say(self._conversation(), now, "inbound")

    def _owner_answers(self, now: int) -> None:
        self._say(self._conversation(), now, "outbound")

    def _unseen_is_shown(self, now: int) -> None:
        if self.unseen:
            self.unseen.remove(self._random.choice(sorted(self.unseen)))

    def _conversation_changes(self, now: int) -> None:
        conversation = self._any("conversations")
        if conversation is not None:
            changes: list[dict[str, Any]] = [
                {"unread_count": 0},
                {"unread_count": 0},
                {"unread_count": self._random.randrange(4)},
                {"is_pinned": not conversation.is_pinned},
                {"is_muted": not conversation.is_muted},
            ]
            self._put("conversations", conversation, **self._random.choice(changes))

    def _message_changes(self, now: int) -> None:
        message = self._any("messages")
        if message is None:
            return
        change = self._random.choice(["recall", "go", "status"])
        if change == "go":
            del self.items["messages"][message.platform_id]
        elif change == "recall":
            self._put("messages", message, is_recalled=True)
        elif message.direction == "outbound":
            self._put("messages", message, status=self._random.choice(["delivered", "read"]))

    def _conversation_goes(self, now: int) -> None:
        conversation = self._any("conversations")
        if conversation is not None:
            del self.items["conversations"][conversation.platform_id]

    def _work_comes(self, now: int) -> None:
        self._new(Content, "contents", title=f"work {self._number}", publish_time=now - 3_600_000)

    def _comment_comes(self, now: int) -> None:
        work, above = self._any("contents"), self._any("comments")
        top = above is None or above.parent_comment_id is not None or self._random.random() < 0.5
        self._new(
            Comment,
            "comments",
            content_id=work.platform_id if work is not None else "gone",
            parent_comment_id=None if top else above.platform_id,
            is_author_reply=self._random.random() < 0.25,
            content=f"comment {self._number}",
            created_at=now - self._random.choice([0, 60_000]),
        )

    def _comment_goes(self, now: int) -> None:
        comment = self._any("comments")
        if comment is not None:
            del self.items["comments"][comment.platform_id]

    def _notice_comes(self, now: int) -> None:
        read = self._random.choice([None, False, True])
        self._new(Notification, "notifications", type="like", created_at=now, is_read=read, title="liked")

    def _list_empties(self, now: int) -> None:
        if self._random.random() < 0.3:
            self.items[self._random.choice(["comments", "notifications", "messages"])].clear()

    # -- what a look at it gives

    def look(self, surface: Surface, now: int) -> SurfaceObservation:
        """Raises Retryable, PageChanged."""
        chance = self._random.random()
        if chance < 0.03:
            raise Retryable("the page did not load")
        if chance < 0.05:
            raise PageChanged("where is the list?")
        to_end = self._random.random() < 0.6
        canary: Canary = "empty_suspicious" if chance < 0.08 else "ok"
        shown = {name: self._shown(name, to_end) for name in LISTS.get(surface, ())}
        return SurfaceObservation(
            surface=surface,
            entry="simulated",
            start=now - 200,
            end=now,
            complete=to_end,
            canary=canary,
            items=shown,
            ended=frozenset(shown) if to_end else frozenset(),
            profile=Profile(platform_user_id=ME) if surface == "profile" else None,
        )

    def _shown(self, name: Collection, to_end: bool) -> list[Any]:
        """The newest, if not all."""
        items = [item for key, item in self.items[name].items() if name != "messages" or key not in self.unseen]
        return items if to_end else items[-self._random.randrange(1, 6) :]
