"""A reply from the hub to the platform, for real: Chromium types what an operator wrote, and the ledger has it once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from demo.ids import conversation_id
from tests.e2e.cast import Cast, Operator, make_cast
from tests.sending_examples import find_example
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

COMMENTER = "200000000038"
WRITERS = ("200000000001", "200000000002", "200000000003", "200000000004")
"""Those who wrote private messages."""
QUICK = {
    "messages": {"apart_s": [1, 1], "per_hour": 1000, "per_day": 1000},
    "comments": {"apart_s": [1, 1], "per_hour": 1000, "per_day": 1000},
    "night": [0, 0],
}
WITHIN_S = 60


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    place = Installation(tmp_path_factory.mktemp("replies"))
    place.start_demo("--scenario", "contract", "--fans-interval", "0", "--phone-delay", "0.2")
    config = place.demo_config("alpha") | {"reply_mode": "send", "budget": QUICK, "evidence_s": 15.0}
    cast = make_cast(place, Operator("mei", {"alpha": "operate"}), configs={"alpha": config})
    place.start_hub()
    worker = place.start_worker(cast.worker_token)

    def all_there() -> bool:
        assert worker.alive, worker.tail()
        return len(conversations(cast)) > 3

    eventually(all_there, f"conversations\n{worker.tail()}", 90)
    yield cast
    place.stop()


def conversations(cast: Cast) -> list[dict[str, Any]]:
    return cast.place.walk("/api/im/conversations?account_id=alpha&count=50", "conversations", cast.tokens["mei"])


def write(cast: Cast, **body: Any) -> dict[str, Any]:
    """The reply as it was taken."""
    with cast.client("mei") as client:
        answer = client.post("/api/im/replies", json={"client_id": str(uuid4()), **body})
        assert answer.status_code == 201, answer.text
        reply: dict[str, Any] = answer.json()["data"]
        return reply


def ended(cast: Cast, reply: dict[str, Any]) -> dict[str, Any]:
    def end() -> dict[str, Any] | None:
        now: dict[str, Any] = cast.place.get(f"/api/im/replies/{reply['reply_id']}", cast.tokens["mei"])["data"]
        return now if now["ended_at"] is not None else None

    return eventually(end, "the end of the reply", WITHIN_S)


def test_a_reply_is_typed_sent_and_called_sent(crawled: Cast) -> None:
    talk, text = conversations(crawled)[1], "今天能送到，您放心。\n明天也行"
    reply = ended(crawled, write(crawled, conversation_id=talk["conversation_id"], text=text))
    assert (reply["state"], reply["reason"], reply["mode"]) == ("sent", None, "send")
    talks = crawled.place.truth("alpha")["conversations"]
    [uid] = [one["partner_uid"] for one in talks for m in one["messages"] if m["text"].startswith("今天能送到")]
    assert crawled.place.people()[uid]["sec_uid"] == talk["participant"]["user_id"]


def ask_demo(cast: Cast, path: str, body: dict[str, Any] | None = None) -> Any:
    """What its control room answers."""
    content = json.dumps(body).encode() if body is not None else None
    url = f"http://127.0.0.1:{cast.place.demo_port}/control/{path}"
    with urlopen(Request(url, content, {"Content-Type": "application/json"}), timeout=20) as answer:
        return json.load(answer)


def test_whoever_only_commented_is_written_to_once_and_the_second_waits_for_an_answer(crawled: Cast) -> None:
    """Nobody talked with this person yet: the way leads from the comment, which names him by another id."""
    truth, text = crawled.place.truth("alpha"), "您好，看到您的评论"
    ask_demo(crawled, "event", {"account": "alpha", "kind": "comment", "uid": COMMENTER, "text": "能私信吗"})
    token = crawled.tokens["mei"]

    def find_comment() -> dict[str, Any] | None:
        found = crawled.place.walk("/api/im/discussions?account_id=alpha&count=50", "discussions", token)
        return next((one for one in found if one["content"] == "能私信吗"), None)

    author = eventually(find_comment, "the comment", WITHIN_S)["author"]
    with crawled.client("mei") as client:
        person = {"user_id": author["author_id"], "user_name": author["author_name"]}
        answer = client.post("/api/im/conversations", json={"account_id": "alpha", "participant": person})
        assert answer.status_code == 201, answer.text
    talk = answer.json()["data"]
    assert ended(crawled, write(crawled, conversation_id=talk["conversation_id"], text=text))["state"] == "sent"
    [sent] = [one for one in ask_demo(crawled, "ledger?account=alpha") if one["text"] == text]
    with_whom = conversation_id(truth["owner"]["uid"], COMMENTER)
    assert (sent["to_uid"], sent["conversation_id"], sent["arrived"]) == (COMMENTER, with_whom, True)
    second = write(crawled, conversation_id=talk["conversation_id"], text="还在吗")
    with crawled.browser("mei") as browser:
        page = browser.get(f"/c/{talk['conversation_id']}?tab=all").text
    assert "Somebody who never wrote gets one message, until an answer comes." in page
    with crawled.client("mei") as client:
        assert client.delete(f"/api/im/replies/{second['reply_id']}").status_code == 200


def talk_with(cast: Cast, uid: str) -> dict[str, Any]:
    sec_uid = cast.place.people()[uid]["sec_uid"]
    return next(one for one in conversations(cast) if one["participant"]["user_id"] == sec_uid)


def answer_on_the_phone(cast: Cast, uid: str, talk: dict[str, Any], text: str) -> None:
    """Return when the hub has it."""
    there = conversation_id(cast.place.truth("alpha")["owner"]["uid"], uid)
    ask_demo(cast, "event", {"account": "alpha", "kind": "own_message", "conversation_id": there, "text": text})
    path = f"/api/im/conversations/{talk['conversation_id']}/messages"

    def is_read() -> bool:
        return any(one["content"] == text for one in cast.place.get(path, cast.tokens["mei"])["data"]["messages"])

    eventually(is_read, "the answer from the phone", WITHIN_S)


class Client:
    """An integrator's program: it knows docs/sending.md, the address of the hub and a token."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self._find = partial(find_example, folder=folder)
        self._cast = cast
        self.client = cast.async_client("mei")

    async def newest_of(self, conversation_id: str) -> Any:
        answer = await self.client.get(f"/api/im/conversations/{conversation_id}/messages")
        return answer.json()["data"]["messages"][0]

    async def send(self, conversation_id: str, text: str, seen: str) -> Any:
        return await self._find("send")(self.client, conversation_id, text, seen)

    async def watch(self, conversation_id: str, text: str) -> list[Any]:
        body = {"client_id": str(uuid4()), "conversation_id": conversation_id, "text": text}
        socket = f"ws://127.0.0.1:{self._cast.place.port}/ws/im/"
        return [reply async for reply in self._find("watch")(self.client, socket, "alpha", body)]

    async def take_back(self, conversation_id: str, text: str) -> bool:
        """Write a reply and take it back at once."""
        body = {"client_id": str(uuid4()), "conversation_id": conversation_id, "text": text}
        reply = (await self.client.post("/api/im/replies", json=body)).raise_for_status().json()["data"]
        return await self.cancel(reply["reply_id"])

    async def cancel(self, reply_id: str) -> bool:
        return bool(await self._find("cancel")(self.client, reply_id))

    async def retry(self, reply_id: str) -> Any:
        return await self._find("retry")(self.client, reply_id)


@pytest.mark.soak
async def test_a_program_sends_watches_cancels_and_retries_with_what_docs_say(crawled: Cast, tmp_path: Path) -> None:
    """Each example of the page runs as it stands there, and the ledger has what it was told."""
    talks = [talk_with(crawled, uid) for uid in WRITERS]
    first, second, third, fourth = (one["conversation_id"] for one in talks)
    program = Client(crawled, tmp_path)
    async with program.client, asyncio.timeout(4 * WITHIN_S):
        seen = (await program.newest_of(first))["msg_id"]
        sent = await program.send(first, "文档：第一条", seen)
        assert (sent["state"], sent["text"]) == ("sent", "文档：第一条")
        assert await program.take_back(third, "文档：撤回我")
        assert not await program.cancel(sent["reply_id"])
        watched = [one["state"] for one in await program.watch(second, "文档：看着它走")]
        assert (watched[0], watched[-1]) == ("held", "sent")
        assert {"queued", "typing", "pressing"} <= set(watched)
        await asyncio.to_thread(answer_on_the_phone, crawled, WRITERS[0], talks[0], "文档：手机上答的")
        assert (await program.send(first, "文档：第二条", seen))["content"] == "文档：手机上答的"
        ask_demo(crawled, "switches", {"account": "alpha", "message_outcome": "never", "outcome_times": 1})
        lost = await program.send(fourth, "文档：再试", (await program.newest_of(fourth))["msg_id"])
        assert (lost["state"], lost["reason"]["code"]) == ("unknown", "no_evidence")
        again = await program.retry(lost["reply_id"])
        assert (again["state"], again["retry_of"]) == ("held", lost["reply_id"])
        ended_so = await asyncio.to_thread(ended, crawled, again)
    assert ended_so["state"] == "sent"
    arrived = [one["text"] for one in ask_demo(crawled, "ledger?account=alpha&arrived=1")]
    assert sorted(text for text in arrived if text.startswith("文档：")) == [
        "文档：再试",
        "文档：看着它走",
        "文档：第一条",
    ]
