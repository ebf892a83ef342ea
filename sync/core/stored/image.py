"""The image of a view: what is known of an account, and all indexes as they were, in MessagePack.

What is known is a delta, in names, as in every other body: whoever reads it needs nothing else. The indexes follow from
it, and making them takes ten times as long as reading them. They are read only by the code that made them (`made_by`),
and for the same settings; any other makes them anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from sys import intern
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr, replace

from sync.core.account.comment_threads import CommentThread, Work
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry, RemovedItems
from sync.core.account.history import LAST, item_key, item_time
from sync.core.account.marks import with_markers
from sync.core.account.notice_groups import NoticeGroup
from sync.core.account.order import Key, Order
from sync.core.account.view import UNREAD_BIT, Totals, View
from sync.core.change.delta import Delta, as_delta
from sync.core.change.interning import share_first_seen, share_strings, share_values
from sync.core.folded_texts import FoldedTexts
from sync.core.maps import Map
from sync.core.pace import Check, go_on, paced
from sync.core.replies.held import hold_replies
from sync.protocol.items import COLLECTIONS, Collection

T = TypeVar("T")

FORM: Final = b"\x01"
"""Before an image; a delta in JSON begins with a brace."""

ORDERED: Final[tuple[Collection, ...]] = ("messages", "contents", "comments", "notifications")
"""The collections whose items orders hold by `item_key`. Orders of an image hold their places in these lists."""


_ORDERS: Final = (
    "message_order",
    "content_order",
    "comment_order",
    "notification_order",
    "comment_thread_order",
    "notice_group_order",
    "waiting_order",
)


class Indexes(Struct, frozen=True, kw_only=True):
    """The indexes of a view. `unread` (with its bits): places of items; `conversation_order`: ids. The others are as in
    `View`.
    """

    operator_created: dict[str, str]
    aliases: list[tuple[tuple[Collection, str], tuple[str, ...]]]
    mentions: list[tuple[tuple[Collection, str], dict[str, Collection]]]
    conversation_states: list[ConversationState]
    comment_threads: dict[str, CommentThread]
    works: dict[str, Work]
    notice_groups: dict[str, NoticeGroup]
    conversation_order: list[str]
    message_order: Order
    content_order: Order
    comment_order: Order
    notification_order: Order
    comment_thread_order: Order
    notice_group_order: Order
    waiting_order: Order
    quick_answers: list[tuple[str, Order]]
    unread: list[tuple[int, int]]
    totals: Totals


class Image(Struct, frozen=True, array_like=True):
    """The parts of an image. `facts`: what is known. `made_by`: the code that made the rest. `fresh_ms`: as in `View`.
    `ranks`: of the `item_key`s of the items of ORDERED. `indexes`: `Indexes`, not decoded.
    """

    facts: Delta
    made_by: bytes
    fresh_ms: int
    ranks: list[bytes]
    indexes: msgspec.Raw

    def view(self, account_id: str, *, version: int, seq: int, at: int) -> View:
        """Return the view. Raises msgspec.MsgspecError."""
        return _view(self, account_id, version, seq, at)


_decoder = msgspec.msgpack.Decoder(Image)
_encoder = msgspec.msgpack.Encoder()


def encode_image(view: View, made_by: bytes, check: Check = go_on) -> bytes:
    """Return the image of `view`, of the same bytes for equal views. `made_by`: a name of the code that runs. `check`
    is called now and then.
    """
    facts = as_delta(view)
    items = [(name, item_key(entry.item)) for name, entry in paced(_ordered(facts), check)]
    # Where items of two kinds have one key, it stands for the message: its text is looked up by it.
    places = {items[place][1]: place for place in reversed(range(len(items)))}
    encode_order = _encode_hook(places, check)
    check()
    indexes = msgspec.msgpack.encode(_indexes(view, items), enc_hook=encode_order, order="deterministic")
    check()
    ranks = [key[1] for _, key in items]
    return FORM + _encoder.encode(Image(facts, made_by, view.fresh_ms, ranks, msgspec.Raw(indexes)))


def decode_image(data: bytes) -> Image:
    """Return the image of `data`; its indexes are not decoded yet. Raises msgspec.MsgspecError."""
    try:
        return _decoder.decode(data[len(FORM) :])
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error


def _ordered(facts: Delta) -> Iterator[tuple[Collection, Entry[Any]]]:
    for name in ORDERED:
        for entry in facts.upserts(name):
            yield name, entry


# -- from a view


def _indexes(view: View, items: list[tuple[Collection, Key]]) -> Indexes:
    places = {item: place for place, item in enumerate(items)}
    unread = ((place, view.unread.get(key[-1], 0) & UNREAD_BIT.get(name, 0)) for (name, key), place in places.items())
    return Indexes(
        operator_created=dict(sorted(view.operator_created.items())),
        aliases=sorted(view.aliases.items()),
        mentions=[(of, dict(sorted(named.items()))) for of, named in sorted(view.mentions.items())],
        conversation_states=[state for _, state in sorted(view.conversation_states.items(), key=_first)],
        comment_threads=dict(sorted(view.comment_threads.items(), key=_first)),
        works=dict(sorted(view.works.items(), key=_first)),
        notice_groups=dict(sorted(view.notice_groups.items(), key=_first)),
        conversation_order=[key[-1] for key in view.conversation_order],
        **{name: getattr(view, name) for name in _ORDERS},
        quick_answers=sorted(view.quick_answers.items(), key=_first),
        unread=[(place, bits) for place, bits in unread if bits],
        totals=view.totals,
    )


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _encode_hook(places: dict[Key, int], check: Check) -> Callable[[Any], Any]:
    """Return what encodes orders: as places, or as keys where they hold other ones than `item_key`s.

    An order that equals an earlier one is the number of that one. Texts stand where the messages of an order stand.
    """
    numbers: dict[tuple[Any, ...], int] = {}

    def encode(value: Any) -> Any:
        check()
        if isinstance(value, Map):
            return dict(value)  # as small ones are: also a map that was larger once has few entries
        keys = value.list_keys() if isinstance(value, FoldedTexts) else list(value)
        held = tuple([places[key] for key in keys]) if all(key in places for key in keys) else tuple(keys)
        if isinstance(value, FoldedTexts):
            return numbers.get(held, held)
        if held in numbers:
            return numbers[held]
        numbers[held] = len(numbers)
        return held

    return encode


# -- to a view


def _view(image: Image, account_id: str, version: int, seq: int, at: int) -> View:
    facts = image.facts
    items = {name: [entry.item for entry in facts.upserts(name)] for name in COLLECTIONS}
    for name in COLLECTIONS:
        share_strings(name, items[name])
    share_values(items)
    share_first_seen([entry for name in COLLECTIONS for entry in facts.upserts(name)])
    known: dict[str, Any] = {
        name: value
        for name in ("epoch", "started_at", "started_clock", "started_version", "report", "owner_at", "rules")
        if (value := getattr(facts, name)) is not None
    }
    known |= {name: Map({entry.item.id: entry for entry in facts.upserts(name)}) for name in COLLECTIONS}
    known["removed_items"] = RemovedItems().moved(facts.removed_items, ())
    known["marks"] = Map({(marked.collection, marked.id): with_markers(marked.mark) for marked in facts.marks})
    known["adopted"] = Map(facts.adopted)
    known |= _Loader(image).load()
    view = View(account_id=account_id, fresh_ms=image.fresh_ms, version=version, seq=seq, changed_at=at, **known)
    return replace(view, **hold_replies(view.replies, facts.replies)) if facts.replies else view


class _Loader:
    """Makes the indexes of an image. `items`, `keys`: those that places are places of."""

    def __init__(self, image: Image) -> None:
        self.items: list[Any] = []
        for name in ORDERED:
            entries = image.facts.upserts(name)
            self.items += [entry.item for entry in entries]
        taken_back = {
            of.id
            for of in image.facts.marks
            if of.collection == "messages" and (of.mark.deleted or of.mark.recalled_at is not None)
        }
        # Messages are the first, so that their places are those of their words.
        self._words = [
            "" if item.is_recalled or item.id in taken_back else item.content or ""
            for item in self.items[: len(image.facts.messages)]
        ]
        self._comments = {entry.item.id: entry.item.content or "" for entry in image.facts.comments}
        times = map(item_time, self.items)
        self.keys: list[Key] = [
            (LAST if time is None else -time, rank, item.id)
            for item, time, rank in zip(self.items, times, image.ranks, strict=True)
        ]
        self._key = self.keys.__getitem__
        self._ids = {entry.item.id: entry.item.id for name in COLLECTIONS for entry in image.facts.upserts(name)}
        self._keys_by_id = {key[-1]: key for key in self.keys}
        named: Iterable[Entry[Any]] = image.facts.upserts("conversations")
        self._last_times: dict[str, int | None] = {entry.item.id: entry.item.last_message_time for entry in named}
        self._places: list[list[Any]] = []
        self._orders: list[Order] = []
        self.indexes = msgspec.msgpack.decode(image.indexes, type=Indexes, dec_hook=self._decode)

    def load(self) -> dict[str, Any]:
        """Return the indexes as the view has them."""
        indexes, keys = self.indexes, self.keys
        states = {state.id: state for state in map(self._with_shared_ids, indexes.conversation_states)}
        unread: dict[str, int] = {}
        for place, bits in indexes.unread:
            unread[keys[place][-1]] = unread.get(keys[place][-1], 0) | bits
        return {
            "operator_created": Map(indexes.operator_created),
            "aliases": Map(indexes.aliases),
            "mentions": Map((of, Map(named)) for of, named in indexes.mentions),
            "conversation_states": Map(states),
            "comment_threads": self._by_id(self._with_shared_roots(indexes.comment_threads)),
            "works": self._by_id(indexes.works),
            "notice_groups": self._by_id(indexes.notice_groups),
            "conversation_order": Order.in_order([states[name].sort_key for name in indexes.conversation_order]),
            **{name: getattr(indexes, name) for name in _ORDERS},
            "comment_texts": self._comment_texts(),
            "quick_answers": Map(indexes.quick_answers),
            "unread": Map(unread),
            "totals": indexes.totals,
        }

    def _comment_texts(self) -> FoldedTexts:
        order = self.indexes.comment_order
        keys = order.all_keys or list(order)
        return FoldedTexts.of(keys, [self._comments[key[-1]] for key in keys])

    def _decode(self, kind: Any, value: Any) -> Any:
        """Return what `_encode_hook` encoded; `kind`: its type."""
        if kind is Order:
            return self._order(value)
        if kind is FoldedTexts:
            places = self._places[value] if isinstance(value, int) else value
            keys = self._orders[value].all_keys if isinstance(value, int) else None
            return FoldedTexts.of(keys or list(map(self._key, places)), [self._words[at] for at in places])
        return Map(value)

    def _order(self, value: int | list[Any]) -> Order:
        if isinstance(value, int):
            return self._orders[value]
        is_places = value and isinstance(value[0], int)
        order = Order.in_order(list(map(self._key, value)) if is_places else [self._shared(key) for key in value])
        self._places.append(value)
        self._orders.append(order)
        return order

    # What an index holds beside places is decoded anew, and is one object with what the items hold.

    def _shared(self, key: list[Any]) -> Key:
        known = next((self._keys_by_id[part] for part in key if part in self._keys_by_id), ())
        return tuple(
            [self._id(part) if type(part) is str else next((one for one in known if one == part), part) for part in key]
        )

    def _id(self, item_id: str) -> str:
        return self._ids.get(item_id) or intern(item_id)

    def _by_id(self, values: dict[str, T]) -> Map[str, T]:
        return Map({self._id(item_id): value for item_id, value in values.items()})

    def _with_shared_roots(self, threads: dict[str, CommentThread]) -> dict[str, CommentThread]:
        for root_id, thread in threads.items():
            if thread.root is not None and thread.root == self._keys_by_id.get(root_id):
                force_setattr(thread, "root", self._keys_by_id[root_id])
        return threads

    def _with_shared_ids(self, state: ConversationState) -> ConversationState:
        force_setattr(state, "id", self._id(state.id))
        time = self._last_times.get(state.id)
        if time is not None and time == state.sort_time:
            force_setattr(state, "sort_time", time)
        if state.last_id is not None:
            force_setattr(state.messages, "last_id", self._id(state.last_id))
        return state
