"""Reads the objects that the page keeps in memory behind its rows (see `fiber.js`), and moves the lists
that hold them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from playwright.async_api import ElementHandle, Page

from crawler.platforms.douyin.parse.fields import get, ident, text

ObjectKind = Literal["message", "conversation", "notice", "work"]

_SOURCE = (Path(__file__).parent / "fiber.js").read_text(encoding="utf-8")


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
    arguments = {"selectors": list(selectors), "kind": kind, "id": platform_id}
    handle = await page.evaluate_handle(f"(given) => {{ {_SOURCE}\nreturn rowOf(given); }}", arguments)
    return handle.as_element()


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


async def scroll_all(page: Page) -> None:
    """Move everything that scrolls to its end."""
    await _call(page, "scrollAll")
