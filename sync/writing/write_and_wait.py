"""Writes a person's change, and waits until it is durable."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Final

from sync.core.change.changes import Change
from sync.hub_errors import HubBusy
from sync.storage.records import Actor
from sync.writing.jobs import Done, Job, Outcome, Refused, as_change
from sync.writing.writer import Writer

WRITE_TIMEOUT_S: Final = 30.0


def write_and_wait(writer: Writer, account_id: str, change: Change, actor: Actor) -> Done:
    """Write the change. It is durable when this returns; a writer that does not run is made to write it here.

    Call it from a thread with database access. Raises HubBusy.
    """
    answered: Future[Outcome] = Future()
    job = Job(account_id=account_id, make=as_change(change), actor=actor, answer=answered.set_result)
    if not writer.submit(job):
        raise HubBusy("too much is waiting to be written")
    if not writer.runs:
        writer.drain()
    try:
        outcome = answered.result(WRITE_TIMEOUT_S)
    except TimeoutError:
        raise HubBusy("the change is still waiting to be written") from None
    if isinstance(outcome, Refused):
        raise HubBusy(outcome.message)
    return outcome
