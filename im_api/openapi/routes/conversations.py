from im_api.openapi import examples
from im_api.openapi.describe import (
    ACCOUNT,
    ACCOUNT_OF_ITEM,
    Operation,
    choice,
    flag,
    item,
    page,
    paging,
    required,
    text,
)
from im_api.openapi.routes.messages import MESSAGES
from im_api.shapes.answers import Deleted
from im_api.shapes.conversations import ConversationStatus
from im_api.shapes.requests import NewConversationBody, NewParticipant

CONVERSATION = item(examples.CONVERSATION)
NEW = NewConversationBody(
    account_id=examples.ACCOUNT, participant=NewParticipant(user_id="7301122334455667788", user_name="橘子汽水")
)


def _write(summary: str, description: str = "") -> Operation:
    return Operation(summary=summary, description=description, query=(ACCOUNT_OF_ITEM,), answers=(CONVERSATION,))


OPERATIONS = {
    "GET conversations": Operation(
        summary="List the conversations of an account",
        description="Pinned ones first, then by the last message. The first page fixes the order of a walk.",
        query=(
            required(ACCOUNT),
            choice("status", ConversationStatus, "Only of this status."),
            flag("is_pinned", "Only pinned ones, or only others."),
            flag("is_muted", "Only muted ones, or only others."),
            flag("unread", "Only those with unread messages, or only others."),
            text("q", "Part of a name or of the last message.", examples=["橘子"]),
            *paging(),
        ),
        answers=(page("conversations", examples.CONVERSATION),),
    ),
    "POST conversations": Operation(
        summary="Begin a conversation with somebody",
        description="200 with the one that is there already, 201 with a new one.",
        body=NewConversationBody,
        body_example=NEW,
        answers=(CONVERSATION, item(examples.CONVERSATION, status=201)),
        errors=(404,),
    ),
    "GET conversations/{id}": Operation(
        summary="Show a conversation", query=(ACCOUNT_OF_ITEM,), answers=(CONVERSATION,)
    ),
    "DELETE conversations/{id}": Operation(
        summary="Delete a conversation",
        description="It comes back with the next new message, showing only what is new.",
        query=(ACCOUNT_OF_ITEM,),
        answers=(item(Deleted()),),
    ),
    "GET conversations/{id}/messages": Operation(
        summary="List the messages of a conversation",
        description="The newest first.",
        query=(ACCOUNT_OF_ITEM, *MESSAGES),
        answers=(page("messages", examples.MESSAGE),),
    ),
    "PUT conversations/{id}/read": _write("Mark a conversation as read"),
    "DELETE conversations/{id}/read": _write("Mark a conversation as unread"),
    "PUT conversations/{id}/pin": _write("Pin a conversation"),
    "DELETE conversations/{id}/pin": _write("Unpin a conversation"),
    "PUT conversations/{id}/mute": _write("Mute a conversation"),
    "DELETE conversations/{id}/mute": _write("Unmute a conversation"),
    "PUT conversations/{id}/restore": _write("Restore a deleted conversation"),
    "PUT conversations/{id}/done": _write(
        "Say that a conversation needs no answer", "Whatever comes in later undoes it. Nothing is marked as read."
    ),
    "DELETE conversations/{id}/done": _write("Say that a conversation needs an answer after all"),
}
