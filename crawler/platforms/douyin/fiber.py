"""Reads the objects that the page keeps in memory behind its rows (see `fiber.js`), and moves the lists
that hold them.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

from msgspec import Struct
from playwright.async_api import ElementHandle, Page

from crawler.platforms.douyin.parse.fields import get, ident, text

ObjectKind = Literal["message", "conversation", "notice", "work"]

_SCRIPTS: Final = ("fiber.js", "fiber_rows.js", "fiber_replies.js")
_MODULE_WORDS: Final = re.compile(r"^import [^;]*;\n|^export ", re.MULTILINE)


def _joined(names: Sequence[str]) -> str:
    """Return modules as one script: a page is given functions, not files."""
    sources = ((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)
    return "\n".join(_MODULE_WORDS.sub("", source) for source in sources)


_SOURCE: Final = _joined(_SCRIPTS)


class ListRow(Struct, frozen=True, kw_only=True):
    """One visible row of a list. `id` and `raw` are None if no object was found behind it."""

    text: str
    id: str | None
    raw: object


async def _call(page: Page, function: str, **arguments: Any) -> object:
    return await page.evaluate(f"(given) => {{ {_SOURCE}\nreturn {function}(given); }}", arguments)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


async def list_rows(page: Page, selectors: Sequence[str], kind: ObjectKind) -> list[ListRow]:
    """Return the rows drawn now, each with the object it stands for. A virtual list draws few of its rows."""
    found = _list(await _call(page, "rows", selectors=list(selectors), kind=kind))
    return [ListRow(text=text(row, "text") or "", id=ident(row, "id"), raw=get(row, "raw")) for row in found]


async def row_of(page: Page, selectors: Sequence[str], kind: ObjectKind, platform_id: str) -> ElementHandle | None:
    """Return the one row of the object with this id, or None if it is not drawn now or another row has the same id."""
    return await element_of(page, "rowOf", selectors=list(selectors), kind=kind, id=platform_id)


class OpenTalk(Struct, frozen=True, kw_only=True):
    """The conversation that one place of the page's memory calls the open one. `sec_uid`: of its other party."""

    source: str
    id: str
    sec_uid: str | None


async def list_open_talks(
    page: Page, editor: ElementHandle, marked: Sequence[str], bubbles: Sequence[str]
) -> list[OpenTalk]:
    """Return what each place of the page's memory calls the open conversation; none where it is not readable."""
    found = _list(await _call(page, "openTalks", editor=editor, marked=list(marked), bubbles=list(bubbles)))
    talks = [(text(one, "from"), ident(one, "id"), ident(one, "secUid")) for one in found]
    return [OpenTalk(source=source or "", id=id, sec_uid=sec_uid) for source, id, sec_uid in talks if id is not None]


class CommentPlace(Struct, frozen=True, kw_only=True):
    """Whose a box to write in is: a comment's, or of none. `works`: the works of all comments that are drawn."""

    cid: str | None
    works: tuple[str, ...]


async def element_of(page: Page, function: str, **arguments: Any) -> ElementHandle | None:
    """Return the element that a function of `fiber.js` finds, or None."""
    handle = await page.evaluate_handle(f"(given) => {{ {_SOURCE}\nreturn {function}(given); }}", arguments)
    return handle.as_element()


async def place_of(page: Page, editor: ElementHandle) -> CommentPlace:
    """Return whose box `editor` is, by the page's memory."""
    raw = await _call(page, "commentPlace", editor=editor)
    return CommentPlace(cid=ident(raw, "cid"), works=tuple(str(id) for id in _list(get(raw, "works"))))


async def list_objects(page: Page, kind: ObjectKind) -> list[object]:
    """Return all objects of the kind that the page's elements reach, each id once."""
    return _list(await _call(page, "everything", kind=kind))


async def list_users(page: Page) -> list[object]:
    """Return the user objects of the page's stores."""
    return _list(await _call(page, "users"))


async def scroll_rows(
    page: Page, selectors: Sequence[str], kind: ObjectKind, to: Literal["start", "next", "end"]
) -> bool:
    """Move the list of these rows, and return whether it stands at its end now."""
    place = await _call(page, "scrollRows", selectors=list(selectors), kind=kind, to=to)
    return get(place, "atEnd") is True


async def scroll_up(page: Page, selectors: Sequence[str], kind: ObjectKind) -> None:
    """Move the list of these rows to its oldest one, as far as it is loaded."""
    await _call(page, "scrollUp", selectors=list(selectors), kind=kind)


async def scroll_all(page: Page) -> None:
    """Move everything that scrolls to its end."""
    await _call(page, "scrollAll")
