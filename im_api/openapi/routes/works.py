from im_api.openapi import examples
from im_api.openapi.describe import Operation, item, page
from im_api.shapes.answers import Deleted
from im_api.shapes.query_strings import ContentsQuery, DiscussionsQuery, ItemQuery, NotificationsQuery, RepliesQuery

WORK = item(examples.WORK_ITEM)
DISCUSSION = item(examples.DISCUSSION)
NOTIFICATION = item(examples.NOTIFICATION)


def _write(summary: str) -> Operation:
    return Operation(summary=summary, query=ItemQuery, answers=(DISCUSSION,))


CONTENTS = {
    "GET contents": Operation(
        summary="List the works of an account",
        description="The newest first.",
        query=ContentsQuery,
        answers=(page("contents", examples.WORK_ITEM),),
    ),
    "GET contents/{id}": Operation(summary="Show a work", query=ItemQuery, answers=(WORK,)),
    "GET contents/{id}/stats": Operation(
        summary="Show the counts of a work", query=ItemQuery, answers=(item(examples.STATS_OF_WORK),)
    ),
    "PUT contents/{id}/read": Operation(
        summary="Mark all comments under a work as read", query=ItemQuery, answers=(WORK,)
    ),
}
DISCUSSIONS = {
    "GET discussions": Operation(
        summary="List the comments of an account, replies among them",
        description="The newest first.",
        query=DiscussionsQuery,
        answers=(page("discussions", examples.DISCUSSION),),
    ),
    "GET discussions/{id}": Operation(summary="Show a comment", query=ItemQuery, answers=(DISCUSSION,)),
    "DELETE discussions/{id}": Operation(
        summary="Delete a comment from the hub", query=ItemQuery, answers=(item(Deleted()),)
    ),
    "GET discussions/{id}/replies": Operation(
        summary="List the replies to a comment",
        description="The newest first.",
        query=RepliesQuery,
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
        query=NotificationsQuery,
        answers=(page("notifications", examples.NOTIFICATION),),
    ),
    "GET notifications/{id}": Operation(summary="Show a notice", query=ItemQuery, answers=(NOTIFICATION,)),
    "PUT notifications/{id}/read": Operation(summary="Mark a notice as read", query=ItemQuery, answers=(NOTIFICATION,)),
}
OPERATIONS = {**CONTENTS, **DISCUSSIONS, **NOTIFICATIONS}
