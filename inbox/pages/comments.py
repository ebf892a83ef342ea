"""One comment as the pages show it: in its comment thread, and under its work."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from im_api import shapes
from inbox import formatting
from inbox.emoji import with_emoji
from inbox.foreign_text import first_grapheme
from inbox.pages.address import api_route
from inbox.pages.pictures import allowed_picture


class CommentLine(Struct, frozen=True, kw_only=True):
    """A comment or a reply. `route`: below /api/im/. `pictures`: those that the browser loads. `placeholder`: stands
    for the pictures of a comment without words."""

    id: str
    route: str
    by: str
    initial: str
    face: str | None
    region: str
    time: str
    text: str
    placeholder: str
    pictures: list[str]
    like_count: int
    likes: str
    reply_to: str
    is_own: bool
    is_unread: bool
    is_pinned: bool
    is_reply: bool

    @property
    def words(self) -> str:
        """The text, or the placeholder."""
        return self.text or self.placeholder

    @property
    def words_beside_pictures(self) -> str:
        """The text, or the placeholder where no picture is shown."""
        return self.text if self.pictures else self.words


def make_comment(item: shapes.DiscussionShape, now: int) -> CommentLine:
    """Return the line of `item`. `now`: ms UTC."""
    name = formatting.format_person(item.author.author_id, item.author.author_name)
    to, likes = item.reply_to, item.like_count or 0
    text = with_emoji(item.content or "", item.platform)
    return CommentLine(
        id=item.discussion_id,
        route=api_route("discussions", item.discussion_id, item.account_id),
        by=name,
        initial=first_grapheme(name),
        face=allowed_picture(item.author.avatar),
        region=item.region or "",
        time=formatting.format_time(item.created_at, now) if item.created_at is not None else "",
        text=text,
        placeholder=formatting.format_placeholder("image") if item.images and not text else "",
        pictures=[url for url in map(allowed_picture, item.images) if url is not None],
        like_count=likes,
        likes=formatting.format_count(likes),
        reply_to=formatting.format_person(to.user_id, to.user_name) if to is not None else "",
        is_own=item.is_author_reply,
        is_unread=not item.is_read,
        is_pinned=item.is_pinned,
        is_reply=item.parent_comment_id is not None,
    )


def list_names(items: Sequence[shapes.DiscussionShape]) -> dict[str, str]:
    """Return who wrote each of the comments, by its id."""
    return {one.discussion_id: formatting.format_person(one.author.author_id, one.author.author_name) for one in items}
