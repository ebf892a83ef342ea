"""Makes the recording of `tests/data/recordings` anew: `python -m tests.crawler.platforms.douyin.make_recording`.

A worker's adapter on the demo site, recorded as `runworker crawlers --record` does. What its replay gives is written
beside it. Commit both; an older recording is kept under another name as long as its form is to be read.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import Browser

from crawler.platforms.base import SurfaceObservation
from crawler.recording.recorder import Recordings
from crawler.replay import Replayed, replay
from crawler.worker_options import now_ms
from tests.browsers import running_async_browser
from tests.crawler.platforms.douyin.site import Site, a_session, a_site, an_owner
from tests.waiting import until

KEPT = Path(__file__).parents[3] / "data" / "recordings"
NAME = "douyin-demo-1"
NAMESAKE = "99887766554"


def told(replayed: Replayed) -> dict[str, Any]:
    """What a replay gives, as JSON."""
    items = {name: [msgspec.to_builtins(one) for one in held.values()] for name, held in replayed.items.items()}
    unread = [*replayed.unread.list_keys(), *sorted(replayed.unread.wire_fields.items())]
    return {"items": items, "notes": replayed.notes, "unread": [place for place, _ in unread]}


async def record(site: Site, browser: Browser, folder: Path) -> None:
    """Every surface, both pages of comments, and what happens while the page of messages is open."""
    before_them(site)
    seen: list[SurfaceObservation] = []
    async with a_session(browser) as session:
        adapter = await an_owner(site, session, "alpha", patience=0.1, recordings=Recordings(folder, now_ms))
        async with adapter.listening(seen.append):
            for surface in ("messages", *adapter.surfaces, "contents", "comments"):
                await adapter.observe(session, surface)
            site.switch("alpha", new_comments=True, unanswered=True)
            await adapter.observe(session, "comments")
            await while_it_is_open(site, seen)


def before_them(site: Site) -> None:
    """Namesakes, a folded conversation, a mention, a comment with a picture, one message of each kind."""
    conversations = site.account("alpha")["conversations"]
    name = site.people()[conversations[0]["partner_uid"]]["nickname"]
    site.happen("alpha", "message", uid=NAMESAKE, nickname=name, text="我是另一个人，微信 abc123456")
    site.happen("alpha", "fold", conversation_id=conversations[1]["id"])
    site.happen("alpha", "mention")
    site.happen("alpha", "comment", text="", images=1)
    for kind in ("sticker", "system", "voice", "card", "call", "profile", "new"):
        site.happen("alpha", "message", conversation_id=conversations[2]["id"], as_kind=kind, text="小李")


async def while_it_is_open(site: Site, seen: list[SurfaceObservation]) -> None:
    conversation = site.account("alpha")["conversations"][3]["id"]
    written = site.happen("alpha", "message", conversation_id=conversation, text="电话 13800138000")
    site.happen("alpha", "recall", server_id=written["id"])
    site.happen("alpha", "own_message", conversation_id=conversation, text="好的")
    site.happen("alpha", "unfold", conversation_id=site.account("alpha")["conversations"][1]["id"])
    site.happen("alpha", "read", conversation_id=conversation)
    await until(lambda: any(one.items["conversations"] for one in seen[-1:]), "it is heard", 30)
    await asyncio.sleep(1)  # For a person at a keyboard: no test.


async def record_in_browser(site: Site, folder: Path) -> None:
    async with running_async_browser() as browser:
        await record(site, browser, folder)


def main() -> None:
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, a_site(Path(place), "--scenario", "contract") as site:
        folder = Path(place) / "recorded"
        asyncio.run(record_in_browser(site, folder))
        [file] = folder.glob("*.jsonl")
        shutil.copy(file, KEPT / f"{NAME}.jsonl")
    expected = msgspec.json.format(msgspec.json.encode(told(replay(KEPT / f"{NAME}.jsonl"))), indent=1)
    (KEPT / f"{NAME}.json").write_bytes(expected + b"\n")


if __name__ == "__main__":
    main()
