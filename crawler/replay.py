"""Reads recordings once more, offline: `python -m crawler.replay DIR`. Made by `runworker crawlers --record DIR`.

It prints the items that the parsers make of each account, what canaries say, and which fields nobody reads. So a change
of a platform can be shown without showing anybody's customers.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from crawler.account.data_manager import AccountDataManager
from crawler.platforms import REPLAYS
from crawler.platforms.base import SurfaceObservation
from crawler.recording.recorder import FORMAT
from crawler.recording.unread import Unread
from crawler.uplink.snapshot import AccountSnapshot
from sync.protocol.items import Collection, Item


class BadRecording(Exception):
    """The file is no recording that this version reads; the message says why."""


class Replayed(Struct):
    """One account. `items` by collection and id; `notes`: a sentence for each observation and failure."""

    account: str
    items: Mapping[Collection, Mapping[str, Item]]
    notes: list[str] = field(default_factory=list)
    unread: Unread = field(default_factory=Unread)


class _Nobody:
    """Takes snapshots that nobody is to get."""

    def push_data_sync(self, snapshot: AccountSnapshot) -> None: ...


def replay(file: Path) -> Replayed:
    """Return what the parsers make of one recording. Raises BadRecording."""
    lines = read_lines(file)
    head = next(lines, None)
    if head is None or head.get("kind") != "recording" or head.get("format") != FORMAT:
        raise BadRecording(f"{file.name} does not begin like a recording of form {FORMAT}")
    make = REPLAYS.get(head["platform"])
    if make is None:
        raise BadRecording(f"{file.name} is of the platform {head['platform']!r}, which is not known here")
    player = make(head)
    manager = AccountDataManager(head["account"], head["platform"], _Nobody(), lambda: head["at"])
    told: list[str] = []
    for line in lines:
        try:
            for observation in player.read(line):
                manager.apply_observation(observation)
                told.append(describe(observation, line))
        except (KeyError, TypeError, ValueError) as error:
            told.append(f"a line could not be read: {type(error).__name__}")
    manager.apply_observation(player.finish())
    return Replayed(head["account"], manager.items, told + player.failures, player.unread)


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a recording; the last one may be cut off. Raises BadRecording."""
    with file.open(encoding="utf-8") as opened:
        for number, line in enumerate(opened, 1):
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.DecodeError as error:
                if line.endswith("\n"):
                    raise BadRecording(f"{file.name}, line {number}: {error}") from error


def describe(observation: SurfaceObservation, end: Mapping[str, Any]) -> str:
    """Return a sentence on one observation, with what was said when it was made if that differs."""
    told = f"{observation.surface} ({observation.entry}): canary {observation.canary}"
    if not observation.complete:
        told += ", not complete"
    return told if observation.canary == end["canary"] else f"{told}; when it was recorded {end['canary']}"


def show(replayed: Replayed, *, items: bool) -> None:
    """Print one account."""
    print(f"# {replayed.account}")
    for note in replayed.notes:
        print(f"- {note}")
    for name, held in replayed.items.items():
        print(f"## {name}: {len(held)}")
        for item in held.values() if items else ():
            print(json.dumps(msgspec.to_builtins(item), ensure_ascii=False))
    unread = [*replayed.unread.list_keys(), *sorted(replayed.unread.wire_fields.items())]
    print(f"## fields that nobody reads: {len(unread)}")
    for place, times in unread:
        print(f"- {place} ({times})")


def main() -> int:
    """Print every recording of a folder, and return 1 if there is none."""
    asked = argparse.ArgumentParser(prog="python -m crawler.replay", description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--counts", action="store_true", help="only how many items there are")
    given = asked.parse_args()
    files = sorted(given.folder.glob("*.jsonl"))
    for file in files:
        try:
            show(replay(file), items=not given.counts)
        except BadRecording as error:
            print(error, file=sys.stderr)
            return 1
    if not files:
        print(f"{given.folder} has no recordings", file=sys.stderr)
    return 0 if files else 1


if __name__ == "__main__":
    sys.exit(main())
