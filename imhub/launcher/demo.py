"""Runs the product with made-up accounts: the demo platform site, the hub and one worker under one parent."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from msgspec import Struct

from demo.texts import SHOPS, Shop
from im_api.models import ApiToken
from imhub.launcher.arrivals import Arrivals
from imhub.launcher.processes import Children, answers, check_free, reachable
from sync.models import Account, Worker
from sync.worker.tokens import new_worker_token

OPERATOR = "demo"
WORKER = "demo"
SITE_HOST = "127.0.0.1"
START_S = 120.0
# With it this process asks the hub whether all accounts are in.
KEY_NAME = "start of the demo"
KEY_LIFETIME = timedelta(hours=1)
LOG = "demo.log"
# Our own site needs no human pace.
PACE = 0.05
COLORS = ("#B02A5C", "#2F6B2F", "#A4451B")
INTERVALS_S = {"profile": 60, "contents": 20, "messages": 3, "comments": 6, "notifications": 6}


class NotUp(Exception):
    """The hub or the site did not answer in time."""


class Prepared(Struct, frozen=True):
    """The secrets of one start: the operator's password, the worker's token, and a key to ask the hub with."""

    password: str
    token: str
    key: str


@transaction.atomic
def prepare() -> Prepared:
    """Make the operator, the worker and the accounts, before anything listens. All secrets are new each time."""
    worker, _ = Worker.objects.get_or_create(name=WORKER)
    for shop, color in zip(SHOPS, COLORS, strict=True):
        save_account(shop, color, worker)
    password = secrets.token_urlsafe(9)
    _, key = ApiToken.issue(save_operator(password), KEY_NAME, timezone.now() + KEY_LIFETIME)
    return Prepared(password=password, token=new_worker_token(worker), key=key)


def save_operator(password: str) -> Any:
    """Make or renew the operator, and return the row."""
    users = get_user_model()
    user = users.objects.filter(username=OPERATOR).first() or users(username=OPERATOR)
    user.is_active = user.is_staff = user.is_superuser = True
    user.set_password(password)
    user.save()
    return user


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
    return {**addresses, "pace": PACE, "intervals": INTERVALS_S, "read_notices": True}


def run(say: Callable[[str], None], tell: Callable[[str], None]) -> None:
    """Run all three until a signal to end. `say`: where and how to sign in; `tell`: each step in a line.

    Raises PortTaken, NotUp, ChildEnded, Interrupted; nothing is left running then.
    """
    check_free(settings.HOST, settings.PORT)
    check_free(SITE_HOST, settings.DEMO_PORT)
    tell("Preparing the demo's accounts and a new password ...")
    prepared = prepare()
    log = settings.DATA_DIR / LOG
    with Children(Path(settings.BASE_DIR) / "manage.py", log) as children:
        start_all(children, prepared.token, tell)
        tell(f"What they log stands in {log}. Ctrl-C ends them all.")
        say_access(prepared, say)
        shops = [shop.key for shop in SHOPS]
        children.wait(Arrivals(reachable(settings.HOST), settings.PORT, prepared.key, shops).are_in)
        tell(f"All {len(SHOPS)} accounts are in.")
        say_access(prepared, say)
        children.wait()


def start_all(children: Children, token: str, tell: Callable[[str], None]) -> None:
    """Start site, hub and worker, and wait until the first two answer. Raises NotUp, ChildEnded, Interrupted."""
    # The world stays the same over starts, because the hub keeps what it read of it.
    world = str(settings.DATA_DIR / "demo-world.json")
    tell("Starting the demo platform ...")
    children.start("demo site", ["demosite", "--port", str(settings.DEMO_PORT), "--state", world], {})
    tell("Starting the hub ...")
    # The pictures of its works and people come from the demo platform.
    media = ",".join([*settings.MEDIA_HOSTS, f"http://{SITE_HOST}:{settings.DEMO_PORT}"])
    children.start("hub", ["serve"], {"IMHUB_DEMO": "on", "IMHUB_MEDIA_HOSTS": media})
    wait_for(children, "the demo site", lambda: answers(SITE_HOST, settings.DEMO_PORT, "/control/"))
    wait_for(children, "the hub", lambda: answers(reachable(settings.HOST), settings.PORT, "/healthz"))
    tell(f"Starting the worker, which reads {len(SHOPS)} accounts ...")
    worker = {
        "IMHUB_WORKER_HUB": f"ws://{url_place()}/ws/worker/",
        "IMHUB_WORKER_TOKEN": token,
        "IMHUB_WORKER_BROWSER": os.environ.get("IMHUB_WORKER_BROWSER", "hidden"),
        "TTY_COMPATIBLE": "0",  # lines for the log, whatever the terminal of this process can
    }
    # The phones of the demo confirm by themselves: nobody needs to see a code.
    children.start("worker", ["runworker", "crawlers", "--max-accounts", str(len(SHOPS)), "--no-codes"], worker)


def say_access(prepared: Prepared, say: Callable[[str], None]) -> None:
    """Say with which password and where people sign in."""
    say(f"operator: {OPERATOR}  password: {prepared.password}")
    say(f"IM Hub ready: http://{url_place()}/")


def url_place() -> str:
    """Return host and port of the hub as they stand in an address."""
    host = reachable(settings.HOST)
    return f"[{host}]:{settings.PORT}" if ":" in host else f"{host}:{settings.PORT}"


def wait_for(children: Children, what: str, until: Callable[[], bool]) -> None:
    """Wait until `until` is true. Raises NotUp after START_S, ChildEnded, Interrupted."""
    if not children.wait(until, START_S):
        raise NotUp(f"{what} did not answer within {START_S:.0f} s")
