"""Reads what a message says, by its kind: a type of ours, words that a person understands, addresses."""

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

from msgspec import Struct

from crawler.platforms.douyin.parse.fields import count, decoded, get, ident, is_raw, name, rows, text, url
from sync.protocol.items import MessageType

Standing = Literal["message", "notice", "hidden", "unknown"]
UNSUPPORTED: Final = "[不支持的消息]"

_TIP, _TEXT, _GENERIC_TIP = 1, 7, 1002
_CALL: Final = 193
_TIP_TEXTS: Final = frozenset({701, 703})
_HIDDEN_TIP: Final = 100200
_GOODS: Final = frozenset({11029})
_MINI_APPS: Final = frozenset({11048, 10401})
_DETAIL: Final = re.compile(r"aweme://aweme/detail/(\d+)")
_PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")
_SIZES: Final = ("large_url_list", "medium_url_list", "origin_url_list", "thumb_url_list", "url_list")


class Said(Struct, frozen=True, kw_only=True):
    """The words and the media of one message.

    `standing`: `notice` is the platform's own line, `hidden` one that nobody is shown, `unknown` a kind that we do not
    know (kept, and shown as such). `file_size` is bytes, `duration` seconds.
    """

    type: MessageType = "other"
    text: str | None = None
    standing: Standing = "message"
    media_url: str | None = None
    thumbnail_url: str | None = None
    file_name: str | None = None
    file_size: int | None = None
    duration: float | None = None


_UNKNOWN: Final = Said(text=UNSUPPORTED, standing="unknown")


def read_content(kind: int, content: str) -> Said:
    """Return what a message of the platform's `message_type` says. `content` is JSON, or empty."""
    raw = decoded(content)
    if isinstance(raw, str):
        return _bare(kind, raw)
    awe_type = count(raw, "aweType")
    if awe_type == _CALL:
        return Said(text=_labelled("通话", _tip(raw) or text(raw, "text")))
    special = _special(raw, awe_type)
    if special is not None:
        return special
    read = _READERS.get(kind)
    found = read(raw) if read is not None else None
    return found or _shared(raw) or _UNKNOWN


def _bare(kind: int, content: str) -> Said:
    """Return what a content says that is no JSON object: nothing, or the words of a text."""
    if kind == _TEXT and not content.lstrip().startswith("{"):
        return Said(type="text", text=content)
    if not content.strip() and kind in (_TIP, _GENERIC_TIP):
        return Said(standing="hidden")
    return _UNKNOWN


def _special(raw: object, awe_type: int | None) -> Said | None:
    """Return goods, small programs and money, which come under several kinds."""
    title = name(raw, "title") or name(raw, "content_title") or name(raw, "push_detail")
    if awe_type in _GOODS or "commodity_id" in (text(raw, "schema") or ""):
        return Said(type="card", text=_labelled("商品", title), thumbnail_url=url(raw, "cover_url"))
    if awe_type in _MINI_APPS:
        return Said(type="card", text=_labelled("小程序", title))
    if get(raw, "trans_type") is not None:
        return Said(type="card", text=_labelled("红包/转账", title))
    return None


def _read_text(raw: object) -> Said | None:
    words = text(raw, "text")
    if count(raw, "aweType") in _TIP_TEXTS:
        return Said(text=words or _tip(raw), standing="notice")
    if words is not None:
        return Said(type="text", text=words)
    return None


def _read_tip(raw: object) -> Said | None:
    if count(raw, "aweType") == _HIDDEN_TIP:
        return Said(standing="hidden")
    words = _tip(raw)
    return Said(text=words, standing="notice") if words else Said(standing="hidden")


def _read_sticker(raw: object) -> Said:
    pictures = [*rows(raw, "stickers"), *rows(raw, "joker_stickers")]
    still = next((found for one in pictures if (found := url(one, "static_url"))), None)
    return Said(type="sticker", text=name(raw, "display_name"), media_url=url(raw, "url") or still)


def _read_image(raw: object) -> Said:
    # A picture with a key is encrypted: its address shows nothing to anybody.
    readable = get(raw, "resource_url", "skey") in (None, "")
    return Said(type="image", media_url=_address(raw, "resource_url") if readable else None)


def _read_video(raw: object) -> Said:
    readable = get(raw, "poster", "skey") in (None, "")
    return Said(type="video", thumbnail_url=_address(raw, "poster") if readable else None)


def _read_voice(raw: object) -> Said:
    milliseconds = count(raw, "duration")
    seconds = milliseconds / 1000 if milliseconds is not None else None
    return Said(type="audio", media_url=_address(raw, "resource_url"), duration=seconds)


def _read_work(raw: object) -> Said | None:
    return _share_of(raw, "作品")


def _read_note(raw: object) -> Said | None:
    return _share_of(raw, "图文")


def _share_of(raw: object, label: str) -> Said | None:
    """Return a shared work. A title that leads nowhere is only text."""
    title = name(raw, "content_title") or name(raw, "title")
    cover = url(raw, "cover_url_v2") or url(raw, "cover_url") or url(raw, "content_thumb")
    if ident(raw, "itemId") is None and cover is None:
        shared = _shared(raw)
        return shared or (Said(type="text", text=title) if title else None)
    return Said(type="card", text=_labelled(label, title or name(raw, "content_name")), thumbnail_url=cover)


def _shared(raw: object) -> Said | None:
    """Return a share that is drawn as a card, which any kind may be: it leads to a work."""
    patch = decoded(get(raw, "im_dynamic_patch", "raw_data"))
    for one in (raw, patch):
        if _DETAIL.search(text(one, "schema") or ""):
            words = name(raw, "push_detail") or name(one, "title") or name(one, "content_title") or name(one, "desc")
            return Said(type="card", text=_labelled("作品", words), thumbnail_url=url(one, "cover_url"))
    return None


def _read_comment(raw: object) -> Said | None:
    said, who = name(raw, "comment"), name(raw, "comment_user_name")
    words = f"{who}：{said}" if who and said else said
    return Said(type="card", text=_labelled("评论", words)) if words else None


def _read_profile(raw: object) -> Said | None:
    return _card_of("名片", name(raw, "name"), url(raw, "avatar"))


def _read_group(raw: object) -> Said | None:
    card = get(raw, "aweme_invite_card")
    return _card_of("群聊", name(card, "title") or name(card, "name") or name(raw, "title"), url(card, "icon"))


def _card_of(label: str, words: str | None, picture: str | None) -> Said:
    return Said(type="card", text=_labelled(label, words), thumbnail_url=picture)


def _read_link(raw: object) -> Said | None:
    address = name(raw, "link_url")
    words = name(raw, "title") or name(raw, "desc") or address
    return Said(type="link", text=words, media_url=url(raw, "link_url"), thumbnail_url=url(raw, "cover_url"))


def _read_file(raw: object) -> Said:
    return Said(type="file", text=name(raw, "name"), file_name=name(raw, "name"), file_size=count(raw, "data_size"))


_READERS: Final[Mapping[int, Callable[[object], Said | None]]] = {
    _TIP: _read_tip,
    _GENERIC_TIP: _read_tip,
    _TEXT: _read_text,
    2: _read_image,
    5: _read_sticker,
    6: _read_file,
    8: _read_work,
    10: _read_group,
    15: _read_sticker,
    16: _read_comment,
    17: _read_voice,
    25: _read_profile,
    26: _read_link,
    27: _read_image,
    30: _read_video,
    58: _read_group,
    75: _read_comment,
    77: _read_note,
    105: _read_comment,
}


def _address(raw: object, key: str) -> str | None:
    """Return the first address of a file, the most useful size first."""
    lists = (rows(raw, key, size) for size in _SIZES)
    found = (one for addresses in lists for one in addresses)
    return next((one for one in found if isinstance(one, str) and one.startswith(("http://", "https://"))), None)


def _tip(raw: object) -> str | None:
    """Return the platform's line with its places filled: `{{name}}` stands for an entry of `template`."""
    line = name(raw, "tips")
    if line is None:
        return None
    entries = {key: name(one, "name") for one in rows(raw, "template") if is_raw(one) and (key := text(one, "key"))}
    return _PLACEHOLDER.sub(lambda found: entries.get(found[1]) or "", line)


def _labelled(label: str, words: str | None) -> str:
    return f"[{label}] {words}" if words else f"[{label}]"
