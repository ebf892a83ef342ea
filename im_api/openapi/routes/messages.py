from im_api.openapi import examples
from im_api.openapi.describe import Operation, item, page
from im_api.shapes.answers import Deleted
from im_api.shapes.query_strings import ItemQuery, MessagesQuery
from im_api.shapes.requests import StatusBody

MESSAGE = item(examples.MESSAGE)


def _write(summary: str, description: str = "") -> Operation:
    return Operation(summary=summary, description=description, query=ItemQuery, answers=(MESSAGE,))


OPERATIONS = {
    "GET messages": Operation(
        summary="List messages",
        description="The newest first. One of `account_id` and `conversation_id` is needed.",
        query=MessagesQuery,
        answers=(page("messages", examples.MESSAGE),),
    ),
    "GET messages/{id}": Operation(summary="Show a message", query=ItemQuery, answers=(MESSAGE,)),
    "DELETE messages/{id}": Operation(
        summary="Delete a message",
        description="It stays in its conversation, without its content.",
        query=ItemQuery,
        answers=(item(Deleted()),),
    ),
    "PUT messages/{id}/read": _write("Mark a message as read"),
    "DELETE messages/{id}/read": _write("Mark a message as unread"),
    "PUT messages/{id}/recall": _write("Show a message as recalled"),
    "PUT messages/{id}/restore": _write("Restore a deleted message"),
    "PUT messages/{id}/status": Operation(
        summary="Set the status of a message",
        description="What the platform says of it later stands above it.",
        query=ItemQuery,
        body=StatusBody,
        body_example=StatusBody(status="read"),
        answers=(MESSAGE,),
    ),
}
