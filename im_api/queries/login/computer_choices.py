"""The computers that could read an account, for the owner who moves it."""

from __future__ import annotations

from msgspec import Struct

from im_api.queries.scope import AuthorizedAccount
from sync.hub import Hub, get_hub
from sync.protocol.account_config import may_move

__all__ = ["ComputerChoice", "list_choices", "may_move"]


class ComputerChoice(Struct, frozen=True, kw_only=True):
    """A worker. `label`: what people call its computer. `is_elsewhere`: it is not known to be on the machine of the
    worker that reads the account now, so that a session would move to another address. `is_full`: its places are taken.
    """

    name: str
    label: str
    is_current: bool
    is_online: bool
    is_full: bool
    is_elsewhere: bool


def list_choices(authorized: AuthorizedAccount) -> list[ComputerChoice]:
    """Return every worker, by the names of their computers. Raises HubNotReady."""
    hub, current = get_hub(), authorized.account.worker
    choices = [_choice(hub, name, current) for name in hub.directory.workers]
    return sorted(choices, key=lambda choice: (choice.label, choice.name))


def _choice(hub: Hub, name: str, current: str | None) -> ComputerChoice:
    info = hub.directory.workers[name]
    here = _machine(hub, current) if current is not None else ""
    return ComputerChoice(
        name=name,
        label=info.label or hub.presence.host_of(name),
        is_current=name == current,
        is_online=hub.presence.is_online(name),
        is_full=hub.fleet.is_full(name),
        is_elsewhere=current not in (None, name) and (not here or here != _machine(hub, name)),
    )


def _machine(hub: Hub, name: str) -> str:
    info = hub.directory.workers.get(name)
    return hub.presence.host_id_of(name) or (info.host_id if info is not None else "")
