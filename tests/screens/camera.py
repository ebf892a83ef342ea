"""One picture in one size, theme and language, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser, Page, Route

from tests.inbox.live_place import SIDEWAYS, Place
from tests.inbox.test_inbox_browser import findings
from tests.screens.scenes import Missing, Scene

SIZES: Final = ((1440, 900), (1366, 768), (1024, 768), (390, 844), (360, 740))
STATE_SIZES: Final = ((1440, 900), (390, 844))
SVG: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800"><rect width="600" height="800" fill="{}"/>'
    '<circle cx="300" cy="360" r="160" fill="#fff8"/></svg>'
)


class Setting(NamedTuple):
    size: tuple[int, int]
    theme: str
    language: str

    def __str__(self) -> str:
        return f"{self.size[0]}-{self.theme}-{self.language}"


def list_settings(sizes: tuple[tuple[int, int], ...]) -> list[Setting]:
    return [Setting(*one) for one in product(sizes, ("light", "dark"), ("zh-CN", "en"))]


class Camera:
    """`problems`: a line each."""

    def __init__(self, browser: Browser, place: Place, state: Any, into: Path) -> None:
        self._browser = browser
        self._place = place
        self._state = state
        self._into = into
        self.taken: list[str] = []
        self.problems: list[str] = []

    def take(self, scene: Scene, setting: Setting) -> None:
        """Raises Missing."""
        name = f"{scene.name}-{setting}.png"
        try:
            with self._page(scene, setting) as page:
                answer = page.goto(scene.path)
                if answer is None or answer.status == 404:
                    raise Missing(f"nothing at {scene.path}")
                scene.arrange(page, self._place)
                page.wait_for_load_state("load")
                page.screenshot(path=self._into / name)
                self.taken.append(name)
                sideways = page.evaluate(SIDEWAYS)
                self.problems += [f"{name}: scrolls sideways: {what}" for what in sideways]
                self.problems += [f"{name}: {what}" for what in findings(page)]
        finally:
            scene.after(self._place)

    @contextmanager
    def _page(self, scene: Scene, setting: Setting) -> Iterator[Page]:
        width, height = setting.size
        context = self._browser.new_context(
            base_url=self._place.address,
            storage_state=self._state if scene.signed_in else None,
            viewport={"width": width, "height": height},
            color_scheme="dark" if setting.theme == "dark" else "light",
            locale=setting.language,
            reduced_motion="reduce",
        )
        context.route("https://p3.douyinpic.com/**", _picture)
        try:
            yield context.new_page()
        finally:
            context.close()


def _picture(route: Route) -> None:
    """Made up; what is called gone has expired."""
    address = route.request.url
    if "gone" in address:
        route.fulfill(status=403)
    else:
        color = f"#{abs(sum(map(ord, address))) * 7919 % 0xFFFFFF:06x}"
        route.fulfill(body=SVG.format(color), content_type="image/svg+xml")
