"""Opens pages, and reads what they say of our login."""

from msgspec import Struct
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from crawler.errors import CheckAsked, Kicked, LoginLost, PageChanged, PageMoved, Retryable, cut_words, refusal
from crawler.platforms.douyin.capture import CapturedResponses, ResponseKind
from crawler.platforms.douyin.pace import Pace, until
from crawler.platforms.douyin.pages import EntryPage
from crawler.platforms.douyin.parse.fields import flag, rows, text

_PAGE_LOAD_MS = 30_000
_SIGNS_OF_LOGOUT = 3
_CLEAR_LOOKS = 2

# One script reads all signs, so that they are of one moment. innerText has only what is drawn.
_SIGNS = """() => {
  const shown = (one) => { const box = one.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
  const words = document.body ? document.body.innerText : '';
  const out = ['扫码登录', '验证码登录', '密码登录', '我是创作者', '我是MCN机构', '需在手机上进行确认']
    .filter((one) => words.includes(one));
  if ([...document.querySelectorAll('[class*="qrcode"]')].some(shown)) out.push('qrcode');
  // Works, people and accounts may be named after logins: only the page itself is a sign.
  if (/^\\/passport\\/|\\/login\\/?$/.test(location.pathname)) out.push('address');
  const cards = [...document.querySelectorAll('div[class*="container-"], [class*="unique_id"]')];
  const card = cards.find((one) => shown(one) && /抖音号[：:]/.test(one.innerText));
  const picture = [...document.querySelectorAll('img')].some((one) => shown(one) && /douyinpic\\.com/.test(one.src)
    && one.closest('[class*="avatar"]'));
  // A frame of the check stands hidden on every page, and people write about codes: only what covers the page counts.
  const covers = (one) => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return box.width >= 150 && box.height >= 80 && box.right > 0 && box.bottom > 0 && box.left < innerWidth
      && box.top < innerHeight && style.visibility !== 'hidden' && Number(style.opacity) > 0.1;
  };
  // In some builds messages stand in a micro-app, behind a shadow root.
  const tops = [document, ...[...document.querySelectorAll('wujie-app')].flatMap((one) => one.shadowRoot ?? [])];
  const all = (selector) => tops.flatMap((top) => [...top.querySelectorAll(selector)]);
  const frames = all('iframe')
    .filter((one) => /verifycenter|captcha|verify\\.snssdk|rmc\\.bytedance\\.com|\\/security\\//.test(one.src));
  const boxes = all(
    '#captcha_container, [class*="captcha-verify"], [class*="captcha_verify"], [class*="rc-verifycenter"]');
  const check = [...frames, ...boxes].some(covers);
  const kicked = all('button, [role="button"], a')
    .some((one) => shown(one) && one.innerText.trim() === '一键登录');
  const inside = [];
  if (card) inside.push('card');
  if (picture) inside.push('picture');
  if ([...document.querySelectorAll('#header-avatar')].some(shown)) inside.push('avatar');
  return { out, inside, check, kicked, number: card ? card.innerText : null };
}"""


class Signs(Struct, frozen=True, kw_only=True):
    """The different signs of being logged out (`out`) and in (`inside`). `card` is the text of the owner's card.

    `check`: the platform asks a person to prove that he is one. `kicked`: it offers to log in again with one click.
    """

    out: tuple[str, ...]
    inside: tuple[str, ...]
    card: str | None
    check: bool = False
    kicked: bool = False

    @property
    def logged_in(self) -> bool:
        """Return whether there are signs of a login and none against it."""
        return bool(self.inside) and not self.out and not self.kicked and not self.check

    @property
    def logged_out(self) -> bool:
        """Return whether at least three signs say so. One alone may be a banner or a page that is being drawn."""
        return len(self.out) >= _SIGNS_OF_LOGOUT and not self.inside


async def read_signs(page: Page) -> Signs:
    """Return the signs of this moment. Changes nothing on the page."""
    raw = await page.evaluate(_SIGNS)
    return Signs(
        out=tuple(str(sign) for sign in rows(raw, "out")),
        inside=tuple(str(sign) for sign in rows(raw, "inside")),
        card=text(raw, "number"),
        check=flag(raw, "check") is True,
        kicked=flag(raw, "kicked") is True,
    )


async def settled_signs(page: Page, pace: Pace) -> Signs:
    """Return the signs once they are clear, or after the page had its time to draw. Raises Retryable."""
    latest: list[Signs] = []

    async def clear() -> bool:
        try:
            latest.append(await read_signs(page))
        except BrowserError:
            return False  # The page is navigating.
        signs = latest[-1]
        return signs.logged_in or signs.logged_out or signs.check or signs.kicked

    await until(clear, pace.page())
    if not latest:
        raise Retryable("the page could not be read")
    return latest[-1]


class CheckWatch:
    """Watches a page until its check is passed: two looks in a row without it, since one check may follow the other."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._clear_looks = 0

    async def is_passed(self) -> bool:
        """Look once, and return whether this and the look before found no check."""
        try:
            is_clear = not (await read_signs(self._page)).check
        except BrowserError:
            is_clear = False  # The page is navigating, most likely because of the check.
        self._clear_looks = self._clear_looks + 1 if is_clear else 0
        return self._clear_looks >= _CLEAR_LOOKS


async def open_entry(page: Page, entry: EntryPage, pace: Pace) -> bool:
    """Open the page, and return whether it is there: not 404, not redirected elsewhere. Raises Retryable, LoginLost."""
    try:
        response = await page.goto(entry.url, wait_until="domcontentloaded", timeout=_PAGE_LOAD_MS)
    except BrowserError as error:
        raise Retryable(f"{entry.name} did not open: {cut_words(error)}") from error
    status = response.status if response is not None else 200
    if status >= 500 or status == 429:
        raise refusal(f"{entry.name}: HTTP {status}", status=status)
    here = EntryPage(name="", url=page.url).path
    if status < 400 and here == entry.path:
        return True
    await raise_if_kept_out(page, pace)
    return False


def moved(page: Page, entry: EntryPage) -> PageMoved:
    """Return the error for a page that is not at its address. Of where it leads to, only the path is told."""
    here = EntryPage(name="", url=page.url).path
    return PageMoved(f"{entry.name} is gone" if here == entry.path else f"{entry.name} leads to {here[:60] or '/'}")


async def raise_if_kept_out(page: Page, pace: Pace) -> None:
    """Raise CheckAsked, Kicked or LoginLost if the page clearly shows so."""
    raise_of_signs(await settled_signs(page, pace), page.url)


async def raise_if_checked(page: Page) -> None:
    """Raise CheckAsked if the page shows a check at this moment."""
    if (await read_signs(page)).check:
        raise CheckAsked("the platform asks for a check that a person must pass", page.url)


def raise_of_signs(signs: Signs, url: str) -> None:
    """Raise what the signs of the page at `url` say: CheckAsked, Kicked, LoginLost."""
    if signs.check:
        raise CheckAsked("the platform asks for a check that a person must pass", url)
    if signs.kicked:
        raise Kicked("the page offers to log in again")
    if signs.logged_out:
        raise LoginLost("the page shows the login screen")


async def first_answer(
    page: Page, entry: EntryPage, captured: CapturedResponses, kind: ResponseKind, pace: Pace, most_s: float
) -> None:
    """Wait for the own first request of `kind` of the page of `entry`.

    Raises LoginLost, CheckAsked, Retryable (slow), PageMoved (it led on), PageChanged (it asks for none).
    """
    if await captured.wait(kind, 0, pace.page(15.0), most_s):
        await raise_if_checked(page)  # lists come in beneath a check too
        return
    await raise_if_kept_out(page, pace)
    if EntryPage(name="", url=page.url).path != entry.path:
        raise moved(page, entry)
    if captured.is_flying(kind) or captured.lost:
        raise Retryable(f"no answer with {kind} in time")
    raise PageChanged(f"the page asked for no {kind}")
