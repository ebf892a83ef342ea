"""Reads messages of the wire, and tells those apart that are none: commands to the client."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct, field

from crawler.platforms.douyin.im.contents import Said, read_content
from crawler.platforms.douyin.im.im_pb2 import MessageBody
from crawler.platforms.douyin.parse.batch import BadItem, ParseHealth
from crawler.platforms.douyin.parse.chat import ParsedMessage
from crawler.platforms.douyin.parse.fields import count, decoded, digits, get, ident, rows, snowflake_time, time_ms
from crawler.platforms.douyin.parse.users import Card
from sync.protocol.text import well_formed

_RECALL: Final = 40001
_COMMAND: Final = 50001
_CHANGED_SETTING: Final = 4
FOLDED: Final = "a:s_is_folded"
"""The setting of a conversation that its owner folded away: "1"."""
_FIRST_COMMAND: Final = 50000
_RECALLED: Final = 3
_INDEX_BASE: Final = 1_672_502_400_000_000
_INDEX_STEP: Final = 10_000
_GROUP: Final = 2
_SELF_VISIBLE: Final = 4
_STRANGERS: Final = {"true": True, "false": False}


class WireMessages(Struct):
    """The messages of one response.

    `recalls`: ids of messages that were taken back. `folds`: the conversations that were folded away meanwhile, or are
    no more. `ids`: of all that came, commands and hidden ones too. `health` counts unknown kinds.
    """

    messages: list[ParsedMessage] = field(default_factory=list)
    recalls: set[str] = field(default_factory=set)
    folds: dict[str, bool] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    health: ParseHealth = field(default_factory=ParseHealth)

    def add(self, bodies: Iterable[MessageBody], now: int, owner_uid: str | None, chat_id: str = "") -> None:
        """Take in messages. `chat_id` is the conversation they came in; `now` is ms UTC."""
        for body in bodies:
            self._add_one(body, now, owner_uid, chat_id)

    def _add_one(self, body: MessageBody, now: int, owner_uid: str | None, chat_id: str) -> None:
        self.ids.add(str(body.server_message_id))
        if body.message_type == _RECALL:
            self.recalls |= _victim(body)
        if body.message_type == _COMMAND:
            self.folds |= _folds(body)
        if body.message_type == _RECALL or body.message_type >= _FIRST_COMMAND:
            return
        self.health.items += 1
        try:
            message, said = parse_message_body(body, now, owner_uid, chat_id)
        except BadItem:
            self.health.bad += 1
            return
        if said.standing == "unknown":
            self.health.missing["kind"] = self.health.missing.get("kind", 0) + 1
        if said.standing != "hidden":
            self.messages.append(message)
        if body.reference.status == _RECALLED and body.reference.message_id:
            self.recalls.add(str(body.reference.message_id))


def parse_message_body(
    body: MessageBody, now: int, owner_uid: str | None, chat_id: str = ""
) -> tuple[ParsedMessage, Said]:
    """Return one message, and what it says. `owner_uid` is the account's own, if known. Raises BadItem."""
    platform_id, chat = str(body.server_message_id), body.conversation_id or chat_id
    if body.server_message_id <= 0 or not chat:
        raise BadItem
    content = shown(body.content)
    said = read_content(body.message_type, content)
    reply_to = _answered(body)
    if reply_to is not None and not content.strip():
        said = Said(type="text", text="")  # A reply without words of its own.
    sender = str(body.sender) if body.sender > 0 else None
    message = ParsedMessage(
        platform_id=platform_id,
        chat_id=chat,
        sender=Card(uid=sender, sec_uid=body.sec_sender or None, nickname=_nickname(body)),
        from_me=sender == owner_uid if sender and owner_uid else None,
        is_notice=said.standing == "notice",
        is_recalled=shown(body.ext.get("s:is_recalled", b"")) == "true",
        type="system" if said.standing == "notice" else said.type,
        content=said.text,
        created_at=_created(body, platform_id, now),
        order=str(body.order) if body.order > 0 else None,
        media_url=said.media_url,
        thumbnail_url=said.thumbnail_url,
        file_name=said.file_name,
        file_size=said.file_size,
        duration=said.duration,
        reply_to=reply_to,
        place=place_of(body.index_v2, body.index),
        is_stranger=_STRANGERS.get(shown(body.ext.get("s:is_stranger", b""))),
        is_kept_back=body.status == _SELF_VISIBLE,
    )
    return message, said


def place_of(index_v2: int, index: int) -> int | None:
    """Return the ordinal of a message in its conversation, or None. The older index counts in steps from a base."""
    if index_v2 > 0:
        return index_v2
    return ((index - _INDEX_BASE) // _INDEX_STEP if index >= _INDEX_BASE else index) or None


def shown(raw: bytes) -> str:
    """Return text of the wire. Bytes that are no UTF-8 cost themselves only."""
    return well_formed(raw.decode(errors="replace"))


def _created(body: MessageBody, platform_id: str, now: int) -> int | None:
    """Return ms UTC: the message's own time, else the server's in `ext`, else that in the id. Never the index."""
    for value in (body.create_time or None, shown(body.ext.get("s:server_message_create_time", b"")) or None):
        if value is not None and (found := time_ms(value, now)) is not None:
            return found
    return snowflake_time(platform_id, now)


def _nickname(body: MessageBody) -> str | None:
    return shown(body.ext.get("s:sender_nickname", b"")).strip() or None


def _answered(body: MessageBody) -> str | None:
    return str(body.reference.message_id) if body.reference.message_id > 0 else None


def _folds(body: MessageBody) -> dict[str, bool]:
    """Return what a command says of folding, by conversation. `op_type` 1 sets a setting, 2 takes it away."""
    said = decoded(shown(body.content))
    chat_id = ident(said, "conversation_id") or body.conversation_id
    if count(said, "command_type") != _CHANGED_SETTING or not chat_id:
        return {}
    states = [(get(one, "op_type"), get(one, "value")) for one in rows(said, "ext_data") if get(one, "key") == FOLDED]
    return {chat_id: states[-1] == (1, "1")} if states else {}


def _victim(body: MessageBody) -> set[str]:
    found = digits(decoded(shown(body.content)), "server_message_id")
    return {found} if found is not None else set()
