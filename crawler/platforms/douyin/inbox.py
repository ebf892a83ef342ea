"""Conversations and messages of one account, joined late: an object waits here until its other party is known."""

from crawler.platforms.douyin.identity import Book
from crawler.platforms.douyin.parse.batch import Scope
from crawler.platforms.douyin.parse.chat import SeenConversation, SeenMessage, parties
from crawler.platforms.douyin.parse.users import Card
from sync.protocol.ids import make_id
from sync.protocol.items import Conversation, Direction, Message


class Inbox:
    """Turns what was seen into items. The platform id of a private conversation is the other party's sec_uid.

    What cannot be attributed yet is held, through later looks if need be, and never guessed: the own uid may be
    either part of a conversationId, and an own message names only ourselves.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._other_uid: dict[str, str] = {}
        self._newest: dict[str, SeenMessage] = {}
        self._held_messages: dict[str, SeenMessage] = {}
        self._held_conversations: dict[str, SeenConversation] = {}
        self._messages: dict[str, SeenMessage] = {}
        self._conversations: dict[str, SeenConversation] = {}

    @property
    def held(self) -> int:
        """Objects that wait for their other party."""
        return len(self._held_messages) + len(self._held_conversations)

    @property
    def unnamed(self) -> int:
        """Conversations that wait for their other party."""
        return len(self._held_conversations)

    def see_message(self, message: SeenMessage) -> None:
        if message.is_notice:
            return
        self._book.learn(message.sender)
        if message.from_me:
            self._book.learn_owner(message.sender)
        elif message.from_me is False and parties(message.talk) and message.sender.uid:
            self._other_uid[message.talk] = message.sender.uid
        self._messages[message.platform_id] = message
        newest = self._newest.get(message.talk)
        if newest is None or _order(message) >= _order(newest):
            self._newest[message.talk] = message

    def see_conversation(self, seen: SeenConversation) -> None:
        self._book.learn_all(seen.people)
        if seen.other_uid is not None and parties(seen.talk):
            self._other_uid[seen.talk] = seen.other_uid
            for person in seen.people if not seen.is_group else ():
                if person.uid is not None and person.uid != seen.other_uid and len(seen.people) == 2:
                    self._book.learn_owner(person)
        if seen.last is not None:
            self.see_message(seen.last)
        self._conversations[seen.talk] = seen

    def drain(self, scope: Scope) -> tuple[list[Conversation], list[Message]]:
        """The items of everything seen or held so far that can be attributed now. Each is given out once."""
        conversations = self._held_conversations | self._conversations
        messages = self._held_messages | self._messages
        self._held_conversations, self._held_messages = {}, {}
        self._conversations, self._messages = {}, {}
        given_conversations = [item for seen in conversations.values() if (item := self._conversation(seen, scope))]
        given_messages = [found for message in messages.values() if (found := self._message(message, scope))]
        return given_conversations, given_messages

    def partner(self, talk: str) -> str | None:
        """The platform id of a conversation: the other party's sec_uid, or the group's own id."""
        uids = parties(talk)
        if uids is None:
            return talk
        other = self._other_uid.get(talk)
        if other is None and self._book.owner.uid in uids:
            other = uids[1] if uids[0] == self._book.owner.uid else uids[0]
        return self._book.sec_of(other)

    def title(self, talk: str) -> str | None:
        """The name a private conversation is shown under."""
        card = self._book.card(self.partner(talk))
        return card.nickname if card else None

    def _conversation(self, seen: SeenConversation, scope: Scope) -> Conversation | None:
        platform_id = self.partner(seen.talk)
        if platform_id is None:
            self._held_conversations[seen.talk] = seen
            return None
        other = self._book.card(platform_id) if not seen.is_group else None
        last = self._newest.get(seen.talk)
        return Conversation(
            id=make_id("conversations", scope.account_id, platform_id),
            platform_id=platform_id,
            type="group" if seen.is_group else "private",
            updated_at=seen.updated_at,
            user_id=None if seen.is_group else platform_id,
            user_name=other.nickname if other else None,
            user_avatar=other.avatar if other else None,
            is_blocked=other.is_blocked if other else None,
            group_name=seen.group_name if seen.is_group else None,
            member_count=seen.member_count if seen.is_group else None,
            unread_count=seen.unread_count,
            is_pinned=seen.is_pinned,
            is_muted=seen.is_muted,
            last_message_id=make_id("messages", scope.account_id, last.platform_id) if last else None,
            last_message_content=last.content if last else None,
            last_message_type=last.type if last else None,
            last_message_time=last.created_at if last else None,
            last_message_sender_id=self._sec_uid(last.sender) if last else None,
        )

    def _message(self, seen: SeenMessage, scope: Scope) -> Message | None:
        platform_id, direction = self.partner(seen.talk), self._direction(seen)
        if platform_id is None or direction is None:
            self._held_messages[seen.platform_id] = seen
            return None
        own = self._book.owner
        inbound = direction == "inbound"
        sender_sec = self._sec_uid(seen.sender) or self._sender_by_side(seen, platform_id, inbound)
        sender = self._book.card(sender_sec) if inbound else own
        to = own if inbound else self._book.card(platform_id)
        return Message(
            id=make_id("messages", scope.account_id, seen.platform_id),
            platform_id=seen.platform_id,
            conversation_id=make_id("conversations", scope.account_id, platform_id),
            created_at=seen.created_at,
            sender_id=sender_sec,
            sender_name=seen.sender.nickname or (sender.nickname if sender else None),
            sender_avatar=seen.sender.avatar or (sender.avatar if sender else None),
            recipient_id=own.sec_uid if inbound else (platform_id if parties(seen.talk) else None),
            recipient_name=to.nickname if to else None,
            type=seen.type,
            content=seen.content,
            media_url=seen.media_url,
            thumbnail_url=seen.thumbnail_url,
            file_name=seen.file_name,
            file_size=seen.file_size,
            duration=seen.duration,
            direction=direction,
            is_recalled=seen.is_recalled,
            reply_to_message_id=make_id("messages", scope.account_id, seen.reply_to) if seen.reply_to else None,
        )

    def _sec_uid(self, card: Card) -> str | None:
        return card.sec_uid or self._book.sec_of(card.uid)

    def _sender_by_side(self, seen: SeenMessage, platform_id: str, inbound: bool) -> str | None:
        if not inbound:
            return self._book.owner.sec_uid
        return platform_id if parties(seen.talk) else None

    def _direction(self, seen: SeenMessage) -> Direction | None:
        """`isFromMe` where the page has it; else by who sent it. None: not known yet."""
        if seen.from_me is not None:
            return "outbound" if seen.from_me else "inbound"
        own, sender = self._book.owner, seen.sender
        if sender.uid is not None and own.uid is not None:
            return "outbound" if sender.uid == own.uid else "inbound"
        if sender.sec_uid is not None and own.sec_uid is not None:
            return "outbound" if sender.sec_uid == own.sec_uid else "inbound"
        other = self.partner(seen.talk) if parties(seen.talk) else None
        if other is None or self._sec_uid(sender) is None:
            return None
        return "inbound" if self._sec_uid(sender) == other else "outbound"


def _order(message: SeenMessage) -> tuple[int, str]:
    return message.created_at or 0, message.platform_id.zfill(20)
