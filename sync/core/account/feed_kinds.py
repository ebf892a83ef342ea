"""The kinds of items that the unified feed is made of."""

from typing import Final, Literal, get_args

FeedKind = Literal["comment", "discussion", "direct_message", "notification"]
FEED_KINDS: Final[frozenset[FeedKind]] = frozenset(get_args(FeedKind))
