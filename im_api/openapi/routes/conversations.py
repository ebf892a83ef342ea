from im_api.openapi import examples
from im_api.openapi.describe import Operation, item, page
from im_api.shapes.answers import Deleted
from im_api.shapes.query_strings import ConversationMessagesQuery, ConversationsQuery, ItemQuery
from im_api.shapes.requests import NewConversationBody, NewParticipant

CONVERSATION = item(examples.CONVERSATION)
NEW = NewConversationBody(
    account_id=examples.ACCOUNT, participant=NewParticipant(user_id="7301122334455667788", user_name="橘子汽水")
)


def _write(summary: str, description: str = "") -> Operation:
    return Operation(summary=summary, description=description, query=ItemQuery, answers=(CONVERSATION,))


OPERATIONS = {
    "GET conversations": Operation(
        summary="List the conversations of an account",
        description="Pinned ones first, then by the last message. The first page fixes the order of a walk.",
        query=ConversationsQuery,
        answers=(page("conversations", examples.CONVERSATION),),
    ),
    "POST conversations": Operation(
        summary="Begin a conversation with somebody",
        description="200 with the one that is there already, 201 with a new one. `user_id`: as a conversation or a "
        "comment names the person.",
        body=NewConversationBody,
        body_example=NEW,
        answers=(CONVERSATION, item(examples.CONVERSATION, status=201)),
        errors=(404,),
    ),
    "GET conversations/{id}": Operation(summary="Show a conversation", query=ItemQuery, answers=(CONVERSATION,)),
    "DELETE conversations/{id}": Operation(
        summary="Delete a conversation",
        description="It comes back with the next new message, showing only what is new.",
        query=ItemQuery,
        answers=(item(Deleted()),),
    ),
    "GET conversations/{id}/messages": Operation(
        summary="List the messages of a conversation",
        description="The newest first.",
        query=ConversationMessagesQuery,
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
