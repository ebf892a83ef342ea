"""The workers' observations: rows of the database, and in memory how fresh each surface is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from django.db.models import F, Max
from msgspec import Struct

from sync import models
from sync.core.account.entries import Report
from sync.core.account.view import View
from sync.protocol.messages import WireObservation
from sync.storage.records import Observed

# Looks with the same outcome that follow one another this closely are one stretch.
GAP_MS: Final = 15 * 60_000


class FreshnessOf(Struct, frozen=True):
    """Holds what is known of one account. Times are ms UTC; `planned`: ms to the next look."""

    synced: int
    observed: dict[str, int]
    unreadable: list[str]
    planned: dict[str, int]
    live: dict[str, bool]


class Freshness:
    """The times when each account was last heard of, and each surface last read, ms UTC.

    Only the event loop changes it, the values of one account at a time, so that every thread may ask.
    """

    def __init__(self) -> None:
        self._observed: dict[str, Mapping[str, int]] = {}
        self._unreadable: dict[str, frozenset[str]] = {}
        self._synced: dict[str, int] = {}
        self._next: dict[str, Mapping[str, int]] = {}
        self._live: dict[str, Mapping[str, bool]] = {}
        self._noted: set[str] = set()

    def next_looks(self, account_id: str) -> Mapping[str, int]:
        """Return surface -> the ms from its newest look to the next one, as its worker plans it."""
        return self._next.get(account_id, {})

    def live(self, account_id: str) -> Mapping[str, bool]:
        """Return surface -> whether what is new arrives there by itself, as its worker saw it last."""
        return self._live.get(account_id, {})

    def observed_at(self, account_id: str) -> Mapping[str, int]:
        """Return surface -> when it was last observed and could be read."""
        return self._observed.get(account_id, {})

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
        planned, live = dict(self.next_looks(account_id)), dict(self.live(account_id))
        for observation in sorted(observed.observations, key=lambda observation: observation.end):
            end, known = min(observation.end, at), seen.get(observation.surface, 0)
            if observation.canary == "ok":
                seen[observation.surface] = max(end, known)
                unreadable.discard(observation.surface)
            elif end > known:
                unreadable.add(observation.surface)
            if observation.next_s is not None:
                planned[observation.surface] = int(observation.next_s * 1000)
            if observation.live is not None:
                live[observation.surface] = observation.live
        self._observed[account_id] = seen
        self._next[account_id] = planned
        self._live[account_id] = live
        self._unreadable[account_id] = frozenset(unreadable)
        self._synced[account_id] = max(at, self._synced.get(account_id, 0))
        self._noted.add(account_id)

    def take_noted(self) -> dict[str, FreshnessOf]:
        """Return what is known of the accounts that workers of this hub reported since the last call, by id."""
        noted, self._noted = self._noted, set()
        return {
            account_id: FreshnessOf(
                self._synced[account_id],
                dict(self.observed_at(account_id)),
                sorted(self.unreadable(account_id)),
                dict(self.next_looks(account_id)),
                dict(self.live(account_id)),
            )
            for account_id in noted
            if account_id in self._synced
        }

    def take(self, account_id: str, looks: FreshnessOf) -> None:
        """Take what another hub knows of an account, unless it is older than what is known here."""
        if looks.synced < self._synced.get(account_id, 0):
            return
        self._observed[account_id] = looks.observed
        self._unreadable[account_id] = frozenset(looks.unreadable)
        self._next[account_id] = looks.planned
        self._live[account_id] = looks.live
        self._synced[account_id] = looks.synced

    def forget(self, account_id: str) -> None:
        """Drop a deleted account."""
        for kept in (self._observed, self._unreadable, self._synced, self._next, self._live):
            kept.pop(account_id, None)

    def load(self, views: Iterable[View]) -> None:
        """Take everything from the database, at a start."""
        synced = {view.account_id: view.changed_at for view in views if view.changed_at is not None and _reported(view)}
        seen: dict[str, dict[str, int]] = {}
        failed: dict[str, dict[str, int]] = {}
        rows = models.Observation.objects.values_list("account_id", "surface", "canary").annotate(latest=Max("end"))
        for account_id, surface, canary, latest in rows:
            synced[account_id] = max(latest, synced.get(account_id, 0))
            ends = (seen if canary == "ok" else failed).setdefault(account_id, {})
            ends[surface] = max(latest, ends.get(surface, 0))
        self._observed, self._synced = {**seen}, synced
        self._unreadable = {
            account_id: frozenset(name for name, end in ends.items() if end > seen.get(account_id, {}).get(name, 0))
            for account_id, ends in failed.items()
        }


def _reported(view: View) -> bool:
    """Return whether a worker ever said anything of the account; its owner and operators change it too."""
    return view.started_at is not None or view.report != Report()


def save_observations(observed: Observed) -> None:
    """Write them in the caller's transaction. An observation like the one before makes that stretch longer."""
    for given in observed.observations:
        observation = _until(given, observed.at)
        last = (
            models.Observation.objects.filter(account_id=observed.account_id, surface=observation.surface)
            .order_by("-end", "-pk")
            .first()
        )
        if last is not None and _continues(last, observation):
            models.Observation.objects.filter(pk=last.pk).update(
                end=max(last.end, observation.end), looks=F("looks") + 1, items=observation.items
            )
        elif last is None or observation.end > last.end or not _repeats(last, observation):
            _create(observed.account_id, observation)


def _until(observation: WireObservation, now: int) -> WireObservation:
    """Return the observation, cut at `now`: a worker whose clock is ahead saw nothing of the future."""
    if observation.end <= now:
        return observation
    return msgspec.structs.replace(observation, start=min(observation.start, now), end=now)


def _continues(last: models.Observation, observation: WireObservation) -> bool:
    same = (last.entry, last.canary, last.complete) == (
        _stored(observation.entry),
        observation.canary,
        observation.complete,
    )
    return same and last.end < observation.end and observation.start - last.end <= GAP_MS


def _stored(entry: str) -> str:
    """Return the text as the column takes it: PostgreSQL refuses NUL."""
    return entry.replace("\0", "")[:255]


def _repeats(last: models.Observation, observation: WireObservation) -> bool:
    """Return whether it was sent again because its ack was lost."""
    return last.start <= observation.start and observation.end <= last.end


def _create(account_id: str, observation: WireObservation) -> None:
    models.Observation.objects.create(
        account_id=account_id,
        surface=observation.surface,
        entry=_stored(observation.entry),
        canary=observation.canary,
        complete=observation.complete,
        start=observation.start,
        end=observation.end,
        items=observation.items,
    )
