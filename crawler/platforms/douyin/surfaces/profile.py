"""Observes the owner's own card on the creator home page."""

from msgspec.structs import asdict
from playwright.async_api import Page

from crawler.errors import PageChanged
from crawler.platforms.base import BrowserSession, SurfaceObservation
from crawler.platforms.douyin.login import refuse_another_person
from crawler.platforms.douyin.parse.fields import get, text
from crawler.platforms.douyin.parse.profile import ShownProfile, parse_profile
from crawler.platforms.douyin.parse.users import Card
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.visit import moved, open_entry, raise_of_signs, settled_signs

_READ = """() => {
  const shown = (one) => { const box = one.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
  const first = (selector, root) => [...(root || document).querySelectorAll(selector)].find(shown);
  const words = (element) => element ? element.innerText : null;
  const id = [...document.querySelectorAll('[class*="unique_id"]')].find((one) => /抖音号[：:]/.test(one.innerText));
  // The card is the smallest box around the number that has a name too: the page has other names and pictures.
  let card = id ? id.parentElement : null;
  while (card && !first('[class*="name-"]', card)) card = card.parentElement;
  let box = card;
  while (box && box !== document.body && !first('[class*="avatar"] img', box)) box = box.parentElement;
  const picture = box ? first('[class*="avatar"] img', box) : null;
  return {
    douyin_id: words(id),
    nickname: words(card && first('[class*="name-"]', card)),
    avatar: picture ? picture.src : null,
    signature: words(first('[class*="signature"]', card)),
    followers: words(first('#guide_home_fans [class*="number"]')),
    following: words(first('#guide_home_following [class*="number"]')),
  };
}"""


async def observe_profile(state: DouyinState, session: BrowserSession) -> SurfaceObservation:
    """Observe the profile. Raises AccountRefused if the card is another person's, PageChanged, Retryable, LoginLost."""
    start = state.clock()
    async with session.page() as page:
        if not await open_entry(page, state.pages.home, state.pace):
            raise moved(page, state.pages.home)
        signs = await settled_signs(page, state.pace)
        raise_of_signs(signs, page.url)
        shown = await _read(page)
    state.tape.memory("profile", [asdict(shown)])
    return make_observation(state, start, shown)


def make_observation(state: DouyinState, start: int, shown: ShownProfile) -> SurfaceObservation:
    """Return the profile that the page shows. Raises AccountRefused, PageChanged."""
    profile = parse_profile(shown)
    if profile.platform_user_id is None:
        raise PageChanged(f"{state.pages.home.name} shows no douyin number")
    refuse_another_person(shown.douyin_id, state.platform_user_id)
    state.book.learn_owner(Card(nickname=profile.user_name, avatar=profile.avatar, douyin_id=profile.platform_user_id))
    missing = profile.user_name is None or profile.follower_count is None
    return SurfaceObservation(
        surface="profile",
        entry=state.pages.home.name,
        start=start,
        end=state.clock(),
        complete=not missing,
        canary="page_changed" if missing else "ok",
        profile=profile,
    )


async def _read(page: Page) -> ShownProfile:
    raw = await page.evaluate(_READ)
    return ShownProfile(**{key: text(raw, key) for key in ShownProfile.__struct_fields__ if get(raw, key) is not None})
