"""The computers that read accounts, as their owner adds them: a name, a pairing code, and whether they came."""

from __future__ import annotations

import re
from typing import Final

from django.db import transaction
from msgspec import Struct

from im_api.errors import BadRequest, NotFound, TooMany
from sync.hub import get_hub
from sync.models import Worker
from sync.worker.pairing import PairingCode, TooManyWrong
from sync.worker.tokens import new_worker_token

MAX_LABEL: Final = 60


class Computer(Struct, frozen=True, kw_only=True):
    """`label`: what the owner calls it. `code`: None once it is used, or too old. `is_paired`: some computer has the
    token. `host`: what it calls itself."""

    name: str
    label: str
    code: PairingCode | None
    is_paired: bool
    is_online: bool
    has_come: bool
    host: str


class Paired(Struct, frozen=True):
    """`token` is shown this once; it tells the worker its own name."""

    worker: str
    label: str
    token: str


def add_computer(label: str) -> Computer:
    """Make a worker that is called `label`, and its pairing code. Raises BadRequest, HubNotReady."""
    hub = get_hub()
    label = label.strip()
    if not label or len(label) > MAX_LABEL or "\0" in label:
        raise BadRequest(f"label: 1 to {MAX_LABEL} characters")
    if any(worker.label == label for worker in hub.directory.workers.values()):
        raise BadRequest("label: there is such a computer already")
    with transaction.atomic():
        worker = Worker.objects.create(name=_free_name(label), label=label)
    return renew_code(worker.name)


def renew_code(name: str) -> Computer:
    """Make a new pairing code for the worker; the one before ends. Raises NotFound, HubNotReady."""
    hub = get_hub()
    if name not in hub.directory.workers:
        raise NotFound("There is no such computer")
    hub.on_loop(lambda: hub.pairing.make(name))
    return get_computer(name)


def get_computer(name: str) -> Computer:
    """Return the computer as it is now. Raises NotFound, HubNotReady."""
    hub = get_hub()
    info = hub.directory.workers.get(name)
    if info is None:
        raise NotFound("There is no such computer")
    return Computer(
        name=name,
        label=info.label or hub.presence.host_of(name),
        code=hub.on_loop(lambda: hub.pairing.find(name)),
        is_paired=bool(info.token_hash),
        is_online=hub.presence.is_connected(name),
        has_come=hub.presence.has_come(name) or info.has_come,
        host=hub.presence.host_of(name),
    )


def redeem_code(typed: str, address: str) -> Paired:
    """Give the computer that has this code its token; the code ends.

    Raises NotFound (wrong, used, or too old), TooMany (wrong ones), HubNotReady.
    """
    hub = get_hub()
    try:
        name = hub.on_loop(lambda: hub.pairing.redeem(typed, address))
    except TooManyWrong as error:
        raise TooMany("Too many wrong codes; try again later", error.wait_s) from None
    worker = Worker.objects.filter(name=name).first() if name is not None else None
    if worker is None:
        raise NotFound("This code is wrong, was used already, or is too old")
    with transaction.atomic():
        token = new_worker_token(worker)
    return Paired(worker.name, worker.label, token)


def _free_name(label: str) -> str:
    """Return a name for the wire: of the letters of `label` if it has any, else computer-1, computer-2, …"""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", label).strip("-")[:40] or "computer"
    taken = set(get_hub().directory.workers) | set(Worker.objects.values_list("name", flat=True))
    wanted = [stem] if stem != "computer" else []
    return next(name for name in [*wanted, *(f"{stem}-{n}" for n in range(1, len(taken) + 2))] if name not in taken)
