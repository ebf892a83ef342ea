"""Decides which comments of others ask us for a reply: not what fans say to fans, and not closing words."""

from __future__ import annotations

from collections.abc import Iterable

from sync.core.closing_words import ReplyReason, is_closing
from sync.protocol.items import Comment, MessageType


def is_inbound(comment: Comment) -> bool:
    """Return whether somebody else than the account wrote `comment`."""
    return not comment.is_author_reply


class ReplyJudge:
    """Judges the comments of one thread. `known`: its comments. `root`: the top-level one, None if it is unknown."""

    def __init__(self, known: Iterable[Comment], root: Comment | None) -> None:
        known = list(known)
        self._root = root
        self._fans = {name for one in known if is_inbound(one) for name in _names(one)}
        self._own = {name for one in known if not is_inbound(one) for name in _names(one)}
        self._spoke = any(not is_inbound(one) for one in known)

    def reason_of(self, comment: Comment) -> ReplyReason:
        """Return why a comment of somebody else, which nobody answered, waits or not."""
        if comment.parent_comment_id is not None and self._is_to_a_fan(comment):
            return "fan_to_fan"
        kind: MessageType = "image" if comment.images else "text"
        return "closing" if self._spoke and is_closing(kind, comment.content) else "question"

    def _is_to_a_fan(self, comment: Comment) -> bool:
        """Return whether the reply is known to be for another fan. In doubt it is for us: no customer is missed."""
        to = comment.reply_to_user_id if comment.reply_to_user_id is not None else comment.reply_to_user_name
        if to is not None and to not in _names(comment):
            return to not in self._own and (bool(self._own) or to in self._fans)
        if self._root is None or not is_inbound(self._root):
            return False
        writer, asked = _who(comment), _who(self._root)
        return writer is not None and asked is not None and writer != asked


def _who(comment: Comment) -> str | None:
    return comment.author_id or comment.author_sec_id or comment.author_name


def _names(comment: Comment) -> set[str]:
    return {name for name in (comment.author_id, comment.author_sec_id, comment.author_name) if name is not None}
