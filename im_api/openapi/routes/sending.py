from im_api.openapi import examples
from im_api.openapi.describe import Operation, item, page
from im_api.shapes.query_strings import WrittenRepliesQuery
from im_api.shapes.sending import DiscussionBody, MessageBody, ReplyBody

WRITTEN = (item(examples.REPLY, status=201), item(examples.REPLY))
SENT = (
    "The worker of the account types it on the platform, as the account, at a person's pace. 201: it is on its way,"
    " held for 5 seconds; 200: the same `client_id` was there already. 409: the account sends nothing, another reply"
    " has that `client_id`, or somebody of our side answered since `based_on`: then `data` is"
    ' `{"code": "answered_meanwhile", "item": …}`, and the same request goes with `"force": true`.'
)

OPERATIONS = {
    "GET replies": Operation(
        summary="List the replies that were written here",
        description="The newest first. One of `account_id`, `conversation_id` and `discussion_id` is needed.",
        query=WrittenRepliesQuery,
        answers=(page("replies", examples.REPLY),),
        errors=(404,),
    ),
    "POST replies": Operation(
        summary="Send a reply to a conversation, a comment or a work",
        description=SENT,
        body=ReplyBody,
        body_example=ReplyBody(
            client_id=examples.CLIENT_ID,
            conversation_id=examples.REPLY.conversation_id or "",
            text=examples.REPLY.text,
            based_on=examples.MESSAGE.msg_id,
        ),
        answers=WRITTEN,
        errors=(404, 409),
    ),
    "GET replies/{id}": Operation(
        summary="Show a reply",
        description="`sent` is said only with evidence: the platform's own answer, or the message seen again."
        " `unknown`: it may have arrived; a later look may still settle it.",
        answers=(item(examples.REPLY),),
    ),
    "DELETE replies/{id}": Operation(
        summary="Take a reply back",
        description="While it is held or queued. 409 once a worker has it.",
        answers=(item(examples.REPLY),),
        errors=(409,),
    ),
    "POST replies/{id}/retry": Operation(
        summary="Try a reply again",
        description="One that failed, was refused, or of which nobody knows: then it may arrive twice. A new reply,"
        " which names the old one in `retry_of`. Repeated, the same one (200). It also ends the stop after a check.",
        answers=WRITTEN,
        errors=(409,),
    ),
    "POST messages": Operation(
        summary="Send a message to a conversation",
        description=f"`POST /replies` for older clients. {SENT}",
        body=MessageBody,
        body_example=MessageBody(conversation_id=examples.REPLY.conversation_id or "", content=examples.REPLY.text),
        answers=WRITTEN,
        errors=(404, 409),
    ),
    "POST discussions": Operation(
        summary="Answer a comment, or comment on a work",
        description=f"`POST /replies` for older clients. {SENT}",
        body=DiscussionBody,
        body_example=DiscussionBody(parent_comment_id=examples.DISCUSSION.discussion_id, content=examples.REPLY.text),
        answers=WRITTEN,
        errors=(404, 409),
    ),
}
