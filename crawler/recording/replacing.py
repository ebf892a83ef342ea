"""Puts other names, texts, ids and tokens in place of those there are. Pure; the same always becomes the same.

Kept are only numbers of things, times, and words of the platform itself that the parsers look for.
"""

import hmac
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

_SMALL: Final = 10**6
"""Numbers below it are counts and kinds; no id is so short."""
_MOMENTS: Final = ((10**9, 4 * 10**9), (10**12, 4 * 10**12), (10**15, 4 * 10**15))
"""From and until, as seconds, milliseconds and microseconds since 1970."""
_SNOWFLAKE: Final = 19
_LONG_RUN: Final = 6
_CHAT: Final = re.compile(r"([0-9]:[0-9]):([0-9]+):([0-9]+)")
_PLAIN: Final = re.compile(
    r"|true|false|[0-9]{1,5}|[0-9]:[0-9]|[0-9]+(?:\.[0-9]+)?[万亿]"
    r"|(?:发布于)?[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日 ?[0-9]{1,2}:[0-9]{2}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"
)
"""Texts that name nobody: flags, small numbers, how counts and dates are shown."""
_TOKEN: Final = re.compile(r"[A-Za-z]+|[0-9]+|[^\W\d_]+", re.UNICODE)
_KEY: Final = re.compile(r"(?!.*[0-9]{6})[A-Za-z_$][\w:.$-]{0,40}", re.ASCII)
_LABELLED: Final = re.compile(r"(\w+)[：:]\s*")
_SEC: Final = "MS4wLjAB"
_IDEOGRAPHS: Final = "天地日月山水火木金土云雨风花草鸟鱼竹石田林江河海春夏秋冬东南西北红黄蓝白青"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_SAID_BY_PLATFORM: Final = frozenset({"status_msg", "error_msg", "error_desc"})


class Replacer:
    """Replaces everything by which somebody could be known. `secret` decides by what; without it nothing leads back.

    `words`: what the platform itself writes and its parsers look for. One that is no ASCII is kept only where it is the
    whole text or stands before a colon: people write it too.
    """

    def __init__(self, secret: bytes, words: frozenset[str] = frozenset()) -> None:
        self._secret, self._words = secret, words

    def json(self, value: object, key: str = "") -> object:
        """Return decoded JSON with everything replaced. `key`: where the value stands."""
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list):
            return [self.json(one, key) for one in value]
        if isinstance(value, str):
            return value[:80] if key in _SAID_BY_PLATFORM and not _names_somebody(value) else self.text(value, key)
        if isinstance(value, int) and not isinstance(value, bool):
            return self.number(value, key)
        return value

    def text(self, value: str, key: str = "") -> str:
        """Return a text of the same form: JSON stays JSON, an address an address, an id an id, words words."""
        if _PLAIN.fullmatch(value) or value in self._words:
            return value
        if value.isascii() and value.isdigit():
            return value if _is_moment(int(value)) and _tells_time(key) else str(self.id(int(value)))
        if value.lstrip()[:1] in ("{", "[") and (inner := _decoded(value)) is not None:
            return json.dumps(self.json(inner, key), ensure_ascii=False)
        if chat := _CHAT.fullmatch(value):
            return f"{chat[1]}:{self.id(int(chat[2]))}:{self.id(int(chat[3]))}"
        if value.startswith(("http://", "https://")):
            return self._address(value)
        if (labelled := _LABELLED.match(value)) is not None and labelled[1] in self._words:
            return labelled[0] + self.text(value[labelled.end() :])
        if value.startswith(_SEC):
            return _SEC + self._tokens(value[len(_SEC) :])
        return self._tokens(value)

    def number(self, value: int, key: str = "") -> int:
        """Return a small number or a time as it is, another number replaced as an id."""
        if abs(value) < _SMALL or (_tells_time(key) and _is_moment(value)):
            return value
        return self.id(value) if value > 0 else -self.id(-value)

    def id(self, value: int) -> int:
        """Return another id with as many digits. One of 19 digits keeps the second that it was made in."""
        shown = str(value)
        if len(shown) < _LONG_RUN:
            return value
        mixed = self.digest(shown)
        if len(shown) == _SNOWFLAKE:
            return (value >> 32 << 32) | (mixed % 2**32)
        least = 10 ** (len(shown) - 1)
        return int(least + mixed % (9 * least))

    def long(self, value: int) -> int:
        """Return an id of 64 bits that may also be a small number."""
        return self.id(value) if value >= _SMALL else value

    def _mapping(self, value: Mapping[str, object]) -> dict[str, object]:
        if value.keys() >= {"low", "high"} and isinstance(value["low"], int) and isinstance(value["high"], int):
            whole = self.long((value["high"] << 32) + value["low"] % 2**32)
            low = whole % 2**32
            return {**value, "low": low - 2**32 if low >= 2**31 else low, "high": whole >> 32}
        return {self._key(key): self.json(one, key) for key, one in value.items()}

    def _key(self, key: str) -> str:
        """Return the name of a field as it is. A key that may be data is replaced."""
        return key if _KEY.fullmatch(key) else self.text(key)

    def _address(self, value: str) -> str:
        try:
            parts = urlsplit(value)
        except ValueError:
            return "https://address.invalid/"
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{self.digest(value) % 10**12}"

    def _tokens(self, value: str) -> str:
        """Replace each run of letters, of digits and of other script, and each picture sign. Marks between stay."""
        replaced = _TOKEN.sub(self._token, value)
        return "".join("☆" if unicodedata.category(one) in ("So", "Sk", "Co", "Cn") else one for one in replaced)

    def _token(self, found: re.Match[str]) -> str:
        run = found[0]
        if run.isascii() and run in self._words:
            return run
        if run.isascii() and run.isdigit() and len(run) >= _LONG_RUN:
            return str(self.id(int(run))).rjust(len(run), "0")
        return "".join(map(_kind_of(run), self._stream(run)))

    def _stream(self, run: str) -> list[tuple[str, int]]:
        """Return each sign of a run with a number that depends on the whole run and the place."""
        seed = hmac.new(self._secret, run.encode("utf-8", "surrogatepass"), sha256).digest()
        return [(sign, seed[at % 32] + 7 * (at // 32) + at) for at, sign in enumerate(run)]

    def digest(self, shown: str) -> int:
        """Return a large number that stands for a text, and leads to it only with the secret."""
        mac = hmac.new(self._secret, shown.encode("utf-8", "surrogatepass"), sha256)
        return int.from_bytes(mac.digest()[:12])


def _kind_of(run: str) -> Callable[[tuple[str, int]], str]:
    """Return what makes a sign of the same kind."""
    signs = _LETTERS if run.isascii() and run.isalpha() else "0123456789" if run.isdigit() else _IDEOGRAPHS

    def another(place: tuple[str, int]) -> str:
        sign, number = place
        made = signs[number % len(signs)]
        return made.upper() if sign.isupper() else made

    return another


def _names_somebody(words: str) -> bool:
    """Return whether words of the platform may hold an id, an address or a token."""
    return re.search(r"[0-9]{6}|://|[A-Za-z0-9_-]{24}", words) is not None


def _tells_time(key: str) -> bool:
    return "time" in key.lower() or key.lower().endswith("_at")


def _is_moment(value: int) -> bool:
    return any(since <= value < until for since, until in _MOMENTS)


def _decoded(value: str) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
