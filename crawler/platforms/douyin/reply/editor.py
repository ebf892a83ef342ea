"""The box to write in. Its generations differ inside; what is typed and read is the same."""

import asyncio
from pathlib import Path
from typing import Final

from playwright.async_api import ElementHandle, Page
from playwright.async_api import Error as BrowserError

from crawler.errors import NotPressed
from crawler.platforms.douyin.pace import Pace, until
from crawler.platforms.douyin.parse.fields import flag, text
from crawler.platforms.douyin.reply.words import is_same, shown, visible
from sync.protocol.text import one_break

_SOURCE: Final = (Path(__file__).parent / "editor.js").read_text(encoding="utf-8")
_READ: Final = f"(editor) => {{ {_SOURCE}\nreturn readEditor(editor); }}"
_BREAK: Final = "Shift+Enter"
_ALL: Final = "ControlOrMeta+a"
_SETTLES_S: Final = 3.0


class Editor:
    """One editable element of a page that is open."""

    def __init__(self, page: Page, box: ElementHandle, pace: Pace) -> None:
        self.box = box
        self._page, self._pace = page, pace

    async def read(self) -> str:
        """Return the text in it. Raises NotPressed if it is gone."""
        return (await self._state())[0]

    async def _state(self) -> tuple[str, bool]:
        try:
            raw = await self.box.evaluate(_READ)
        except BrowserError as error:
            raise NotPressed("editor_changed") from error
        return text(raw, "text") or "", flag(raw, "isFocused") is True

    async def take_out(self) -> str:
        """Empty it as a person would, and return what stood in it. Raises NotPressed."""
        await self.focus()
        left = await self.read()
        if not shown(left):
            return ""
        await self._page.keyboard.press(_ALL)
        await self._page.keyboard.press("Backspace")
        if not await until(self._is_empty, _SETTLES_S, 0.05):
            raise NotPressed("editor_changed", "the text that was left in it cannot be taken out")
        return left

    async def focus(self) -> None:
        """Click into it."""
        await self.box.click(timeout=5_000)

    async def type(self, words: str) -> None:
        """Type `words` at a person's pace; Shift+Enter breaks the line, because Enter would send.

        The pace is from key to key: what a busy computer takes for one is part of it.
        """
        loop = asyncio.get_running_loop()
        for character in one_break(words):
            began = loop.time()
            if character == "\n":
                await self._page.keyboard.press(_BREAK)
                await self._pace.pause(0.3, began)
            else:
                await self._page.keyboard.type(character)
                await self._pace.pause(0.09, began)

    async def insert(self, words: str) -> None:
        """Put a text in, in one go a line."""
        await self.focus()
        for number, line in enumerate(visible(words).split("\n")):
            if number:
                await self._page.keyboard.press(_BREAK)
            await self._page.keyboard.insert_text(line)

    async def press_enter(self) -> None:
        """Press the key that sends. Whoever calls this has the permission."""
        await self._page.keyboard.press("Enter")

    async def check(self, words: str) -> None:
        """Raise NotPressed unless it holds just `words` and has the keyboard."""

        async def holds() -> bool:
            text, is_focused = await self._state()
            return is_focused and is_same(text, words)

        if not await until(holds, self._pace.settle(_SETTLES_S), 0.05):
            raise NotPressed("editor_changed", "the editor does not hold what was typed")

    async def _is_empty(self) -> bool:
        return not shown(await self.read())
