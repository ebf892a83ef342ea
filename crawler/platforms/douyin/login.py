"""Logs in by the code on the creator centre's root page, and checks whose login it is."""

import asyncio
import base64

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from crawler.errors import LoginTimeout, PageChanged, Retryable, WrongAccount
from crawler.platforms.base import LoginDialog, QrCode
from crawler.platforms.douyin.config import Config
from crawler.platforms.douyin.pace import Pace
from crawler.platforms.douyin.pages import EntryPage
from crawler.platforms.douyin.parse.profile import parse_douyin_id
from crawler.platforms.douyin.second_step import pass_second_step, wants_second_step
from crawler.platforms.douyin.visit import Signs, read_signs
from sync.protocol.times import Clock

_CODES = (
    "#animate_qrcode_container img",
    'img[alt="二维码"]',
    'img[aria-label="二维码"]',
    'img[src^="data:image/png"]',
    'canvas[class*="qr"]',
)
_EXPIRED = '.qrcode-expire, [class*="expire-tip"]'
# One script instead of a locator: that would wait for a code that is gone because the scan led on.
_FIND_CODE = """(selectors) => {
  const shown = (one) => { const box = one.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
  for (const selector of selectors) {
    const found = [...document.querySelectorAll(selector)].find(shown);
    if (found) return found;
  }
  return null;
}"""
_AS_DATA = "(one) => one.tagName === 'CANVAS' ? one.toDataURL('image/png') : one.src"

# The page of a login has no words of other people.
_IS_DEAD = "() => /二维码已?(?:失效|过期)/.test(document.body ? document.body.innerText : '')"
_SCANNED = "() => /已扫码|扫码成功/.test(document.body ? document.body.innerText : '')"


class QrLogin:
    """One login page, from the first code to the scan. A code is replaced only when it is dead: scans take time."""

    def __init__(self, page: Page, config: Config, pace: Pace, clock: Clock, dialog: LoginDialog) -> None:
        self._page, self._config, self._pace, self._clock, self._dialog = page, config, pace, clock, dialog
        self._shown: str | None = None
        self._is_scanned = False

    async def run(self, entry: EntryPage) -> Signs:
        """Show codes until one is scanned, and return the signs of the login.

        Raises LoginTimeout, PageChanged (no code), Retryable (the second step was refused).
        """
        try:
            async with asyncio.timeout(self._config.login_timeout_s):
                return await self._scan(entry)
        except TimeoutError:
            raise LoginTimeout("nobody scanned the code in time") from None

    async def _scan(self, entry: EntryPage) -> Signs:
        await open_entry_quietly(self._page, entry)
        for refresh in range(self._config.qr_refreshes + 1):
            if refresh:
                await open_entry_quietly(self._page, entry)
            if (signs := await self._one_code()) is not None:
                return signs
        raise LoginTimeout("every code expired unscanned")

    async def _one_code(self) -> Signs | None:
        """Show one code. Return the signs once logged in, or None once the code is dead.

        A code that changes by itself starts a new life.
        """
        loop = asyncio.get_running_loop()
        deadline, missing = loop.time() + self._config.qr_load_s, True
        while loop.time() < deadline:
            try:
                signs = await read_signs(self._page)
                if signs.logged_in:
                    return signs
                if await wants_second_step(self._page):
                    await pass_second_step(self._page, self._pace, self._dialog)
                    deadline = loop.time() + self._config.qr_life_s
                    continue
                await self._note_scan()
                image = await read_code(self._page)
                if image is not None and await self._is_dead():
                    return None
            except BrowserError:
                signs, image = None, None  # The page navigates, most likely because of the scan.
            if image is not None and (missing or image != self._shown):
                deadline, missing = loop.time() + self._config.qr_life_s, False
                await self._show(image)
            await asyncio.sleep(self._pace.settle(1.0))
        if missing:
            raise PageChanged("the login page shows no code")
        return None

    async def _is_dead(self) -> bool:
        """Return whether the page says that its code is no good any more."""
        return await self._page.locator(_EXPIRED).first.is_visible() or bool(await self._page.evaluate(_IS_DEAD))

    async def _show(self, image: str) -> None:
        if image == self._shown:
            return
        self._shown, self._is_scanned = image, False
        life_ms = int(self._config.qr_life_s * 1000)
        await self._dialog.show_qr(QrCode(image=image, expires_at=self._clock() + life_ms))

    async def _note_scan(self) -> None:
        """Say once of each code that it was scanned."""
        if self._shown is not None and not self._is_scanned and await self._page.evaluate(_SCANNED):
            self._is_scanned = True
            await self._dialog.show_scanned()


async def open_entry_quietly(page: Page, entry: EntryPage) -> None:
    """Open the login page, which may lead on at once if there is a login already. Raises Retryable."""
    try:
        await page.goto(entry.url, wait_until="domcontentloaded", timeout=30_000)
    except BrowserError as error:
        raise Retryable(f"{entry.name} did not open") from error


async def read_code(page: Page) -> str | None:
    """Return the code as a PNG data URI, or None while there is none."""
    found = (await page.evaluate_handle(_FIND_CODE, list(_CODES))).as_element()
    if found is None:
        return None
    source = str(await found.evaluate(_AS_DATA))
    if source.startswith("data:image/png"):
        return source if len(source) > 100 else None
    picture = await found.screenshot(type="png", timeout=5_000)
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def refuse_another_person(shown: str | None, expected: str | None) -> None:
    """Raise WrongAccount if the number in `shown` is not `expected`. Nothing is checked if either is unknown.

    `expected` may also be the line of a page that has it, or have blanks around it: people copy it from there.
    """
    number, wanted = parse_douyin_id(shown), parse_douyin_id(expected) or (expected or "").strip()
    if wanted and number and number != wanted:
        raise WrongAccount(f"logged in as {number}, this account is {wanted}")
