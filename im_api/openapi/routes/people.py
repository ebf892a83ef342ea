from im_api.openapi import examples
from im_api.openapi.describe import Operation, item, page
from im_api.shapes.answers import Deleted
from im_api.shapes.query_strings import SavedRepliesQuery
from im_api.shapes.requests import NoteBody, SavedReplyBody

NOTE = item(examples.NOTE)
REPLY = item(examples.SAVED_REPLY, versions="none")
WORDS = SavedReplyBody(title="今天能送到", text="您好，上海市区今天 18 点前下单都能送到。", shared=True)
NOT_BLANK = {"properties": {name: {"pattern": r"\S"} for name in ("title", "text")}}

OPERATIONS = {
    "GET people/{account_id}/{id}/note": Operation(
        summary="Show the note on a person",
        description="All of it is null where nobody wrote anything. Whom comments name differently is answered under "
        "the id that conversations use. The socket tells a new note as `note.updated`.",
        answers=(NOTE,),
    ),
    "PUT people/{account_id}/{id}/note": Operation(
        summary="Write a note on a person",
        description="For all who see the account. An empty text removes it.",
        body=NoteBody,
        body_example=NoteBody(text="老客户，生日是 5 月 20 日，喜欢浅色。"),
        answers=(NOTE,),
    ),
    "GET saved-replies": Operation(
        summary="List your saved replies, and those that are shared",
        description="The newest first; of two with the same `created_at` the one that was saved later. With "
        "`account_id` only those that may be sent as this account: its own, and those for all.",
        query=SavedRepliesQuery,
        answers=(page("saved_replies", examples.SAVED_REPLY, versions="none"),),
        errors=(404,),
    ),
    "POST saved-replies": Operation(
        summary="Save a reply",
        description="For one account, or for all. `title` and `text` are needed. 200 if you have saved the same words "
        "before, 201 for new ones.",
        body=SavedReplyBody,
        body_example=WORDS,
        body_rules={"required": ["title", "text"], **NOT_BLANK},
        answers=(REPLY, item(examples.SAVED_REPLY, versions="none", status=201)),
        errors=(404,),
    ),
    "GET saved-replies/{id}": Operation(summary="Show a saved reply", answers=(REPLY,)),
    "PUT saved-replies/{id}": Operation(
        summary="Change a saved reply",
        description="For who saved it, and for staff if it is shared. What the body does not name stays.",
        body=SavedReplyBody,
        body_example=WORDS,
        body_rules=NOT_BLANK,
        answers=(REPLY,),
    ),
    "DELETE saved-replies/{id}": Operation(
        summary="Delete a saved reply",
        description="For who saved it, and for staff if it is shared.",
        answers=(item(Deleted(), versions="none"),),
    ),
}
