"""An open page of the inbox in a browser: the sentences it says, and scripts that note what it does."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page, expect

LOST = "Connection lost, reconnecting. You see the state of"
AGAIN = "Connected again, everything is up to date."
QUIET = "/?kind=notification&tab=unread"
"""Where nothing is, ever."""
WATCH = """() => { window.said = new Set(); const look = () => {
    said.add(document.getElementById('connection').textContent.replace(/ · .*/, ''));
    if (!document.getElementById('notice').hidden) said.add('banner'); };
    new MutationObserver(look).observe(document.body,
        {subtree: true, childList: true, characterData: true, attributes: true}); }"""
NOTIFICATION = """(() => { localStorage.notices = 'on'; window.raised = [];
    const channel = new BroadcastChannel('raised');
    channel.onmessage = ({data}) => raised.push(data);
    window.Notification = class extends EventTarget {
        static permission = 'granted';
        constructor(title, { body }) {
            super(); window.last = this; this.title = title;
            raised.push([title, body]); channel.postMessage([title, body]); }
        close() {} }; })()"""
TONES = """(() => { localStorage.sound = 'on'; window.tones = 0;
    const gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
    class Part { gain = gain; connect(to) { return to; } start() { tones += 1; } stop() {} }
    window.GainNode = window.OscillatorNode = Part; })()"""


def live(page: Page, path: str = "/") -> Page:
    page.goto(path)
    expect(page.locator("#connection")).to_contain_text("Live")
    return page


def look_now(page: Page) -> None:
    """As a device does that is back in the network."""
    page.evaluate("dispatchEvent(new Event('online'))")


def wait_until_said(page: Page, text: str) -> None:
    """Until the line of the connection has said so since WATCH: it says some things for three seconds only."""
    page.wait_for_function("(text) => said.has(text)", arg=text, timeout=60_000)


def state(page: Page, account_id: str) -> Any:
    return page.locator(f"#account-{account_id} .state")


def wait_for_notices(page: Page, count: int) -> None:
    deadline = time.monotonic() + 60
    while page.evaluate("raised.length") < count:
        assert time.monotonic() < deadline, "no notice was raised"
        page.wait_for_timeout(50)


def wait_for_route(page: Page, caught: list[Any]) -> None:
    """Until the handler of a route has put something into `caught`."""
    deadline = time.monotonic() + 60
    while not caught:
        assert time.monotonic() < deadline, "nothing was asked for"
        page.wait_for_timeout(20)
