"""The meanings of the keys of answers: the same word means the same in every shape."""

import re
from typing import Final

TIME: Final = "Milliseconds UTC; null if unknown."
IS_TIME: Final = re.compile(r"(_time|_at|_since|Time|At|lastUpdate|timestamp|before)$")

MEANINGS: Final = {
    "account_id": "The account it belongs to: the `user_id` of a user.",
    "alias": "What the owner calls the account.",
    "avatar": "Address of a picture at the platform.",
    "business_type": "A discussion is a comment with a parent.",
    "compatibility": "The line of clients that understand this API.",
    "content": "What was written; null if there is no text, or it was deleted or recalled.",
    "content_title": "The title of the work it stands under.",
    "conversation_type": "Null if unknown.",
    "cover": "Address of a picture at the platform.",
    "cursor": "Where the next page begins; null when nothing follows.",
    "direction": "`inbound`: to the account; `outbound`: from it. Null if unknown.",
    "done_at": "When an operator said that no answer is needed. Milliseconds UTC, or null.",
    "duration": "In seconds.",
    "file_size": "In bytes.",
    "grant": "What you may do with this account.",
    "is_deleted": "Deleted by an operator.",
    "is_new": "From somebody else, and unread.",
    "is_placeholder": "Known only from the items that refer to it.",
    "is_stranger": "The platform keeps it apart, because neither follows the other.",
    "is_folded": "The owner folded it away at the platform, where its list does not show it.",
    "remark_name": "The owner's own name for the person.",
    "is_automatic": "Ours, and nobody wrote it: its words followed at once three times within 30 days.",
    "is_recalled": "Taken back by its sender, or shown so by an operator.",
    "last_message": "The newest visible message.",
    "last_sync_time": "When the worker last reported. Milliseconds UTC, or null.",
    "reply_reason": "Why what nobody answered waits for a reply or not: a question waits; closing words after our own "
    "message and what fans say to fans do not. Null: nothing is left to answer.",
    "needs_reply": "Somebody waits for an answer; reading does not change that.",
    "needs_reply_count": "Threads in which somebody waits for an answer, without muted ones.",
    "open_url": "The person's page at the platform, for a comment that of the work; null if unknown.",
    "parent_comment_id": "The comment that this is a reply to; null for a top-level comment.",
    "owner_name": "Who saved it.",
    "participant": "The other side.",
    "platform_user_id": "The account's own number on the platform.",
    "people_count": "Without us; of a row with more than 200 items, those of its newest 200.",
    "region": "As the platform names it.",
    "seen_at": "When the worker last looked there and could read it: surface -> milliseconds UTC.",
    "status_code": "0, or the HTTP status of a failure.",
    "status_msg": "What went wrong, for people.",
    "total_unread": "The sum of the four kinds.",
    "unread_comments": "Unread top-level comments.",
    "unread_discussions": "Unread replies to comments.",
    "uptime": "In seconds.",
    "user_id": "Of an account: our own id of it. Of a person: the platform's.",
    "waiting_since": "The first unanswered item. Milliseconds UTC, or null.",
    "work_title": "The title of the work it stands under.",
    "worker_error": "Why the worker cannot read the account, in its own words; null while it can.",
    "worker_status": "What the worker does with the account.",
}


def meaning(key: str) -> str | None:
    return MEANINGS.get(key) or (TIME if IS_TIME.search(key) else None)
