"""The messages about replies in the core's terms, and back."""

from __future__ import annotations

from sync.core.account.comment_threads import root_of
from sync.core.account.view import View
from sync.core.change.replies.reply_changes import ITEMS_OF
from sync.core.replies.reply import Reason, Reply
from sync.core.replies.steps import PressingAsked, Resulted
from sync.protocol.ids import platform_id_of
from sync.protocol.reply_messages import ReplyProgress, ReplyRequest, ReplyResult, ReplyTarget


def make_request(view: View, reply: Reply) -> ReplyRequest:
    """Return what the worker of a reply that is being typed is asked."""
    return ReplyRequest(
        reply_id=reply.id,
        account_id=view.account_id,
        lease_epoch=reply.lease_epoch,
        attempt=reply.attempt,
        mode=reply.mode,
        kind=reply.kind,
        target=_target(view, reply),
        text=reply.text,
        deadline=reply.deadline or 0,
    )


def _target(view: View, reply: Reply) -> ReplyTarget:
    if reply.kind == "message":
        entry = view.conversations.get(reply.target)
        if entry is None:
            return ReplyTarget(conversation_id=platform_id_of("conversations", view.account_id, reply.target))
        known = None if entry.operator_created and entry.item.platform_id == entry.item.user_id else entry
        return ReplyTarget(
            conversation_id=known.item.platform_id if known is not None else None, user_id=entry.item.user_id
        )
    if reply.kind == "work":
        return ReplyTarget(content_id=view.platform_id_of_work(reply.target))
    comment = view.comments.get(reply.target)
    if comment is None:
        return ReplyTarget(comment_id=platform_id_of("comments", view.account_id, reply.target))
    item, root = comment.item, view.comments.get(root_of(comment.item))
    root_id = platform_id_of("comments", view.account_id, root_of(item))
    return ReplyTarget(
        comment_id=item.platform_id,
        root_comment_id=root.item.platform_id if root is not None else root_id,
        content_id=view.platform_id_of_work(item.content_id) if item.content_id is not None else None,
    )


def to_asked(reply: Reply, message: ReplyProgress, worker: str) -> PressingAsked:
    """Return the wish to press, as a step of the reply."""
    return PressingAsked(message.attempt or reply.attempt, worker, message.known)


def to_resulted(view: View, reply: Reply, message: ReplyResult, worker: str) -> Resulted:
    """Return a worker's result, as a step of the reply."""
    reason = message.reason
    item_id = None
    if message.confirmed_platform_id is not None:
        item_id = view.resolve(ITEMS_OF[reply.kind], message.confirmed_platform_id)
    return Resulted(
        attempt=message.attempt or reply.attempt,
        worker=worker,
        state=message.state,
        reason=Reason(reason.code, reason.text) if reason is not None else None,
        confirmed_id=item_id,
        evidence=message.evidence,
    )
