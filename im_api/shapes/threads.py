"""The rows of an inbox."""

from __future__ import annotations

from msgspec import Raw, Struct

from im_api.queries import AuthorizedAccount
from im_api.shapes.common import Direction, MessageType, PersonShape, person
from im_api.shapes.rendered import kept_rows
from sync.core.account.inbox_rows import InboxRow, RowKind
from sync.core.closing_words import ReplyReason
from sync.core.replies.reply import ReplyState
from sync.protocol.text import visible

ThreadKind = RowKind


class ThreadPreview(Struct, frozen=True, kw_only=True):
    """The newest that is to be seen. `speaker_name`: of who wrote it, where that is not the person of the row."""

    direction: Direction | None
    msg_type: MessageType | None
    text: str | None
    speaker_name: str | None


class ThreadShape(Struct, frozen=True, kw_only=True):
    """A conversation, a top-level comment with its replies, or the notices of one type and one day (UTC).

    `person`: null for several people. `read_by`, `done_by`: the name of the operator who did it last.
    """

    thread_id: str
    kind: ThreadKind
    account_id: str
    conversation_id: str | None
    discussion_id: str | None
    person: PersonShape | None
    people_count: int
    preview: ThreadPreview | None
    work_title: str | None
    unread_count: int
    needs_reply: bool
    reply_reason: ReplyReason | None
    waiting_since: int | None
    is_pinned: bool
    is_muted: bool
    done_at: int | None
    pending_reply: ReplyState | None
    read_by: str | None
    done_by: str | None
    update_time: int | None
    platform: str


def thread(authorized: AuthorizedAccount, row: InboxRow) -> ThreadShape:
    preview = row.preview
    return ThreadShape(
        thread_id=row.id,
        kind=row.kind,
        account_id=authorized.account.id,
        conversation_id=row.id if row.kind == "direct_message" else None,
        discussion_id=row.id if row.kind == "comment" else None,
        person=person(*row.person) if row.person is not None else None,
        people_count=row.people_count,
        preview=ThreadPreview(
            direction=preview.direction,
            msg_type=preview.type,
            text=preview.text,
            speaker_name=visible(preview.speaker.name) if preview.speaker is not None else None,
        )
        if preview is not None
        else None,
        work_title=row.work_title,
        unread_count=row.unread_count,
        needs_reply=row.needs_reply,
        reply_reason=row.reply_reason,
        waiting_since=row.waiting_since,
        is_pinned=row.is_pinned,
        is_muted=row.is_muted,
        done_at=row.done_at,
        pending_reply=row.pending_reply,
        read_by=row.read_by or None,
        done_by=row.done_by or None,
        update_time=row.update_time,
        platform=authorized.account.platform,
    )


def rendered_thread(authorized: AuthorizedAccount, row: InboxRow) -> Raw:
    """Return what `thread` does, as JSON."""
    account = authorized.account
    return kept_rows.get("thread", account.id, row.id, (row, account), lambda: thread(authorized, row), by_value=True)
