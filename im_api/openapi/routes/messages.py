from im_api.openapi import examples
from im_api.openapi.describe import (
    ACCOUNT_IF_ANY,
    ACCOUNT_OF_ITEM,
    Operation,
    choice,
    flag,
    item,
    page,
    paging,
    text,
    time,
)
from im_api.shapes.answers import Deleted
from im_api.shapes.common import Direction, MessageType
from im_api.shapes.conversations import MessageStatus
from im_api.shapes.requests import StatusBody
from im_api.views.messages import DEFAULT_COUNT

MESSAGE = item(examples.MESSAGE)
MESSAGES = (
    text("sender_id", "Only from this person."),
    text("receiver_id", "Only to this person."),
    choice("direction", Direction, "Only to the account, or only from it."),
    choice("status", MessageStatus, "Only of this status."),
    choice("message_type", MessageType, "Only of this type."),
    flag("is_read", "Only read ones, or only others."),
    flag("is_deleted", "Only deleted ones, or only others."),
    flag("is_recalled", "Only recalled ones, or only others."),
    time("since_time", "Not before this time."),
    time("until_time", "Before this time."),
    text("q", "Part of the content or of the sender's name.", examples=["洋桔梗"]),
    *paging(DEFAULT_COUNT),
)


def _write(summary: str, description: str = "") -> Operation:
    return Operation(summary=summary, description=description, query=(ACCOUNT_OF_ITEM,), answers=(MESSAGE,))


OPERATIONS = {
    "GET messages": Operation(
        summary="List messages",
        description="The newest first. One of `account_id` and `conversation_id` is needed.",
        query=(ACCOUNT_IF_ANY, text("conversation_id", "Only of this conversation."), *MESSAGES),
        answers=(page("messages", examples.MESSAGE),),
    ),
    "POST messages": Operation(summary="Send a message through the worker"),
    "GET messages/{id}": Operation(summary="Show a message", query=(ACCOUNT_OF_ITEM,), answers=(MESSAGE,)),
    "DELETE messages/{id}": Operation(
        summary="Delete a message",
        description="It stays in its conversation, without its content.",
        query=(ACCOUNT_OF_ITEM,),
        answers=(item(Deleted()),),
    ),
    "PUT messages/{id}/read": _write("Mark a message as read"),
    "DELETE messages/{id}/read": _write("Mark a message as unread"),
    "PUT messages/{id}/recall": _write("Show a message as recalled"),
    "PUT messages/{id}/restore": _write("Restore a deleted message"),
    "PUT messages/{id}/status": Operation(
        summary="Set the status of a message",
        description="What the platform says of it later stands above it.",
        query=(ACCOUNT_OF_ITEM,),
        body=StatusBody,
        body_example=StatusBody(status="read"),
        answers=(MESSAGE,),
    ),
}
