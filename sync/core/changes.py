"""What may be asked of an account. Everything that changes it is one of these."""

from collections.abc import Mapping

from msgspec import Struct

from sync.core.delta import Delta, Report
from sync.protocol.items import Collection, Item


class Sync(Struct, frozen=True, kw_only=True):
    """What a worker saw, believed: references resolved, times normalised.

    Collections in `merge` are merged by id, the others of `items` replace. `kept`: ids whose new version was not
    believable, so that the stored one stays. `doubtful`: collections with a broken item that nothing names; it may be
    any of those that seem to be missing.
    """

    items: Mapping[Collection, list[Item]]
    merge: frozenset[Collection] = frozenset()
    removed: Mapping[Collection, list[str]] = {}
    cleared: frozenset[Collection] = frozenset()
    kept: Mapping[Collection, frozenset[str]] = {}
    doubtful: frozenset[Collection] = frozenset()


class Reported(Struct, frozen=True, kw_only=True):
    """What a worker says of the account itself."""

    report: Report


class Cleared(Struct, frozen=True, kw_only=True):
    """The owner throws away all data of the account; its history starts again."""

    epoch: str


class Imported(Struct, frozen=True, kw_only=True):
    """The account becomes what `delta` holds and nothing else."""

    delta: Delta
    epoch: str


Change = Sync | Reported | Cleared | Imported
