"""The workers' observations: rows of the database, and in memory how fresh each surface is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from django.db.models import F, Max

from sync import models
from sync.core.account.view import View
from sync.protocol.messages import Observation
from sync.storage.records import Observed

# Looks with the same outcome that follow one another this closely are one stretch.
GAP_MS: Final = 15 * 60_000


class Freshness:
    """The times when each account was last heard of, and each surface last read, ms UTC."""

    def __init__(self) -> None:
        self._seen: Mapping[str, Mapping[str, int]] = {}
        self._unreadable: Mapping[str, frozenset[str]] = {}
        self._synced: Mapping[str, int] = {}

    def observed_at(self, account_id: str) -> Mapping[str, int]:
        """Return surface -> when it was last observed and could be read."""
        return self._seen.get(account_id, {})

    def unreadable(self, account_id: str) -> frozenset[str]:
        """Return the surfaces whose newest observation found a page that could not be read."""
        return self._unreadable.get(account_id, frozenset())

    def last_sync(self, account_id: str) -> int | None:
        """Return when the account's worker last reported anything of it."""
        return self._synced.get(account_id)

    def note(self, observed: Observed) -> None:
        """Take in what a worker observed."""
        account_id, at = observed.account_id, observed.at
        seen, unreadable = dict(self.observed_at(account_id)), set(self.unreadable(account_id))
        for look in sorted(observed.observations, key=lambda look: look.end):
            end, known = min(look.end, at), seen.get(look.surface, 0)
            if look.canary == "ok":
                seen[look.surface] = max(end, known)
                unreadable.discard(look.surface)
            elif end > known:
                unreadable.add(look.surface)
        self._seen = {**self._seen, account_id: seen}
        self._unreadable = {**self._unreadable, account_id: frozenset(unreadable)}
        self._synced = {**self._synced, account_id: max(at, self._synced.get(account_id, 0))}

    def forget(self, account_id: str) -> None:
        """Drop a deleted account."""
        self._seen = {key: value for key, value in self._seen.items() if key != account_id}
        self._unreadable = {key: value for key, value in self._unreadable.items() if key != account_id}
        self._synced = {key: value for key, value in self._synced.items() if key != account_id}

    def load(self, views: Iterable[View]) -> None:
        """Take everything from the database, at a start."""
        synced = {view.account_id: view.changed_at for view in views if view.changed_at is not None}
        seen: dict[str, dict[str, int]] = {}
        failed: dict[str, dict[str, int]] = {}
        rows = models.Observation.objects.values_list("account_id", "surface", "canary").annotate(latest=Max("end"))
        for account_id, surface, canary, latest in rows:
            synced[account_id] = max(latest, synced.get(account_id, 0))
            ends = (seen if canary == "ok" else failed).setdefault(account_id, {})
            ends[surface] = max(latest, ends.get(surface, 0))
        self._seen, self._synced = seen, synced
        self._unreadable = {
            account_id: frozenset(name for name, end in ends.items() if end > seen.get(account_id, {}).get(name, 0))
            for account_id, ends in failed.items()
        }


def save_observations(observed: Observed) -> None:
    """Write them in the caller's transaction. An observation like the one before makes that stretch longer."""
    for given in observed.observations:
        look = _until(given, observed.at)
        last = (
            models.Observation.objects.filter(account_id=observed.account_id, surface=look.surface)
            .order_by("-end", "-pk")
            .first()
        )
        if last is not None and _continues(last, look):
            models.Observation.objects.filter(pk=last.pk).update(
                end=max(last.end, look.end), looks=F("looks") + 1, items=look.items
            )
        elif last is None or look.end > last.end or not _repeats(last, look):
            _create(observed.account_id, look)


def _until(look: Observation, now: int) -> Observation:
    """Return the observation, cut at `now`: a worker whose clock is ahead saw nothing of the future."""
    if look.end <= now:
        return look
    return msgspec.structs.replace(look, start=min(look.start, now), end=now)


def _continues(last: models.Observation, look: Observation) -> bool:
    same = (last.entry, last.canary, last.complete) == (_stored(look.entry), look.canary, look.complete)
    return same and last.end < look.end and look.start - last.end <= GAP_MS


def _stored(entry: str) -> str:
    """Return the text as the column takes it: PostgreSQL refuses NUL."""
    return entry.replace("\0", "")[:255]


def _repeats(last: models.Observation, look: Observation) -> bool:
    """Return whether it was sent again because its ack was lost."""
    return last.start <= look.start and look.end <= last.end


def _create(account_id: str, look: Observation) -> None:
    models.Observation.objects.create(
        account_id=account_id,
        surface=look.surface,
        entry=_stored(look.entry),
        canary=look.canary,
        complete=look.complete,
        start=look.start,
        end=look.end,
        items=look.items,
    )
