"""A person who walks through pages: clicks and typed fields are counted, and each step leaves a picture."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from django.utils import translation
from playwright.sync_api import Locator, Page


class Step(NamedTuple):
    """A line of the report. `seconds`: since the step before."""

    words: str
    clicks: int
    fields: int
    seconds: float


class Walk:
    """Counts. `language`: of the pages, as Django names it."""

    def __init__(self, pictures: Path, language: str) -> None:
        self.pictures, self.language = pictures, language
        self.steps: list[Step] = []
        self._clicks = self._fields = 0
        self._since = time.monotonic()
        pictures.mkdir(parents=True, exist_ok=True)

    def say(self, text: str, context: str = "") -> str:
        """Return what the pages say for an English text."""
        with translation.override(self.language):
            return str(translation.pgettext(context, text) if context else translation.gettext(text))

    def click(
        self, place: Page | Locator, name: str, *, context: str = "", role: str = "", within_s: float = 60
    ) -> None:
        """Click the link or the button of that English name. `context`: of its translation."""
        words = self.say(name, context)
        found = [place.get_by_role(one, name=words, exact=True) for one in ([role] if role else ["link", "button"])]  # type: ignore[arg-type]
        both = found[0].or_(found[1]) if len(found) > 1 else found[0]
        both.locator("visible=true").first.click(timeout=within_s * 1000)
        self._clicks += 1

    def press(self, locator: Locator) -> None:
        """Click something that has no name of its own."""
        locator.click(timeout=60_000)
        self._clicks += 1

    def type(self, locator: Locator, text: str) -> None:
        """Click a field and type."""
        locator.fill(text, timeout=60_000)
        self._fields += 1

    def look(self, page: Page, words: str, *, at_all_sizes: bool = False) -> None:
        """End a step: take its picture, and note what it cost. `at_all_sizes`: also on a phone, and at 1024 px."""
        name = f"{len(self.steps) + 1:02d}-{'-'.join(words.split())[:60]}.png"
        page.screenshot(path=self.pictures / name)
        if at_all_sizes:
            self._look_at_all_sizes(page, name)
        now = time.monotonic()
        self.steps.append(Step(words, self._clicks, self._fields, now - self._since))
        self._clicks = self._fields = 0
        self._since = now

    def _look_at_all_sizes(self, page: Page, name: str) -> None:
        before = page.viewport_size
        for width, height in ((390, 844), (1024, 768)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=self.pictures / name.replace(".png", f"-{width}.png"))
            too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not too_wide, f"{name} scrolls sideways at {width} px"
        if before is not None:
            page.set_viewport_size(before)

    def report(self) -> str:
        """Return the table of the steps."""
        lines = [f"{'s':>6} {'clicks':>6} {'fields':>6}  step"]
        lines += [f"{one.seconds:6.1f} {one.clicks:6d} {one.fields:6d}  {one.words}" for one in self.steps]
        clicks, fields = sum(one.clicks for one in self.steps), sum(one.fields for one in self.steps)
        total = sum(one.seconds for one in self.steps)
        return "\n".join([*lines, f"{total:6.1f} {clicks:6d} {fields:6d}  in all: {total / 60:.1f} minutes"])
