"""Puts the private messages of one account together, of whatever the page loads and hears, in any order."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct, field, structs

from crawler.platforms.douyin.chat_assembler import ChatAssembler
from crawler.platforms.douyin.identity import Book
from crawler.platforms.douyin.im.conversations import WireConversation
from crawler.platforms.douyin.im.news import ImNews
from crawler.platforms.douyin.parse.batch import ParseHealth
from crawler.platforms.douyin.parse.chat import ParsedConversation, ParsedMessage, parties
from crawler.platforms.douyin.parse.users import Card

_MOST_MESSAGES: Final = 300


class _Talk(Struct):
    """One conversation. `messages`: the newest ones, by id. `places`: whether a place holds a message of others."""

    said: WireConversation
    messages: dict[str, ParsedMessage] = field(default_factory=dict)
    places: dict[int, bool] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)

    @property
    def newest_place(self) -> int:
        return max(self.places, default=0)

    @property
    def newest_at(self) -> int:
        return max((message.created_at or 0 for message in self.messages.values()), default=0)

    @property
    def unread(self) -> int | None:
        """Return how many messages the owner did not read, by the platform's own count as far as it tells it."""
        said = self.said
        if said.unread is not None:
            return said.unread
        if said.badge is not None and (said.read_badge is not None or said.read_place is None):
            return max(0, said.badge - (said.read_badge or 0))
        if said.read_place is None:
            return None
        return self.count_after(said.read_place)

    def count_after(self, place: int) -> int:
        return sum(inbound for at, inbound in self.places.items() if at > place)


class ImInbox:
    """The private messages of one account.

    It gives what it learns to `chats`, which makes items of it. `health` is that of everything read since `begin`,
    `newest_at` the time of the newest message, ms UTC.
    """

    def __init__(self, book: Book, chats: ChatAssembler) -> None:
        self._book, self._chats = book, chats
        self._talks: dict[str, _Talk] = {}
        self._heard: set[str] = set()
        self.health = ParseHealth()
        self.newest_at = 0

    def begin(self) -> None:
        """Count the health anew, and forget gaps: everything is about to be read again."""
        self.health = ParseHealth()
        self._heard.clear()
        for talk in self._talks.values():
            talk.missing.clear()

    @property
    def has_gaps(self) -> bool:
        """Return whether a message is known to be missing."""
        return any(talk.missing for talk in self._talks.values())

    @property
    def has_nameless(self) -> bool:
        """Return whether somebody's name is not known."""
        return any(self._chats.title(id) is None for id, talk in self._talks.items() if parties(id) and talk.messages)

    def is_read(self, chat_id: str) -> bool:
        """Return whether the owner surely read all of a conversation."""
        talk = self._talks.get(chat_id)
        return talk is not None and talk.unread == 0 and not talk.missing

    def list_shallow(self) -> list[str]:
        """Return the conversations whose first messages were not read, those with the newest messages first.

        Strangers are left out: they are told by opening that they were noticed.
        """
        found = [
            id for id, talk in self._talks.items() if min(talk.places, default=1) > 1 and not talk.said.is_stranger
        ]
        return sorted(found, key=lambda id: self._talks[id].newest_at, reverse=True)

    def knows(self, platform_id: str) -> bool:
        """Return whether this message was read or heard, also one that nobody is shown."""
        return platform_id in self._heard

    def chat_of(self, platform_id: str) -> str | None:
        """Return the page's own id of the conversation that the hub calls `platform_id`, or None."""
        return next((chat_id for chat_id in self._talks if self._chats.partner(chat_id) == platform_id), None)

    def own_texts(self, chat_id: str) -> dict[str, str]:
        """Return the texts of our own messages of a conversation that were read or heard, by id."""
        talk = self._talks.get(chat_id)
        said = talk.messages.values() if talk is not None else ()
        return {one.platform_id: one.content for one in said if one.from_me and one.content is not None}

    def ids_of(self, chat_id: str) -> list[str]:
        """Return the ids of the newest messages of a conversation that were read or heard, whoever wrote them."""
        talk = self._talks.get(chat_id)
        return list(talk.messages) if talk is not None else []

    def meet(self, cards: Iterable[Card]) -> None:
        """Take in people; their conversations are given out again, under their names."""
        met = list(cards)
        self._book.learn_all(met)
        known = {card.sec_uid or self._book.sec_of(card.uid) for card in met}
        for chat_id in self._talks:
            if parties(chat_id) and self._chats.partner(chat_id) in known:
                self._chats.add_conversation(self._parsed(chat_id))

    def take(self, news: ImNews) -> None:
        """Take in what one response or frame said. The same said twice changes nothing."""
        if news.owner_uid is not None:
            self._book.learn_owner(Card(uid=news.owner_uid))
        self.health.add(news.found.health)
        self._heard |= news.found.ids
        touched: dict[str, None] = {}
        for conversation in news.conversations:
            self._take_conversation(conversation)
            touched[conversation.chat_id] = None
        is_live = bool(news.previous) or news.needs_pull
        for message in news.found.messages:
            self._take_message(message, is_live=is_live, previous=news.previous.get(message.chat_id))
            touched[message.chat_id] = None
        for chat_id, place in news.reads:
            self._take_read(chat_id, place)
            touched[chat_id] = None
        for chat_id, is_folded in news.found.folds.items():
            talk = self._talk(chat_id)
            talk.said = structs.replace(talk.said, is_folded=is_folded)
            touched[chat_id] = None
        for recalled in news.found.recalls:
            self._take_recall(recalled)
        for chat_id in touched:
            self._chats.add_conversation(self._parsed(chat_id))

    def _talk(self, chat_id: str) -> _Talk:
        return self._talks.setdefault(chat_id, _Talk(WireConversation(chat_id=chat_id)))

    def _take_conversation(self, said: WireConversation) -> None:
        talk = self._talk(said.chat_id)
        known = {key: value for key in WireConversation.__struct_fields__ if (value := getattr(said, key)) is not None}
        if not said.people:
            known.pop("people")
        if said.badge is not None and said.unread is None and talk.said.unread is not None:
            known["unread"] = None  # A conversation that left the box of strangers is counted like the others.
        talk.said = structs.replace(talk.said, **known)

    def _take_message(self, message: ParsedMessage, *, is_live: bool, previous: int | None) -> None:
        talk = self._talk(message.chat_id)
        if message.from_me is None and message.sender.uid is not None and self._book.owner.uid is not None:
            message = structs.replace(message, from_me=message.sender.uid == self._book.owner.uid)
        known = talk.messages.get(message.platform_id)
        if known is not None and known.is_recalled:
            message = structs.replace(message, is_recalled=True)
        if message.is_stranger is not None and (message.place or 0) >= talk.newest_place:
            talk.said = structs.replace(talk.said, is_stranger=message.is_stranger)
        if message.place is not None:
            self._take_place(talk, message, message.place, previous if is_live else None)
        if message.is_kept_back and message.from_me:
            return  # Nobody received it: shown among the others, it would count as an answer, and prove that it went.
        talk.messages[message.platform_id] = message
        if len(talk.messages) > _MOST_MESSAGES:
            del talk.messages[min(talk.messages, key=lambda id: talk.messages[id].created_at or 0)]
        self.newest_at = max(self.newest_at, message.created_at or 0)
        self._chats.add_message(message)

    def _take_place(self, talk: _Talk, message: ParsedMessage, place: int, previous: int | None) -> None:
        newest = talk.newest_place
        if newest and previous is not None and place > newest:
            first = previous if previous > newest else place
            talk.missing.update(range(newest + 1, min(first + 1, place)))
        talk.missing.discard(place)
        talk.places[place] = not message.from_me and not message.is_notice
        if len(talk.places) > 2 * _MOST_MESSAGES:
            talk.places = {at: talk.places[at] for at in sorted(talk.places)[-_MOST_MESSAGES:]}

    def _take_read(self, chat_id: str, place: int) -> None:
        talk = self._talk(chat_id)
        left = talk.count_after(place)
        badge = talk.said.badge
        talk.said = structs.replace(
            talk.said,
            read_place=max(place, talk.said.read_place or 0),
            read_badge=max(talk.said.read_badge or 0, badge - left) if badge is not None else None,
            unread=None if talk.said.unread is None else min(left, talk.said.unread),
        )

    def _take_recall(self, platform_id: str) -> None:
        for talk in self._talks.values():
            message = talk.messages.get(platform_id)
            if message is not None:
                talk.messages[platform_id] = structs.replace(message, is_recalled=True)
                self._chats.add_message(talk.messages[platform_id])
                self._chats.add_conversation(self._parsed(message.chat_id))

    def _parsed(self, chat_id: str) -> ParsedConversation:
        talk = self._talks[chat_id]
        uids, own = parties(chat_id), self._book.owner.uid
        other = next((uid for uid in uids if uid != own), None) if uids and own in uids else None
        return ParsedConversation(
            chat_id=chat_id,
            is_group=uids is None,
            other_uid=other,
            people=talk.said.people,
            group_name=talk.said.group_name,
            member_count=talk.said.member_count,
            unread_count=talk.unread,
            is_pinned=talk.said.is_pinned,
            is_muted=talk.said.is_muted,
            last=None,
            updated_at=None,
            is_stranger=talk.said.is_stranger if uids is not None else None,
            is_folded=talk.said.is_folded,
        )
