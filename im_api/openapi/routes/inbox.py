from im_api.openapi import examples
from im_api.openapi.describe import ACCOUNTS, Operation, choice, choices, flag, page, paging, required, text
from im_api.queries.threads import Sort
from im_api.shapes.threads import ThreadKind

OPERATIONS = {
    "GET threads": Operation(
        summary="List everything that wants an answer or a look, one row each",
        description="A conversation, a top-level comment with its replies, or the notices of one type and one day. "
        "Pinned ones first, then by the sort.",
        query=(
            required(ACCOUNTS),
            choices("kind", ThreadKind, "Only of these kinds, separated by commas."),
            flag("unread", "Only those with something unread (likes and follows do not count), or only others."),
            flag("needs_reply", "Only those where somebody waits, or only others."),
            flag("is_pinned", "Only pinned ones, or only others."),
            flag("is_muted", "Only muted ones, or only others."),
            text("group", "Only accounts that the owner put into this group.", examples=["花店"]),
            choice("sort", Sort, "`waiting`: who waits longest, then the others by time."),
            text("q", "Part of a name, a message, a comment or a title.", examples=["尺码"]),
            *paging(),
        ),
        answers=(page("threads", examples.THREAD, versions="some"),),
    ),
}
