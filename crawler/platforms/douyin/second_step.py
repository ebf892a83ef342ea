"""Passes the second step of a login: the dialog that asks for the code of a short message."""

import asyncio
import re
from typing import Final

from playwright.async_api import ElementHandle, Page

from crawler.errors import Retryable
from crawler.platforms.base import LoginDialog
from crawler.platforms.douyin.pace import Pace

_TRIES: Final = 3
_NUMBER: Final = re.compile(r"\d{2,3}\s?\*{2,}\s?\d{2,4}")
# A hidden field with the same words stands on every login page: only what is drawn in the dialog counts.
_FIND: Final = """(wanted) => {
  const shown = (one) => { const box = one.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
  const dialogs = [...document.querySelectorAll(
    '[class*="uc-ui-verify"], [class*="uc_verification"], [class*="second-verify"]')].filter(shown);
  const inside = (selector) => dialogs.flatMap((one) => [...one.querySelectorAll(selector)]).filter(shown);
  if (wanted === 'dialog') return dialogs[0] || null;
  if (wanted === 'field') return inside('input[placeholder*="验证码"]')[0] || null;
  const says = (words) => inside('button, a, div, p, span').reverse()
    .find((one) => words.test(one.innerText.trim())) || null;
  return says(wanted === 'way' ? /^(接收|发送)?短信验证(码)?(验证)?$/ : /^(验证|确定|确认|提交|下一步)$/);
}"""


async def wants_second_step(page: Page) -> bool:
    """Return whether the platform asks for a code beside the scan."""
    return await _find(page, "dialog") is not None


async def pass_second_step(page: Page, pace: Pace, dialog: LoginDialog) -> None:
    """Have the code sent, ask for it, and type it. Raises Retryable if the platform takes none of three."""
    for _ in range(_TRIES):
        field = await _find_field(page, pace)
        if field is None:
            if not await wants_second_step(page):
                return
            raise Retryable("the second step shows no field for a code")
        code = await dialog.ask_code(await _read_hint(page))
        await field.fill("")
        await field.type(code, delay=pace.settle(0.1) * 1000)
        button = await _find(page, "confirm")
        if button is not None:
            await button.click()
        else:
            await field.press("Enter")
        if await _is_gone(page, pace):
            return
    raise Retryable("the platform took none of the codes")


async def _find_field(page: Page, pace: Pace) -> ElementHandle | None:
    """Return the field of the code. Where ways to verify stand first, the short message is chosen."""
    way = await _find(page, "way") if await _find(page, "field") is None else None
    if way is not None:
        await way.click()
    for _ in range(10):
        if (field := await _find(page, "field")) is not None:
            return field
        await asyncio.sleep(pace.settle(0.5))
    return None


async def _read_hint(page: Page) -> str | None:
    """Return the part of a telephone number that the dialog shows; no other word of it leaves this machine."""
    shown = await _find(page, "dialog")
    found = _NUMBER.search(await shown.inner_text()) if shown is not None else None
    return found.group() if found else None


async def _is_gone(page: Page, pace: Pace) -> bool:
    for _ in range(10):
        await asyncio.sleep(pace.settle(0.5))
        if not await wants_second_step(page):
            return True
    return False


async def _find(page: Page, wanted: str) -> ElementHandle | None:
    return (await page.evaluate_handle(_FIND, wanted)).as_element()
