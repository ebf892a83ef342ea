from im_api.openapi import examples
from im_api.openapi.describe import (
    ACCOUNT,
    ACCOUNT_OF_ITEM,
    PLATFORM,
    Operation,
    choice,
    flag,
    item,
    page,
    paging,
    required,
    text,
)
from im_api.shapes.answers import Deleted
from im_api.shapes.works import ContentType, NotificationType

WORK = item(examples.WORK_ITEM)
DISCUSSION = item(examples.DISCUSSION)
NOTIFICATION = item(examples.NOTIFICATION)
IS_NEW = flag("is_new", "Only those with something unread from others, or only others.")
COMMENTS = (
    text("content_id", "Only under this work."),
    text("parent_comment_id", "Only replies to this comment."),
    flag("is_read", "Only read ones, or only others."),
    IS_NEW,
    text("q", "Part of the content, the author's name or the work's title.", examples=["杭州"]),
    *paging(),
)


def _write(summary: str) -> Operation:
    return Operation(summary=summary, query=(ACCOUNT_OF_ITEM,), answers=(DISCUSSION,))


CONTENTS = {
    "GET contents": Operation(
        summary="List the works of an account",
        description="The newest first.",
        query=(
            required(ACCOUNT),
            PLATFORM,
            choice("content_type", ContentType, "Only of this type."),
            IS_NEW,
            text("q", "Part of the title or the description.", examples=["洋桔梗"]),
            *paging(),
        ),
        answers=(page("contents", examples.WORK_ITEM),),
    ),
    "GET contents/{id}": Operation(summary="Show a work", query=(ACCOUNT_OF_ITEM,), answers=(WORK,)),
    "GET contents/{id}/stats": Operation(
        summary="Show the counts of a work", query=(ACCOUNT_OF_ITEM,), answers=(item(examples.STATS_OF_WORK),)
    ),
    "PUT contents/{id}/read": Operation(
        summary="Mark all comments under a work as read", query=(ACCOUNT_OF_ITEM,), answers=(WORK,)
    ),
}
DISCUSSIONS = {
    "GET discussions": Operation(
        summary="List the comments of an account, replies among them",
        description="The newest first.",
        query=(required(ACCOUNT), PLATFORM, *COMMENTS),
        answers=(page("discussions", examples.DISCUSSION),),
    ),
    "POST discussions": Operation(summary="Answer a comment through the worker"),
    "GET discussions/{id}": Operation(summary="Show a comment", query=(ACCOUNT_OF_ITEM,), answers=(DISCUSSION,)),
    "DELETE discussions/{id}": Operation(
        summary="Delete a comment from the hub", query=(ACCOUNT_OF_ITEM,), answers=(item(Deleted()),)
    ),
    "GET discussions/{id}/replies": Operation(
        summary="List the replies to a comment",
        description="The newest first.",
        query=(ACCOUNT_OF_ITEM, *COMMENTS),
        answers=(page("discussions", examples.DISCUSSION),),
    ),
    "PUT discussions/{id}/read": _write("Mark a comment as read"),
    "DELETE discussions/{id}/read": _write("Mark a comment as unread"),
    "PUT discussions/{id}/restore": _write("Restore a deleted comment"),
    "PUT discussions/{id}/done": _write("Say that a comment, and whoever waits under it, needs no answer"),
    "DELETE discussions/{id}/done": _write("Say that a comment needs an answer after all"),
}
NOTIFICATIONS = {
    "GET notifications": Operation(
        summary="List the notices of an account",
        description="The newest first.",
        query=(
            required(ACCOUNT),
            choice("type", NotificationType, "Only of this type."),
            flag("is_read", "Only read ones, or only others."),
            *paging(),
        ),
        answers=(page("notifications", examples.NOTIFICATION),),
    ),
    "GET notifications/{id}": Operation(summary="Show a notice", query=(ACCOUNT_OF_ITEM,), answers=(NOTIFICATION,)),
    "PUT notifications/{id}/read": Operation(
        summary="Mark a notice as read", query=(ACCOUNT_OF_ITEM,), answers=(NOTIFICATION,)
    ),
}
OPERATIONS = {**CONTENTS, **DISCUSSIONS, **NOTIFICATIONS}
