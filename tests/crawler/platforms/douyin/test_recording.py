"""A session on the demo site, recorded and read once more: the same items, and nothing by which anybody is known."""

import base64
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from crawler.account.data_manager import AccountDataManager
from crawler.platforms.base import SurfaceObservation
from crawler.platforms.douyin.im.im_pb2 import PushFrame
from crawler.platforms.douyin.tape import WORDS, Tape
from crawler.recording.recorder import Recorder, Recordings
from crawler.recording.replacing import Replacer
from crawler.replay import Replayed, read_lines, replay
from crawler.uplink.snapshot import AccountSnapshot
from crawler.worker_options import now_ms
from tests.crawler.platforms.douyin.site import Site, a_session, an_owner
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

KEPT = 10**6
"""Smaller numbers say how many."""


class Same(Replacer):
    """Replaces nothing."""

    def json(self, value: object, key: str = "") -> object:
        return value

    def text(self, value: str, key: str = "") -> str:
        return value

    def id(self, value: int) -> int:
        return value


class AsItWas(Recordings):
    def open(self, platform: str, account_id: str, words: frozenset[str], **facts: Any) -> Recorder:
        file = (self._folder / "as-it-was.jsonl").open("a", encoding="utf-8")
        recorder = Recorder(file, Same(b""), self._clock)
        recorder.note("recording", format=1, platform=platform, account=account_id, **facts)
        return recorder


class Nobody:
    def push_data_sync(self, snapshot: AccountSnapshot) -> None: ...


class Session:
    """`live`: what the adapter gave; `plain`: the recording as it was; `file`: the one that may be shown."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.site = site
        self.plain, self.folder = folder / "plain" / "as-it-was.jsonl", folder / "shown"
        self.live = AccountDataManager("acc-alpha", "douyin", Nobody(), now_ms)

    def take(self, observation: SurfaceObservation) -> None:
        self.live.apply_observation(observation)

    @property
    def file(self) -> Path:
        [file] = self.folder.glob("*.jsonl")
        return file


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorded(shared_site: Site, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Every surface is looked at, and a message arrives in between."""
    made = Session(tmp_path_factory.mktemp("recorded"), shared_site)
    recordings = AsItWas(made.plain.parent, now_ms)
    async with a_session(browser) as session:
        adapter = await an_owner(shared_site, session, "alpha", patience=0.1, recordings=recordings)
        async with adapter.listening(made.take):
            for surface in ("messages", *adapter.surfaces, "contents", "comments"):
                made.take(await adapter.observe(session, surface))
            shared_site.happen("alpha", "message", text="录下来的话 13800138000")
            await until(lambda: "录下来的话 13800138000" in texts(made.live.items["messages"]), "it is heard", 30)
            made.take(await adapter.observe(session, "messages"))  # what the page asked for because of it
    retell(made.plain, Recordings(made.folder, now_ms))
    return made


def texts(items: Any) -> set[str | None]:
    return {item.content for item in items.values()}


def retell(file: Path, recordings: Recordings) -> None:
    """Give what was kept as it was to a tape that replaces."""
    lines = read_lines(file)
    head = next(lines)
    facts = {"read_notices": head["read_notices"]}
    recorder = recordings.open(head["platform"], head["account"], WORDS, **facts)
    tape = Tape(recorder)
    for line in lines:
        match line["kind"]:
            case "answer":
                tape.answer(line["of"], line["query"], json.dumps(line["body"]).encode(), line["status"])
            case "people":
                tape.people(json.dumps(line["body"]).encode(), line["status"])
            case "im":
                tape.im(line["path"], base64.b64decode(line["bytes"]), line["status"])
            case "frame":
                tape.frame(base64.b64decode(line["bytes"]))
            case "memory":
                tape.memory(line["of"], line["objects"])
            case kind:
                recorder.note(kind, **{key: value for key, value in line.items() if key not in ("at", "kind")})


async def test_the_replay_gives_item_for_item_what_the_live_run_gave(recorded: Session) -> None:
    replayed, live = replay(recorded.plain), recorded.live.items
    for name, items in live.items():
        assert dict(replayed.items[name]) == items, name
    assert all(live.values())
    assert not any("canary page" in note or "Error" in note for note in replayed.notes), replayed.notes


async def test_with_everything_replaced_the_items_are_the_same_of_other_people(recorded: Session) -> None:
    plain, shown = replay(recorded.plain), replay(recorded.file)
    assert shown.notes == plain.notes
    others: dict[object, object] = {}
    for name, items in plain.items.items():
        given = list(shown.items[name].values())
        assert len(given) == len(items), name
        for one, other in zip(items.values(), given, strict=True):
            compare(msgspec.to_builtins(one), msgspec.to_builtins(other), others)
    assert len(set(map(str, others.values()))) == len(others), "two became one"


def compare(one: Any, other: Any, others: dict[object, object], key: str = "") -> None:
    """The same form, the same numbers, kinds and times; of names and ids always the same others."""
    assert type(one) is type(other), key
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for inner in one:
            compare(one[inner], other[inner], others, inner)
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), key
        for inner, another in zip(one, other, strict=True):
            compare(inner, another, others, key)
    elif isinstance(one, str) and key.lower().endswith("id") and one:
        assert others.setdefault(one, other) == other, key
    elif not isinstance(one, str):
        assert one == other or one >= KEPT, key
    elif key in ("type", "direction", "visibility"):
        assert one == other, key


async def test_no_name_no_text_no_id_and_no_token_is_in_a_recording(recorded: Session) -> None:
    kept = "\n".join(everything(recorded.file))
    for secret in secrets_of(recorded.site):
        assert secret not in kept, secret
    assert "13800138000" not in kept
    assert "acc-alpha" not in kept
    # It holds what it should hold: the check above finds these in the recording as it was.
    plain = "\n".join(everything(recorded.plain))
    found = [secret for secret in secrets_of(recorded.site) if secret in plain]
    assert len(found) > 100


def secrets_of(site: Site) -> Iterator[str]:
    """Everything by which somebody on the site is known, and every word that was written."""
    account, people = site.account("alpha"), site.people()
    for person in (account["owner"], *people.values()):
        yield from (person["uid"], person["sec_uid"], person["short_id"], person["nickname"])
    for work in account["works"]:
        yield from (work["aweme_id"], work["title"])
    for comment in account["comments"]:
        yield from (comment["cid"], comment["text"])
    for conversation in account["conversations"]:
        yield conversation["id"]
        for message in conversation["messages"]:
            yield from (message["server_id"], message["client_id"], message["text"])
    for notice in account["notices"]:
        yield notice["nid"]
    for cookie in site.cookies["alpha"]:
        yield cookie["value"]


def everything(file: Path) -> Iterator[str]:
    """A recording as text, with what is packed in it unpacked too."""
    yield file.read_text("utf-8")
    for line in read_lines(file):
        if "bytes" in line:
            raw = base64.b64decode(line["bytes"])
            yield raw.decode("utf-8", "replace")
            yield from (str(number) for number in numbers_in(raw))
            if line["kind"] == "frame":
                payload = PushFrame.FromString(raw).payload
                if payload.startswith(b"\x1f\x8b"):
                    payload = zlib.decompress(payload, wbits=31)
                yield payload.decode("utf-8", "replace")
                yield from (str(number) for number in numbers_in(payload))


def numbers_in(raw: bytes) -> Iterator[int]:
    """Every number that the bytes might hold, wherever it begins."""
    for at in range(len(raw)):
        value = shift = 0
        for byte in raw[at : at + 10]:
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if value >= KEPT:
            yield value


async def test_what_nobody_reads_is_listed(recorded: Session) -> None:
    replayed: Replayed = replay(recorded.file)
    unread = dict(replayed.unread.list_keys())
    assert "comments.comments[].is_hot" in unread
    assert "comments.comments[].text" not in unread
    assert any(place.endswith("first_page.participants.2") for place in replayed.unread.wire_fields)
