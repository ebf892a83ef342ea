"""Reads one response or frame as a whole, in our values, whatever command it is."""

from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple, TypeVar

from google.protobuf.unknown_fields import UnknownFieldSet
from msgspec import Struct, field

from crawler.errors import PageChanged
from crawler.platforms.douyin.im.conversations import WireConversation, parse_info, parse_stranger
from crawler.platforms.douyin.im.envelope import open_frame, open_response
from crawler.platforms.douyin.im.im_pb2 import Response, ResponseBody
from crawler.platforms.douyin.im.messages import WireMessages, place_of
from crawler.platforms.douyin.parse.batch import BadItem

T = TypeVar("T")
BodyField = Literal[
    "conversation_messages", "new_message", "marked_read", "info_list", "stranger_list", "init", "user_messages"
]

INIT: Final = 2043
HISTORY: Final = 301
STRANGERS: Final = 1001
NEW_MESSAGE: Final = 500


class ReadUpTo(NamedTuple):
    """Somebody read a conversation up to the message at `place`."""

    chat_id: str
    place: int


class ImNews(Struct, kw_only=True):
    """The content of one response or frame. `has_more`: None where the command has no pages.

    `previous`: by conversation the place of the message before a new one, so that a missed one is noticed.
    """

    cmd: int
    now: int
    owner_uid: str | None = None
    conversations: list[WireConversation] = field(default_factory=list)
    found: WireMessages = field(default_factory=WireMessages)
    reads: list[ReadUpTo] = field(default_factory=list)
    previous: dict[str, int] = field(default_factory=dict)
    needs_pull: bool = False
    has_more: bool | None = None


def parse_response(body: bytes, now: int, status: int = 200) -> ImNews:
    """Return what an HTTP response says. `now` is ms UTC. Raises LoginLost, Retryable, PageChanged."""
    return _read(open_response(body, status), now)


def parse_frame(frame: bytes | str, now: int) -> ImNews | None:
    """Return what a frame of the socket says, or None for one that brings nothing. Raises as `parse_response` does."""
    response = open_frame(frame)
    return _read(response, now) if response is not None else None


def _read(response: Response, now: int) -> ImNews:
    """Read the one field of the body that is the command's. An unknown command says nothing."""
    owner = str(response.owner_uid) if response.owner_uid > 0 else None
    news = ImNews(cmd=response.cmd, now=now, owner_uid=owner)
    reader = _READERS.get(response.cmd)
    if reader is None:
        return news
    if not response.body.HasField(reader.field):
        if response.HasField("body") and response.body.ByteSize():
            raise PageChanged(f"the answer to command {response.cmd} has another body")
        return news
    reader.read(news, response.body)
    return news


def _take_init(news: ImNews, body: ResponseBody) -> None:
    if not body.init.entries and len(UnknownFieldSet(body.init)):
        raise PageChanged("the list of conversations stands under another number")
    news.has_more = body.init.has_more
    for entry in body.init.entries:
        _take_conversation(news, entry.conversation, parse_info)
        news.found.add(entry.messages, news.now, news.owner_uid, entry.conversation.conversation_id)


def _take_increments(news: ImNews, body: ResponseBody) -> None:
    """Take new messages of their conversations, of the customer service, and the commands beside them."""
    increments = body.user_messages
    news.has_more = increments.recent.has_more or increments.commands.has_more
    for one in increments.recent.conversations:
        news.found.add(one.messages, news.now, news.owner_uid, one.conversation_id)
        if one.conversation_id and one.HasField("badge_count"):
            news.conversations.append(WireConversation(chat_id=one.conversation_id, badge=one.badge_count))
    news.found.add(increments.consult_messages, news.now, news.owner_uid)
    news.found.add(increments.commands.messages, news.now, news.owner_uid)


def _take_history(news: ImNews, body: ResponseBody) -> None:
    news.has_more = body.conversation_messages.has_more
    news.found.add(body.conversation_messages.messages, news.now, news.owner_uid)


def _take_infos(news: ImNews, body: ResponseBody) -> None:
    for info in body.info_list.conversations:
        _take_conversation(news, info, parse_info)


def _take_strangers(news: ImNews, body: ResponseBody) -> None:
    news.has_more = body.stranger_list.has_more
    for one in body.stranger_list.conversations:
        _take_conversation(news, one, parse_stranger)
        if one.HasField("last_message"):
            news.found.add([one.last_message], news.now, news.owner_uid, one.conversation_id)


def _take_new(news: ImNews, body: ResponseBody) -> None:
    new = body.new_message
    news.needs_pull = new.need_pull
    if not new.HasField("message"):
        return
    chat_id = new.message.conversation_id or new.conversation_id
    news.found.add([new.message], news.now, news.owner_uid, new.conversation_id)
    if chat_id and new.HasField("badge_count"):
        news.conversations.append(WireConversation(chat_id=chat_id, badge=new.badge_count))
    previous = place_of(0, new.previous_index)
    if chat_id and previous is not None:
        news.previous[chat_id] = previous


def _take_read(news: ImNews, body: ResponseBody) -> None:
    place = place_of(body.marked_read.read_index_v2, body.marked_read.read_index)
    if body.marked_read.conversation_id and place is not None:
        news.reads.append(ReadUpTo(body.marked_read.conversation_id, place))


def _take_conversation(news: ImNews, raw: T, parse: Callable[[T], WireConversation]) -> None:
    try:
        news.conversations.append(parse(raw))
    except BadItem:
        news.found.health.items += 1
        news.found.health.bad += 1


class _Reader(NamedTuple):
    field: BodyField
    read: Callable[[ImNews, ResponseBody], None]


_READERS: Final[Mapping[int, _Reader]] = {
    HISTORY: _Reader("conversation_messages", _take_history),
    NEW_MESSAGE: _Reader("new_message", _take_new),
    501: _Reader("marked_read", _take_read),
    610: _Reader("info_list", _take_infos),
    STRANGERS: _Reader("stranger_list", _take_strangers),
    INIT: _Reader("init", _take_init),
    2048: _Reader("user_messages", _take_increments),
}
