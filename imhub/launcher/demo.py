"""Runs the product with made-up accounts: the demo platform site, the hub and one worker under one parent."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from msgspec import Struct

from demo.texts import SHOPS, Shop
from imhub.launcher.processes import Children, answers, check_free, reachable
from sync.models import Account, Worker
from sync.worker.tokens import new_worker_token

OPERATOR = "demo"
WORKER = "demo"
SITE_HOST = "127.0.0.1"
START_S = 120.0
# Our own site needs no human pace.
PACE = 0.05
COLORS = ("#B02A5C", "#2F6B2F", "#A4451B")
# Keeps one observation short, so that the first messages show early; later observations bring the others.
CONVERSATIONS_PER_OBSERVATION = 8
INTERVALS_S = {"profile": 60, "contents": 20, "messages": 3, "comments": 6, "notifications": 6}


class NotUp(Exception):
    """The hub or the site did not answer in time."""


class Prepared(Struct, frozen=True):
    """The secrets of one start: the operator's password and the worker's token."""

    password: str
    token: str


@transaction.atomic
def prepare() -> Prepared:
    """Make the operator, the worker and the accounts, before anything listens. Password and token are new each time."""
    worker, _ = Worker.objects.get_or_create(name=WORKER)
    for shop, color in zip(SHOPS, COLORS, strict=True):
        save_account(shop, color, worker)
    return Prepared(password=save_operator(), token=new_worker_token(worker))


def save_operator() -> str:
    """Make or renew the operator, and return the new password."""
    users = get_user_model()
    user = users.objects.filter(username=OPERATOR).first() or users(username=OPERATOR)
    user.is_active = user.is_staff = user.is_superuser = True
    password = secrets.token_urlsafe(9)
    user.set_password(password)
    user.save()
    return password


def save_account(shop: Shop, color: str, worker: Worker) -> None:
    """Make or renew the account of `shop`."""
    account = Account.objects.filter(pk=shop.key).first() or Account(id=shop.key, group="演示", color=color)
    account.platform, account.name, account.platform_user_id = "douyin", shop.nickname, shop.short_id
    account.worker, account.config = worker, make_config(shop.key)
    account.save()


def make_config(key: str) -> dict[str, Any]:
    """Return the account's `config`: it leads to the demo site, at its pace."""
    site = f"http://{SITE_HOST}:{settings.DEMO_PORT}/for/{key}"
    addresses = {f"{part}_url": f"{site}/{part}" for part in ("creator", "www", "im")}
    bounds = {"max_conversations": CONVERSATIONS_PER_OBSERVATION}
    return {**addresses, **bounds, "pace": PACE, "intervals": INTERVALS_S}


def run(say: Callable[[str], None]) -> None:
    """Run all three until a signal to end.

    Raises PortTaken, NotUp, ChildEnded, Interrupted; nothing is left running then.
    """
    hub_host = reachable(settings.HOST)
    url_host = f"[{hub_host}]" if ":" in hub_host else hub_host
    check_free(settings.HOST, settings.PORT)
    check_free(SITE_HOST, settings.DEMO_PORT)
    prepared = prepare()
    with Children(Path(settings.BASE_DIR) / "manage.py") as children:
        # The world stays the same over starts, because the hub keeps what it read of it.
        world = str(settings.DATA_DIR / "demo-world.json")
        children.start("demo site", ["demosite", "--port", str(settings.DEMO_PORT), "--state", world], {})
        children.start("hub", ["serve"], {"IMHUB_DEMO": "on"})
        wait_for(children, "the demo site", lambda: answers(SITE_HOST, settings.DEMO_PORT, "/control/"))
        wait_for(children, "the hub", lambda: answers(hub_host, settings.PORT, "/healthz"))
        worker = {
            "IMHUB_WORKER_HUB": f"ws://{url_host}:{settings.PORT}/ws/worker/",
            "IMHUB_WORKER_TOKEN": prepared.token,
            # Its live table would fight with the hub's log lines for the terminal.
            "TTY_COMPATIBLE": "0",
        }
        children.start("worker", ["runworker", "crawlers", "--max-accounts", str(len(SHOPS))], worker)
        say(f"operator: {OPERATOR}  password: {prepared.password}")
        say(f"IM Hub ready: http://{url_host}:{settings.PORT}/")
        children.wait()


def wait_for(children: Children, what: str, until: Callable[[], bool]) -> None:
    """Wait until `until` is true. Raises NotUp after START_S, ChildEnded, Interrupted."""
    if not children.wait(until, START_S):
        raise NotUp(f"{what} did not answer within {START_S:.0f} s")
