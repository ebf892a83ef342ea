"""Makes items of the conversations and messages of one account, as soon as their other party is known."""

from collections.abc import Iterable, Mapping
from typing import Final

from crawler.platforms.douyin.identity import Book
from crawler.platforms.douyin.parse.batch import ParseScope
from crawler.platforms.douyin.parse.chat import ParsedConversation, ParsedMessage, parties
from crawler.platforms.douyin.parse.users import Card
from sync.protocol.ids import make_id
from sync.protocol.items import Conversation, Direction, Message

_MOST_NAMELESS: Final = 200


class ChatAssembler:
    """Makes items of parsed conversations and messages.

    The platform id of a private conversation is the other party's sec_uid. What cannot be attributed yet is held,
    through later observations if need be, and never guessed: the own uid may be either part of a conversationId, and an
    own message names only ourselves. A message does not wait for the name of its other party, which the page may ask
    for because of it: it is given out again under the name.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._other_uid: dict[str, str] = {}
        self._newest: dict[str, ParsedMessage] = {}
        self._held_messages: dict[str, ParsedMessage] = {}
        self._held_conversations: dict[str, ParsedConversation] = {}
        self._messages: dict[str, ParsedMessage] = {}
        self._conversations: dict[str, ParsedConversation] = {}
        self._nameless: dict[str, ParsedMessage] = {}

    @property
    def held(self) -> int:
        """Return the number of objects that wait for their other party."""
        return len(self._held_messages) + len(self._held_conversations)

    @property
    def unnamed(self) -> int:
        """Return the number of conversations that wait for their other party."""
        return len(self._held_conversations)

    def add_message(self, message: ParsedMessage) -> None:
        """Take in a message, and learn who its people are. The platform's own lines tell of nobody.

        One of ours that the other side does not get is none.
        """
        if message.is_kept_back and message.from_me:
            return
        if message.is_notice:
            self._messages[message.platform_id] = message
            return
        self._book.learn(message.sender)
        if message.from_me:
            self._book.learn_owner(message.sender)
        elif message.from_me is False and parties(message.chat_id) and message.sender.uid:
            self._other_uid[message.chat_id] = message.sender.uid
        self._messages[message.platform_id] = message
        newest = self._newest.get(message.chat_id)
        if newest is None or _order(message) >= _order(newest):
            self._newest[message.chat_id] = message

    def add_conversation(self, parsed: ParsedConversation) -> None:
        """Take in a conversation with its last message, and learn who its people are."""
        self._book.learn_all(parsed.people)
        if parsed.other_uid is not None and parties(parsed.chat_id):
            self._other_uid[parsed.chat_id] = parsed.other_uid
            for person in parsed.people if not parsed.is_group else ():
                if person.uid is not None and person.uid != parsed.other_uid and len(parsed.people) == 2:
                    self._book.learn_owner(person)
        if parsed.last is not None:
            self.add_message(parsed.last)
        self._conversations[parsed.chat_id] = parsed

    def drain(self, scope: ParseScope) -> tuple[list[Conversation], list[Message]]:
        """Return the items of everything that can be attributed now, new or held. Each is given out once, and a message
        once more when the name of its other party is known.
        """
        conversations = self._held_conversations | self._conversations
        messages = self._held_messages | self._messages
        self._held_conversations, self._held_messages = {}, {}
        self._conversations, self._messages = {}, {}
        given_conversations = [item for parsed in conversations.values() if (item := self._conversation(parsed, scope))]
        given_messages = [found for message in messages.values() if (found := self._message(message, scope))]
        named = self._name_again(messages, scope)
        self._note_nameless(given_messages, messages)
        return given_conversations, named + given_messages

    def _name_again(self, new: Mapping[str, ParsedMessage], scope: ParseScope) -> list[Message]:
        """Return the messages that were given out without the name of their other party, if it is known now."""
        for platform_id in new:
            self._nameless.pop(platform_id, None)
        found = [self._message(parsed, scope) for parsed in self._nameless.values()]
        named = [one for one in found if one is not None and _is_named(one)]
        for one in named:
            del self._nameless[one.platform_id]
        return named

    def _note_nameless(self, given: Iterable[Message], parsed: Mapping[str, ParsedMessage]) -> None:
        self._nameless |= {one.platform_id: parsed[one.platform_id] for one in given if not _is_named(one)}
        for platform_id in list(self._nameless)[:-_MOST_NAMELESS]:
            del self._nameless[platform_id]

    def partner(self, chat_id: str) -> str | None:
        """Return the platform id of a conversation: the other party's sec_uid, or the group's own id; None: not known
        yet.
        """
        uids = parties(chat_id)
        if uids is None:
            return chat_id
        other = self._other_uid.get(chat_id)
        if other is None and self._book.owner.uid in uids:
            other = uids[1] if uids[0] == self._book.owner.uid else uids[0]
        return self._book.sec_of(other)

    def title(self, chat_id: str) -> str | None:
        """Return the name under which a private conversation is shown, or None if it is not known yet."""
        card = self._book.card(self.partner(chat_id))
        return card.nickname if card else None

    def _conversation(self, parsed: ParsedConversation, scope: ParseScope) -> Conversation | None:
        platform_id = self.partner(parsed.chat_id)
        if platform_id is None:
            self._held_conversations[parsed.chat_id] = parsed
            return None
        other = self._book.card(platform_id) if not parsed.is_group else None
        last = self._newest.get(parsed.chat_id)
        return Conversation(
            id=make_id("conversations", scope.account_id, platform_id),
            platform_id=platform_id,
            type="group" if parsed.is_group else "private",
            updated_at=parsed.updated_at,
            user_id=None if parsed.is_group else platform_id,
            user_name=other.nickname if other else None,
            user_avatar=other.avatar if other else None,
            is_blocked=other.is_blocked if other else None,
            is_stranger=parsed.is_stranger,
            is_folded=parsed.is_folded,
            remark_name=other.remark if other else None,
            group_name=parsed.group_name if parsed.is_group else None,
            member_count=parsed.member_count if parsed.is_group else None,
            unread_count=parsed.unread_count,
            is_pinned=parsed.is_pinned,
            is_muted=parsed.is_muted,
            last_message_id=make_id("messages", scope.account_id, last.platform_id) if last else None,
            last_message_content=last.content if last and not last.is_recalled else None,
            last_message_type=last.type if last else None,
            last_message_time=last.created_at if last else None,
            last_message_sender_id=self._sec_uid(last.sender) if last else None,
        )

    def _message(self, parsed: ParsedMessage, scope: ParseScope) -> Message | None:
        platform_id = self.partner(parsed.chat_id)
        if parsed.is_notice and platform_id is not None:
            return self._line(parsed, platform_id, scope)
        direction = self._direction(parsed)
        if platform_id is None or direction is None:
            self._held_messages[parsed.platform_id] = parsed
            return None
        own = self._book.owner
        inbound = direction == "inbound"
        sender_sec = self._sec_uid(parsed.sender) or self._sender_by_side(parsed, platform_id, inbound)
        sender = self._book.card(sender_sec) if inbound else own
        to = own if inbound else self._book.card(platform_id)
        return Message(
            id=make_id("messages", scope.account_id, parsed.platform_id),
            platform_id=parsed.platform_id,
            conversation_id=make_id("conversations", scope.account_id, platform_id),
            created_at=parsed.created_at,
            sender_id=sender_sec,
            sender_name=parsed.sender.nickname or (sender.nickname if sender else None),
            sender_avatar=parsed.sender.avatar or (sender.avatar if sender else None),
            recipient_id=own.sec_uid if inbound else (platform_id if parties(parsed.chat_id) else None),
            recipient_name=to.nickname if to else None,
            order=parsed.order,
            type=parsed.type,
            content=parsed.content,
            media_url=parsed.media_url,
            thumbnail_url=parsed.thumbnail_url,
            file_name=parsed.file_name,
            file_size=parsed.file_size,
            duration=parsed.duration,
            direction=direction,
            is_recalled=parsed.is_recalled,
            reply_to_message_id=make_id("messages", scope.account_id, parsed.reply_to) if parsed.reply_to else None,
        )

    def _line(self, parsed: ParsedMessage, platform_id: str, scope: ParseScope) -> Message:
        """Return a line of the platform's own, which nobody wrote to anybody."""
        return Message(
            id=make_id("messages", scope.account_id, parsed.platform_id),
            platform_id=parsed.platform_id,
            conversation_id=make_id("conversations", scope.account_id, platform_id),
            created_at=parsed.created_at,
            order=parsed.order,
            type="system",
            content=parsed.content,
            direction="inbound",
        )

    def _sec_uid(self, card: Card) -> str | None:
        return card.sec_uid or self._book.sec_of(card.uid)

    def _sender_by_side(self, parsed: ParsedMessage, platform_id: str, inbound: bool) -> str | None:
        if not inbound:
            return self._book.owner.sec_uid
        return platform_id if parties(parsed.chat_id) else None

    def _direction(self, parsed: ParsedMessage) -> Direction | None:
        """Return the direction by `isFromMe` where the page has it, else by the sender; None: not known yet."""
        if parsed.from_me is not None:
            return "outbound" if parsed.from_me else "inbound"
        own, sender = self._book.owner, parsed.sender
        if sender.uid is not None and own.uid is not None:
            return "outbound" if sender.uid == own.uid else "inbound"
        if sender.sec_uid is not None and own.sec_uid is not None:
            return "outbound" if sender.sec_uid == own.sec_uid else "inbound"
        other = self.partner(parsed.chat_id) if parties(parsed.chat_id) else None
        if other is None or self._sec_uid(sender) is None:
            return None
        return "inbound" if self._sec_uid(sender) == other else "outbound"


def _is_named(message: Message) -> bool:
    """Return whether it has the name of the other party. A group has none, nor has a line of the platform's own."""
    if message.direction == "outbound":
        return message.recipient_id is None or message.recipient_name is not None
    return message.type == "system" or message.sender_name is not None


def _order(message: ParsedMessage) -> tuple[int, int, str]:
    order = message.order or message.platform_id
    return message.created_at or 0, len(order), order
