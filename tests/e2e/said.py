"""What card, banner, foot and API say of an account, read from a hub's pages as people get them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
from msgspec.structs import astuple, replace

from tests.every_state import ISOLATES, Said, StateRow, Told

NAME = "Shop acc-a"
_WITH_OTHERS = {"Add a computer": "Choose a computer", "添加电脑": "选择电脑"}
_NOW = {"seen just now": "seen N s ago", "刚刚看过": "N 秒前看过"}
TIME = re.compile(r"(\d\d-\d\d )?\d\d?:\d\d")


def in_text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).translate(ISOLATES).split())


def first(pattern: str, html: str) -> str:
    found = re.search(pattern, html, re.DOTALL)
    return in_text(found[1]) if found else ""


def read_card(page: str, account_id: str) -> Said:
    """What the card says, without banner and foot."""
    card = page.partition(f'id="card-{account_id}"')[2].partition('<li class="card"')[0]
    how = card.partition('<div class="how">')[2].partition('<dl class="looked">')[0]
    return Said(
        state=first(r'<span\s+class="state[^>]*>(.*?)</span>', how),
        why=first(r'<p class="why">(.*?)</p>', how),
        hint=first(r'<p class="meta">(.*?)</p>', how),
        now=first(r'<li class="now"[^>]*>(.*?)</li>', how),
        button=first(r'<a class="button"[^>]*>(.*?)</a>', how),
    )


def read_banner(page: str) -> str:
    return first(r'<div id="banner"[^>]*>\s*<p title="(.*?)">', page)


def read_foot(page: str) -> str:
    return first(r'id="connection"[^>]* title="(.*?)"', page)


def read_told(client: httpx.Client, account_id: str) -> Told:
    one: dict[str, Any] = client.get(f"/api/im/accounts/{account_id}").json()["data"]
    return Told(one["status"], one["login_status"], one["worker_status"], one["worker_error"])


def plain_text(text: str, name: str = NAME) -> str:
    """Return the same for every account and moment."""
    return TIME.sub("15:34", text.replace(name, NAME))


def plain(said: Said, name: str = NAME) -> Said:
    """The same for every account and moment: names, times and numbers in the state are the table's own."""
    state, *rest = (plain_text(text, name) for text in astuple(said))
    hint = re.sub(r"\d+", "N", rest[1])
    return Said(_NOW.get(state, re.sub(r"\d+", "N", state)), rest[0], hint, *rest[2:])


def expected(row: StateRow, language: str) -> Said:
    """What the table has, on a hub that has other computers to choose from. Alerts come later."""
    said = plain(row.en if language == "en" else row.zh)
    return replace(said, button=_WITH_OTHERS.get(said.button, said.button), alert="")


def expected_alert(row: StateRow, language: str) -> str:
    """What an alert of this state says, whatever its time."""
    return plain_text((row.en if language == "en" else row.zh).alert)
