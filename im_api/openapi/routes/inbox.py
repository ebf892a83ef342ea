from im_api.openapi import examples
from im_api.openapi.describe import Operation, page
from im_api.shapes.query_strings import ThreadsQuery

OPERATIONS = {
    "GET threads": Operation(
        summary="List everything that wants an answer or a look, one row each",
        description="A conversation, a top-level comment with its replies, or the notices of one type and one day. "
        "Pinned ones first, then by the sort.",
        query=ThreadsQuery,
        answers=(page("threads", examples.THREAD, versions="some"),),
    ),
}
