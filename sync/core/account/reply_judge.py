"""Decides which comments of others ask us for a reply: not what fans say to fans, and not closing words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from sync.core.closing_words import ReplyReason, is_closing
from sync.core.maps import Map
from sync.core.rules import Rules
from sync.protocol.items import Comment, MessageType

Names = Map[str, int]
NO_NAMES: Final[Names] = Map()


def is_inbound(comment: Comment) -> bool:
    """Return whether somebody else than the account wrote `comment`."""
    return not comment.is_author_reply


class Speakers(Struct, frozen=True, omit_defaults=True, gc=False):
    """The people who spoke in a thread: all that its comments are judged by.

    `fans`, `own`: the ids and names of fans and of us, each with the number of comments that carry it. `own_comments`:
    the number of our comments. `asker`: the fan who wrote the top-level comment; None if it is ours, or unknown.
    """

    fans: Names = NO_NAMES
    own: Names = NO_NAMES
    own_comments: int = 0
    asker: str | None = None

    def moved(self, gone: Iterable[Comment], come: Iterable[Comment]) -> Speakers:
        """Return who spoke once `gone` are taken away and `come` are there."""
        gone, come = list(gone), list(come)
        asker = None if any(map(_is_root, gone)) else self.asker
        asker = next((_who(one) for one in come if _is_root(one) and is_inbound(one)), asker)
        sides = {side: Counter[str]() for side in (True, False)}
        for comments, by in ((gone, -1), (come, +1)):
            for one in comments:
                for name in _names(one):
                    sides[is_inbound(one)][name] += by
        own_comments = sum(not is_inbound(one) for one in come) - sum(not is_inbound(one) for one in gone)
        return Speakers(
            fans=_counted(self.fans, sides[True]),
            own=_counted(self.own, sides[False]),
            own_comments=self.own_comments + own_comments,
            asker=asker,
        )

    def reason_of(self, comment: Comment, rules: Rules) -> ReplyReason:
        """Return why a comment of somebody else, which nobody answered, waits or not."""
        if not rules.fans_count and comment.parent_comment_id is not None and self._is_to_a_fan(comment):
            return "fan_to_fan"
        kind: MessageType = "image" if comment.images else "text"
        closes = self.own_comments > 0 and is_closing(kind, comment.content, rules.closing_words)
        return "closing" if closes else "question"

    def decide_like(self, others: Speakers) -> bool:
        """Return whether these and `others` lead to the same judgement, but for replies to `fans` of one only."""
        return (
            self.asker == others.asker
            and (self.own_comments > 0) == (others.own_comments > 0)
            and set(self.own) == set(others.own)
        )

    def differing_fans(self, others: Speakers, among: Iterable[Comment]) -> set[str]:
        """Return the names of `among` that only one of the two has among its fans, as far as that decides anything."""
        if self.own:
            return set()
        return {name for one in among for name in _names(one) if (name in self.fans) != (name in others.fans)}

    def _is_to_a_fan(self, comment: Comment) -> bool:
        """Return whether the reply is known to be for another fan. In doubt it is for us: no customer is missed."""
        to = addressee_of(comment)
        if to is not None and to not in _names(comment):
            return to not in self.own and (bool(self.own) or to in self.fans)
        writer = _who(comment)
        return writer is not None and self.asker is not None and writer != self.asker


def addressee_of(comment: Comment) -> str | None:
    """Return the id, else the name, of whom a reply names as the one it answers."""
    return comment.reply_to_user_id if comment.reply_to_user_id is not None else comment.reply_to_user_name


def _is_root(comment: Comment) -> bool:
    return comment.parent_comment_id is None


def _who(comment: Comment) -> str | None:
    return comment.author_id or comment.author_sec_id or comment.author_name


def _names(comment: Comment) -> set[str]:
    return {name for name in (comment.author_id, comment.author_sec_id, comment.author_name) if name is not None}


def _counted(names: Names, by: Counter[str]) -> Names:
    with names.mutate() as counted:
        for name, difference in by.items():
            count = counted.get(name, 0) + difference
            if count:
                counted[name] = count
            elif name in counted:
                del counted[name]
        after: Names = counted.finish()
    return after or NO_NAMES
