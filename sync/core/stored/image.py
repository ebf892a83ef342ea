"""The image of a view: what is known of an account, and all indexes as they were, in MessagePack.

What is known is a delta, in names, as in every other body: whoever reads it needs nothing else. The indexes follow from
it, and making them takes ten times as long as reading them. They are read only by the code that made them (`made_by`),
and for the same settings; any other makes them anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sys import intern
from typing import Any, Final, TypeVar

import msgspec
from immutables import Map
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
from sync.core.change.interning import share_strings, share_values
from sync.core.folded_texts import FoldedTexts
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
    """The indexes of a view. `feed`, `unread` (with its bits): places of items; `conversation_order`: ids. The others
    are as in `View`.
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
    feed: list[int]
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
    encode_order = _encode_hook({key: place for place, (_, key) in enumerate(items)}, check)
    check()
    indexes = msgspec.msgpack.encode(_indexes(view, items), enc_hook=encode_order)
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
        feed=[places[key[-1], key[:-1]] for key in view.feed],
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
            return sorted(value.items())
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
    """Makes the indexes of an image. `names`, `items`, `keys`: those that places are places of."""

    def __init__(self, image: Image) -> None:
        self.names: list[Collection] = []
        self.items: list[Any] = []
        for name in ORDERED:
            entries = image.facts.upserts(name)
            self.names += [name] * len(entries)
            self.items += [entry.item for entry in entries]
        times = map(item_time, self.items)
        self.keys: list[Key] = [
            (LAST if time is None else -time, rank, item.id)
            for item, time, rank in zip(self.items, times, image.ranks, strict=True)
        ]
        self._places: list[list[Any]] = []
        self._orders: list[Order] = []
        self.indexes = msgspec.msgpack.decode(image.indexes, type=Indexes, dec_hook=self._decode)

    def load(self) -> dict[str, Any]:
        """Return the indexes as the view has them."""
        indexes, keys = self.indexes, self.keys
        states = {state.id: state for state in map(_with_shared_id, indexes.conversation_states)}
        unread: dict[str, int] = {}
        for place, bits in indexes.unread:
            unread[keys[place][-1]] = unread.get(keys[place][-1], 0) | bits
        return {
            "operator_created": Map(indexes.operator_created),
            "aliases": Map(indexes.aliases),
            "mentions": Map((of, Map(named)) for of, named in indexes.mentions),
            "conversation_states": Map(states),
            "comment_threads": _by_id(indexes.comment_threads),
            "works": _by_id(indexes.works),
            "notice_groups": _by_id(indexes.notice_groups),
            "conversation_order": Order.in_order([states[name].sort_key for name in indexes.conversation_order]),
            **{name: getattr(indexes, name) for name in _ORDERS},
            "quick_answers": Map(indexes.quick_answers),
            "feed": Order.in_order([(*keys[place], self.names[place]) for place in indexes.feed]),
            "unread": Map(unread),
            "totals": indexes.totals,
        }

    def _decode(self, kind: Any, value: Any) -> Any:
        """Return what `_encode_hook` encoded; `kind`: its type."""
        if kind is Order:
            return self._order(value)
        if kind is FoldedTexts:
            places = self._places[value] if isinstance(value, int) else value
            return FoldedTexts.of([self.keys[at] for at in places], [self.items[at].content for at in places])
        return Map(value)

    def _order(self, value: int | list[Any]) -> Order:
        if isinstance(value, int):
            return self._orders[value]
        is_places = value and isinstance(value[0], int)
        order = Order.in_order([self.keys[place] for place in value] if is_places else [_shared(key) for key in value])
        self._places.append(value)
        self._orders.append(order)
        return order


def _shared(key: list[Any]) -> Key:
    return tuple([intern(part) if type(part) is str else part for part in key])


def _by_id(values: dict[str, T]) -> Map[str, T]:
    return Map({intern(item_id): value for item_id, value in values.items()})


def _with_shared_id(state: ConversationState) -> ConversationState:
    force_setattr(state, "id", intern(state.id))
    return state
