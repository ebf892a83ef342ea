"""The memory of one account's adapter between observations. Nothing is shared between accounts."""

from msgspec import Struct

from crawler.platforms.douyin.chat_assembler import ChatAssembler
from crawler.platforms.douyin.config import Config
from crawler.platforms.douyin.identity import Book
from crawler.platforms.douyin.im.inbox import ImInbox
from crawler.platforms.douyin.pace import Pace
from crawler.platforms.douyin.pages import Pages
from crawler.platforms.douyin.parse.batch import ParseScope
from crawler.platforms.douyin.tape import Tape
from sync.protocol.items import Comment, Content
from sync.protocol.messages import Canary, Surface
from sync.protocol.times import Clock

_MANY = 3


class WorkProgress(Struct):
    """The state of a work's comments when they were last read to the end; `round` counts observations of comments.

    `newest`: the time of the newest comment, ms UTC; `read_at`: when that was.
    """

    comment_count: int | None
    round: int
    comments: int
    newest: int
    read_at: int


class DouyinState:
    """The memory of one adapter.

    `tape` keeps what is loaded. `chat` is the index of the page of messages that worked last, `inbox` what was heard of
    messages. `works` are those of the last list, `stubs` those that only notices know, `noticed` the comments of
    notices, by platform id. `all_comments_at`: when the quiet works were read too, ms UTC.
    """

    def __init__(
        self,
        account_id: str,
        platform_user_id: str | None,
        config: Config,
        clock: Clock,
        tape: Tape | None = None,
    ) -> None:
        self.account_id = account_id
        self.platform_user_id = platform_user_id
        self.config = config
        self.clock = clock
        self.tape = tape or Tape()
        self.pace = Pace(config.pace, config.patience, config.page_s)
        self.pages = Pages(config)
        self.book = Book()
        self.chats = ChatAssembler(self.book)
        self.inbox = ImInbox(self.book, self.chats)
        self.items_before: dict[Surface, int] = {}
        self.chat = 0
        self.works: dict[str, Content] = {}
        self.stubs: dict[str, Content] = {}
        self.work_progress: dict[str, WorkProgress] = {}
        self.noticed: dict[str, Comment] = {}
        self.saw_notices = not config.read_notices  # Then there is nothing that only they know.
        self.comment_rounds = 0
        self.all_comments_at: int | None = None

    def scope(self) -> ParseScope:
        """Return whose items are parsed, and the time now."""
        return ParseScope(self.account_id, self.clock(), self.book.owner.uid)

    def canary(self, surface: Surface, items: int, health: Canary) -> Canary:
        """Return what the page's health and the number of items say together. 0 where there were many is an alarm."""
        before = self.items_before.get(surface, 0)
        if health == "ok" and items == 0 and before >= _MANY:
            return "empty_suspicious"
        if items:
            self.items_before[surface] = items
        return health
