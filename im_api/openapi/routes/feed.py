from im_api.openapi import examples
from im_api.openapi.describe import Operation, item, page
from im_api.shapes.answers import MarkedMany, MarkedShape
from im_api.shapes.query_strings import FeedQuery, ItemQuery, StatsQuery
from im_api.shapes.requests import ReadBeforeBody, ReadItemsBody

NOT_BOTH = {
    "not": {"required": ["message_ids"], "anyOf": [{"required": [key]} for key in ("account_id", "before", "types")]}
}

OPERATIONS = {
    "GET unified-messages": Operation(
        summary="List messages, comments and notices of several accounts as one feed",
        description="The newest first, of both directions; deleted items are not in it.",
        query=FeedQuery,
        answers=(page("messages", examples.ROW, versions="some"),),
    ),
    "GET unified-messages/stats": Operation(
        summary="Count what is unread and who waits for an answer",
        query=StatsQuery,
        answers=(item(examples.STATS, versions="some"),),
    ),
    "PUT unified-messages/{id}/read": Operation(
        summary="Mark a row of the feed as read", query=ItemQuery, answers=(item(MarkedShape()),)
    ),
    "PUT unified-messages/read-many": Operation(
        summary="Mark many rows of the feed as read",
        description="Either those of `message_ids`, or all of `account_id` (one, several, `all`) up to `before`.",
        body=(ReadItemsBody, ReadBeforeBody),
        body_rules=NOT_BOTH,
        body_example=ReadBeforeBody(account_id=examples.ACCOUNT, before=examples.T, types=["comment", "discussion"]),
        answers=(item(MarkedMany(marked_count=12, complete=True), versions="some"),),
        errors=(404,),
    ),
}
