from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PushFrame(_message.Message):
    __slots__ = ("seq_id", "log_id", "service", "method", "headers", "payload_encoding", "payload_type", "payload")
    class Header(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SEQ_ID_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_ENCODING_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_TYPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    seq_id: int
    log_id: int
    service: int
    method: int
    headers: _containers.RepeatedCompositeFieldContainer[PushFrame.Header]
    payload_encoding: str
    payload_type: str
    payload: bytes
    def __init__(self, seq_id: _Optional[int] = ..., log_id: _Optional[int] = ..., service: _Optional[int] = ..., method: _Optional[int] = ..., headers: _Optional[_Iterable[_Union[PushFrame.Header, _Mapping]]] = ..., payload_encoding: _Optional[str] = ..., payload_type: _Optional[str] = ..., payload: _Optional[bytes] = ...) -> None: ...

class Response(_message.Message):
    __slots__ = ("cmd", "sequence_id", "status_code", "error_desc", "inbox_type", "body", "owner_uid")
    CMD_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_CODE_FIELD_NUMBER: _ClassVar[int]
    ERROR_DESC_FIELD_NUMBER: _ClassVar[int]
    INBOX_TYPE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    OWNER_UID_FIELD_NUMBER: _ClassVar[int]
    cmd: int
    sequence_id: int
    status_code: int
    error_desc: bytes
    inbox_type: int
    body: ResponseBody
    owner_uid: int
    def __init__(self, cmd: _Optional[int] = ..., sequence_id: _Optional[int] = ..., status_code: _Optional[int] = ..., error_desc: _Optional[bytes] = ..., inbox_type: _Optional[int] = ..., body: _Optional[_Union[ResponseBody, _Mapping]] = ..., owner_uid: _Optional[int] = ...) -> None: ...

class ResponseBody(_message.Message):
    __slots__ = ("send", "conversation_messages", "new_message", "marked_read", "info_list", "stranger_list", "init", "user_messages")
    SEND_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEW_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MARKED_READ_FIELD_NUMBER: _ClassVar[int]
    INFO_LIST_FIELD_NUMBER: _ClassVar[int]
    STRANGER_LIST_FIELD_NUMBER: _ClassVar[int]
    INIT_FIELD_NUMBER: _ClassVar[int]
    USER_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    send: SendResponse
    conversation_messages: ConversationMessages
    new_message: NewMessage
    marked_read: MarkedRead
    info_list: InfoList
    stranger_list: StrangerList
    init: Init
    user_messages: UserMessages
    def __init__(self, send: _Optional[_Union[SendResponse, _Mapping]] = ..., conversation_messages: _Optional[_Union[ConversationMessages, _Mapping]] = ..., new_message: _Optional[_Union[NewMessage, _Mapping]] = ..., marked_read: _Optional[_Union[MarkedRead, _Mapping]] = ..., info_list: _Optional[_Union[InfoList, _Mapping]] = ..., stranger_list: _Optional[_Union[StrangerList, _Mapping]] = ..., init: _Optional[_Union[Init, _Mapping]] = ..., user_messages: _Optional[_Union[UserMessages, _Mapping]] = ...) -> None: ...

class MessageBody(_message.Message):
    __slots__ = ("conversation_id", "conversation_type", "server_message_id", "index", "conversation_short_id", "message_type", "sender", "content", "ext", "create_time", "status", "order", "sec_sender", "index_v2", "reference")
    class ExtEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_TYPE_FIELD_NUMBER: _ClassVar[int]
    SERVER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_SHORT_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    EXT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    SEC_SENDER_FIELD_NUMBER: _ClassVar[int]
    INDEX_V2_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    conversation_type: int
    server_message_id: int
    index: int
    conversation_short_id: int
    message_type: int
    sender: int
    content: bytes
    ext: _containers.ScalarMap[str, bytes]
    create_time: int
    status: int
    order: int
    sec_sender: str
    index_v2: int
    reference: Reference
    def __init__(self, conversation_id: _Optional[str] = ..., conversation_type: _Optional[int] = ..., server_message_id: _Optional[int] = ..., index: _Optional[int] = ..., conversation_short_id: _Optional[int] = ..., message_type: _Optional[int] = ..., sender: _Optional[int] = ..., content: _Optional[bytes] = ..., ext: _Optional[_Mapping[str, bytes]] = ..., create_time: _Optional[int] = ..., status: _Optional[int] = ..., order: _Optional[int] = ..., sec_sender: _Optional[str] = ..., index_v2: _Optional[int] = ..., reference: _Optional[_Union[Reference, _Mapping]] = ...) -> None: ...

class Reference(_message.Message):
    __slots__ = ("message_id", "hint", "message_type", "status")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    message_id: int
    hint: bytes
    message_type: int
    status: int
    def __init__(self, message_id: _Optional[int] = ..., hint: _Optional[bytes] = ..., message_type: _Optional[int] = ..., status: _Optional[int] = ...) -> None: ...

class Participant(_message.Message):
    __slots__ = ("uid", "role", "alias", "sec_uid")
    UID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    SEC_UID_FIELD_NUMBER: _ClassVar[int]
    uid: int
    role: int
    alias: bytes
    sec_uid: str
    def __init__(self, uid: _Optional[int] = ..., role: _Optional[int] = ..., alias: _Optional[bytes] = ..., sec_uid: _Optional[str] = ...) -> None: ...

class ParticipantsPage(_message.Message):
    __slots__ = ("participants", "has_more")
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    HAS_MORE_FIELD_NUMBER: _ClassVar[int]
    participants: _containers.RepeatedCompositeFieldContainer[Participant]
    has_more: bool
    def __init__(self, participants: _Optional[_Iterable[_Union[Participant, _Mapping]]] = ..., has_more: _Optional[bool] = ...) -> None: ...

class ConversationCore(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: bytes
    def __init__(self, name: _Optional[bytes] = ...) -> None: ...

class ConversationSetting(_message.Message):
    __slots__ = ("read_index", "mute", "stick_on_top", "ext", "read_index_v2", "read_badge_count")
    class ExtEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    READ_INDEX_FIELD_NUMBER: _ClassVar[int]
    MUTE_FIELD_NUMBER: _ClassVar[int]
    STICK_ON_TOP_FIELD_NUMBER: _ClassVar[int]
    EXT_FIELD_NUMBER: _ClassVar[int]
    READ_INDEX_V2_FIELD_NUMBER: _ClassVar[int]
    READ_BADGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    read_index: int
    mute: bool
    stick_on_top: bool
    ext: _containers.ScalarMap[str, bytes]
    read_index_v2: int
    read_badge_count: int
    def __init__(self, read_index: _Optional[int] = ..., mute: _Optional[bool] = ..., stick_on_top: _Optional[bool] = ..., ext: _Optional[_Mapping[str, bytes]] = ..., read_index_v2: _Optional[int] = ..., read_badge_count: _Optional[int] = ...) -> None: ...

class ConversationInfo(_message.Message):
    __slots__ = ("conversation_id", "short_id", "type", "first_page", "participants_count", "inbox_type", "badge_count", "core", "setting")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    SHORT_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    FIRST_PAGE_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANTS_COUNT_FIELD_NUMBER: _ClassVar[int]
    INBOX_TYPE_FIELD_NUMBER: _ClassVar[int]
    BADGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    CORE_FIELD_NUMBER: _ClassVar[int]
    SETTING_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    short_id: int
    type: int
    first_page: ParticipantsPage
    participants_count: int
    inbox_type: int
    badge_count: int
    core: ConversationCore
    setting: ConversationSetting
    def __init__(self, conversation_id: _Optional[str] = ..., short_id: _Optional[int] = ..., type: _Optional[int] = ..., first_page: _Optional[_Union[ParticipantsPage, _Mapping]] = ..., participants_count: _Optional[int] = ..., inbox_type: _Optional[int] = ..., badge_count: _Optional[int] = ..., core: _Optional[_Union[ConversationCore, _Mapping]] = ..., setting: _Optional[_Union[ConversationSetting, _Mapping]] = ...) -> None: ...

class Init(_message.Message):
    __slots__ = ("entries", "has_more", "next_init_version", "version", "user_cursor", "cmd_index", "read_version")
    class Entry(_message.Message):
        __slots__ = ("conversation", "messages")
        CONVERSATION_FIELD_NUMBER: _ClassVar[int]
        MESSAGES_FIELD_NUMBER: _ClassVar[int]
        conversation: ConversationInfo
        messages: _containers.RepeatedCompositeFieldContainer[MessageBody]
        def __init__(self, conversation: _Optional[_Union[ConversationInfo, _Mapping]] = ..., messages: _Optional[_Iterable[_Union[MessageBody, _Mapping]]] = ...) -> None: ...
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    HAS_MORE_FIELD_NUMBER: _ClassVar[int]
    NEXT_INIT_VERSION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    USER_CURSOR_FIELD_NUMBER: _ClassVar[int]
    CMD_INDEX_FIELD_NUMBER: _ClassVar[int]
    READ_VERSION_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[Init.Entry]
    has_more: bool
    next_init_version: int
    version: int
    user_cursor: int
    cmd_index: int
    read_version: int
    def __init__(self, entries: _Optional[_Iterable[_Union[Init.Entry, _Mapping]]] = ..., has_more: _Optional[bool] = ..., next_init_version: _Optional[int] = ..., version: _Optional[int] = ..., user_cursor: _Optional[int] = ..., cmd_index: _Optional[int] = ..., read_version: _Optional[int] = ...) -> None: ...

class UserMessages(_message.Message):
    __slots__ = ("recent", "commands", "has_stranger_message", "consult_messages")
    class Conversation(_message.Message):
        __slots__ = ("short_id", "messages", "badge_count", "conversation_id")
        SHORT_ID_FIELD_NUMBER: _ClassVar[int]
        MESSAGES_FIELD_NUMBER: _ClassVar[int]
        BADGE_COUNT_FIELD_NUMBER: _ClassVar[int]
        CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
        short_id: int
        messages: _containers.RepeatedCompositeFieldContainer[MessageBody]
        badge_count: int
        conversation_id: str
        def __init__(self, short_id: _Optional[int] = ..., messages: _Optional[_Iterable[_Union[MessageBody, _Mapping]]] = ..., badge_count: _Optional[int] = ..., conversation_id: _Optional[str] = ...) -> None: ...
    class Recent(_message.Message):
        __slots__ = ("next_version", "conversations", "has_more")
        NEXT_VERSION_FIELD_NUMBER: _ClassVar[int]
        CONVERSATIONS_FIELD_NUMBER: _ClassVar[int]
        HAS_MORE_FIELD_NUMBER: _ClassVar[int]
        next_version: int
        conversations: _containers.RepeatedCompositeFieldContainer[UserMessages.Conversation]
        has_more: bool
        def __init__(self, next_version: _Optional[int] = ..., conversations: _Optional[_Iterable[_Union[UserMessages.Conversation, _Mapping]]] = ..., has_more: _Optional[bool] = ...) -> None: ...
    class Commands(_message.Message):
        __slots__ = ("messages", "has_more")
        MESSAGES_FIELD_NUMBER: _ClassVar[int]
        HAS_MORE_FIELD_NUMBER: _ClassVar[int]
        messages: _containers.RepeatedCompositeFieldContainer[MessageBody]
        has_more: bool
        def __init__(self, messages: _Optional[_Iterable[_Union[MessageBody, _Mapping]]] = ..., has_more: _Optional[bool] = ...) -> None: ...
    RECENT_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    HAS_STRANGER_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CONSULT_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    recent: UserMessages.Recent
    commands: UserMessages.Commands
    has_stranger_message: bool
    consult_messages: _containers.RepeatedCompositeFieldContainer[MessageBody]
    def __init__(self, recent: _Optional[_Union[UserMessages.Recent, _Mapping]] = ..., commands: _Optional[_Union[UserMessages.Commands, _Mapping]] = ..., has_stranger_message: _Optional[bool] = ..., consult_messages: _Optional[_Iterable[_Union[MessageBody, _Mapping]]] = ...) -> None: ...

class ConversationMessages(_message.Message):
    __slots__ = ("messages", "next_cursor", "has_more")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    HAS_MORE_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[MessageBody]
    next_cursor: int
    has_more: bool
    def __init__(self, messages: _Optional[_Iterable[_Union[MessageBody, _Mapping]]] = ..., next_cursor: _Optional[int] = ..., has_more: _Optional[bool] = ...) -> None: ...

class InfoList(_message.Message):
    __slots__ = ("conversations",)
    CONVERSATIONS_FIELD_NUMBER: _ClassVar[int]
    conversations: _containers.RepeatedCompositeFieldContainer[ConversationInfo]
    def __init__(self, conversations: _Optional[_Iterable[_Union[ConversationInfo, _Mapping]]] = ...) -> None: ...

class StrangerList(_message.Message):
    __slots__ = ("next_cursor", "has_more", "total_unread", "conversations")
    class Conversation(_message.Message):
        __slots__ = ("short_id", "unread", "last_message", "conversation_id", "participants", "badge_count")
        SHORT_ID_FIELD_NUMBER: _ClassVar[int]
        UNREAD_FIELD_NUMBER: _ClassVar[int]
        LAST_MESSAGE_FIELD_NUMBER: _ClassVar[int]
        CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
        PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
        BADGE_COUNT_FIELD_NUMBER: _ClassVar[int]
        short_id: int
        unread: int
        last_message: MessageBody
        conversation_id: str
        participants: _containers.RepeatedCompositeFieldContainer[Participant]
        badge_count: int
        def __init__(self, short_id: _Optional[int] = ..., unread: _Optional[int] = ..., last_message: _Optional[_Union[MessageBody, _Mapping]] = ..., conversation_id: _Optional[str] = ..., participants: _Optional[_Iterable[_Union[Participant, _Mapping]]] = ..., badge_count: _Optional[int] = ...) -> None: ...
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    HAS_MORE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_UNREAD_FIELD_NUMBER: _ClassVar[int]
    CONVERSATIONS_FIELD_NUMBER: _ClassVar[int]
    next_cursor: int
    has_more: bool
    total_unread: int
    conversations: _containers.RepeatedCompositeFieldContainer[StrangerList.Conversation]
    def __init__(self, next_cursor: _Optional[int] = ..., has_more: _Optional[bool] = ..., total_unread: _Optional[int] = ..., conversations: _Optional[_Iterable[_Union[StrangerList.Conversation, _Mapping]]] = ...) -> None: ...

class NewMessage(_message.Message):
    __slots__ = ("conversation_id", "conversation_type", "message", "badge_count", "previous_index", "need_pull")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_TYPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    BADGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_INDEX_FIELD_NUMBER: _ClassVar[int]
    NEED_PULL_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    conversation_type: int
    message: MessageBody
    badge_count: int
    previous_index: int
    need_pull: bool
    def __init__(self, conversation_id: _Optional[str] = ..., conversation_type: _Optional[int] = ..., message: _Optional[_Union[MessageBody, _Mapping]] = ..., badge_count: _Optional[int] = ..., previous_index: _Optional[int] = ..., need_pull: _Optional[bool] = ...) -> None: ...

class MarkedRead(_message.Message):
    __slots__ = ("conversation_id", "conversation_type", "read_index", "read_index_v2")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_TYPE_FIELD_NUMBER: _ClassVar[int]
    READ_INDEX_FIELD_NUMBER: _ClassVar[int]
    READ_INDEX_V2_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    conversation_type: int
    read_index: int
    read_index_v2: int
    def __init__(self, conversation_id: _Optional[str] = ..., conversation_type: _Optional[int] = ..., read_index: _Optional[int] = ..., read_index_v2: _Optional[int] = ...) -> None: ...

class SendResponse(_message.Message):
    __slots__ = ("server_message_id", "status", "client_message_id", "check_code", "check_message", "is_async_send")
    SERVER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CHECK_CODE_FIELD_NUMBER: _ClassVar[int]
    CHECK_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    IS_ASYNC_SEND_FIELD_NUMBER: _ClassVar[int]
    server_message_id: int
    status: int
    client_message_id: str
    check_code: int
    check_message: bytes
    is_async_send: bool
    def __init__(self, server_message_id: _Optional[int] = ..., status: _Optional[int] = ..., client_message_id: _Optional[str] = ..., check_code: _Optional[int] = ..., check_message: _Optional[bytes] = ..., is_async_send: _Optional[bool] = ...) -> None: ...

class Request(_message.Message):
    __slots__ = ("cmd", "body")
    CMD_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    cmd: int
    body: RequestBody
    def __init__(self, cmd: _Optional[int] = ..., body: _Optional[_Union[RequestBody, _Mapping]] = ...) -> None: ...

class RequestBody(_message.Message):
    __slots__ = ("send",)
    SEND_FIELD_NUMBER: _ClassVar[int]
    send: SendRequest
    def __init__(self, send: _Optional[_Union[SendRequest, _Mapping]] = ...) -> None: ...

class SendRequest(_message.Message):
    __slots__ = ("conversation_id", "content")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    content: bytes
    def __init__(self, conversation_id: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...
