"""Starts a full hub and a browser, takes every picture, says what is wrong."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterable
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser

from tests.browsers import running_browser
from tests.inbox.live_place import Place, sign_in
from tests.inbox.rich_data import LOST, NEW, STALE
from tests.processes import ROOT
from tests.screens.camera import SIZES, STATE_SIZES, Camera, list_settings
from tests.screens.scenes import CALM, STATES, VIEWS, Missing, Scene
from tests.servers import eventually

INTO = ROOT / "build/screens"


def run(wanted: list[str]) -> int:
    """`wanted`: scenes by name, settings as `390-dark-en`; nothing: all. Ends what it started, however it ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    INTO.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="imhub-screens-") as directory, running_browser() as browser:
        place = Place(Path(directory), "tests.inbox.rich_data", "seed_rich")
        try:
            camera = take_all(browser, place, frozenset(wanted))
        finally:
            place.close()
    print(f"\n{len(camera.taken)} pictures in {INTO}", *camera.taken, sep="\n  ")
    print(f"\n{len(camera.problems)} problems", *camera.problems, sep="\n  ")
    return 1 if camera.problems else 0


def take_all(browser: Browser, place: Place, wanted: frozenset[str]) -> Camera:
    context = sign_in(browser, place.address)
    camera = Camera(browser, place, context.storage_state(), INTO)
    context.close()
    take_each(camera, CALM, STATE_SIZES, wanted)
    make_trouble(place)
    take_each(camera, VIEWS, SIZES, wanted)
    take_each(camera, STATES, STATE_SIZES, wanted)
    return camera


def take_each(
    camera: Camera, scenes: Iterable[Scene], sizes: tuple[tuple[int, int], ...], wanted: frozenset[str]
) -> None:
    in_settings = {one for one in wanted if one[0].isdigit()}
    named = wanted - in_settings
    for scene, setting in product(scenes, list_settings(sizes)):
        if (named and scene.name not in named) or (in_settings and str(setting) not in in_settings):
            continue
        try:
            camera.take(scene, setting)
        except Missing as missing:
            print(f"skipped: {scene.name} {setting}: {missing}", flush=True)


def make_trouble(place: Place) -> None:
    """One account needs a login, one is stale, one is paused, one is new."""
    place.worker.report(LOST, "expired")
    place.worker.look(STALE, "comments", seconds_ago=3_600)
    place.installation.manage("shell", "-v0", "-c", "from tests.inbox.rich_data import add_trouble; add_trouble()")
    eventually(lambda: _is_reported(place), "the hub gives the new account to the worker", 10)


def _is_reported(place: Place) -> bool:
    try:
        place.worker.report(NEW)
    except AssertionError:  # it is not given to the worker yet
        return False
    return True
