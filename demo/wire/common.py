"""Envelope, addresses, pages and people, common to all answers."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from demo.switches import Switches
from demo.world import DemoPerson, World

Json = dict[str, Any]
T = TypeVar("T")

NEED_LOGIN = 8
TOO_FAST = 2190
ROTATION_S = 600
LIFETIME_S = 7200


def envelope(now_ms: int, body: Json, *, code: int = 0, message: str = "") -> Json:
    """Return `body` with the keys of every answer. Errors come with HTTP 200 too. `now_ms` is ms UTC."""
    logid = hashlib.sha256(str(now_ms).encode()).hexdigest()[:32]
    return {"status_code": code, "status_msg": message, "extra": {"now": now_ms, "logid": logid}, **body}


def sign(path: str, expires_s: int) -> str:
    """Return the signature of a picture's address."""
    return hashlib.sha256(f"{path}:{expires_s}".encode()).hexdigest()[:24]


class Links(NamedTuple):
    """Addresses as one browser sees them. `prefix` is empty or `/for/<account>`."""

    origin: str
    prefix: str
    now_ms: int

    @property
    def creator(self) -> str:
        """Return the base address of the creator centre."""
        return f"{self.origin}{self.prefix}/creator"

    @property
    def www(self) -> str:
        """Return the base address of www."""
        return f"{self.origin}{self.prefix}/www"

    @property
    def im(self) -> str:
        """Return the base address of the IM host."""
        return f"{self.origin}{self.prefix}/im"

    def media(self, kind: str, name: str) -> str:
        """Return a signed address. The signature changes every ten minutes, the path never."""
        path = f"/p3.douyinpic.com/aweme/{kind}/{name}.jpeg"
        expires = self.now_ms // 1000 // ROTATION_S * ROTATION_S + LIFETIME_S
        return f"{self.origin}{path}?x-expires={expires}&x-signature={sign(path, expires)}"

    def share(self, aweme_id: str) -> str:
        """Return the share link of a work."""
        return f"{self.www}/share/video/{aweme_id}/?region=CN&from=web_code_link"

    def avatar(self, uid: str, size: str = "100x100") -> Json:
        """Return the picture object of a person."""
        return self.picture("avatar-" + size, uid)

    def picture(self, kind: str, name: str) -> Json:
        """Return a picture object. The platform names three mirrors; here they are one."""
        address = self.media(kind, name)
        return {"uri": f"aweme/{kind}/{name}", "url_list": [address, address, address], "width": 720, "height": 720}


class WirePage(NamedTuple, Generic[T]):
    """One page of a list. `end` is the offset of the next page."""

    items: Sequence[T]
    has_more: bool
    end: int
    """Offset of the next page."""


def cut_page(items: Sequence[T], offset: int, count: int, faults: Switches) -> WirePage[T]:
    """Return the page at `offset`, with the switched faults."""
    if faults.empty_lists:
        return WirePage((), False, offset)
    start = max(0, offset - 2) if faults.shifting_pages else offset
    end = min(start + max(1, count), len(items))
    return WirePage(items[start:end], faults.endless_pages or end < len(items), max(end, offset))


def offset_of_time(items: Sequence[T], time_of: Callable[[T], int], cursor: int) -> int:
    """Return how many of `items` (newest first) are not older than `cursor`; 0 for no cursor."""
    return sum(time_of(item) >= cursor for item in items) if cursor else 0


def person_card(person: DemoPerson, links: Links) -> Json:
    """Return the `user` object of comments."""
    return {
        "uid": person.uid,
        "sec_uid": person.sec_uid,
        "nickname": person.nickname,
        "unique_id": person.short_id,
        "short_id": person.short_id,
        "signature": person.signature,
        "avatar_thumb": links.avatar(person.uid),
        "follow_status": 0,
        "follower_status": 0,
    }


def author_card(world: World, uid: str, links: Links) -> Json:
    """Return the `user` object of the person with this uid."""
    return person_card(world.person(uid), links)


def rename_lists(body: Json, faults: Switches) -> Json:
    """Return the answer after a change of the interface: the lists stand under other names."""
    if not faults.json_renamed:
        return body
    return {(f"{k}_next" if isinstance(v, list) else k): v for k, v in body.items()}
