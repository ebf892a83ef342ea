"""What a person, a client and a worker see of a hub from outside: over HTTP and websockets, in plain JSON."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

WITHIN_S = 60
ACCOUNTS = ("roses", "tea", "books")
LISTS = ("conversations", "messages", "contents", "discussions", "notifications")
OF_ALL = (
    "/accounts?count=50",
    "/unified-messages?account_id=all&count=200",
    "/unified-messages/stats?account_id=all",
    "/threads?account_id=all&count=200",
    "/threads?account_id=all&count=200&sort=waiting&needs_reply=true",
    "/threads?account_id=all&count=200&is_muted=true",
    "/saved-replies?count=50",
)
OF_ROSES = (
    "/conversations?account_id=roses&is_pinned=true&count=50",
    "/conversations/conv_roses_jo",  # the older id of a conversation that was met
    "/conversations/conv_roses_jo/messages?count=50",
    "/conversations/conv_roses_kim",
    "/conversations/conv_roses_gus",
    "/messages?account_id=roses&is_deleted=true&count=50",
    "/messages?account_id=roses&is_recalled=true&count=50",
    "/messages?account_id=roses&is_read=false&count=50",
    "/contents/cont_roses_w1/stats",
    "/discussions/comm_roses_c2/replies?count=50",
    "/people/roses/mia/note",
    "/people/roses/jo/note",
    "/people/roses/ben/note",
    "/people/roses/a-c4/note",
)
FEW = ("/accounts?count=50", "/unified-messages/stats?account_id=all", "/saved-replies?count=50")

Answers = dict[str, Any]
"""By path below /api/im: the data of the answer."""


def all_paths() -> list[str]:
    lists = [f"/{name}?account_id={account}&count=200" for account in ACCOUNTS for name in LISTS]
    return [*OF_ALL, *lists, *OF_ROSES]


class Person:
    """Who asks the API with a token."""

    def __init__(self, port: int, token: str) -> None:
        headers = {"Authorization": f"Token {token}"}
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/im", headers=headers, timeout=WITHIN_S)

    async def __aenter__(self) -> Person:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def do(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self._client.request(method, path, json=body)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json()["data"]

    async def get(self, paths: Iterable[str]) -> Answers:
        return {path: await self.do("GET", path) for path in paths}

    async def positions(self) -> list[str]:
        """The versions and the numbers of events of all accounts, as headers tell them."""
        answer = await self._client.get("/unified-messages/stats?account_id=all")
        return [answer.headers["IMHub-Version"], answer.headers["IMHub-Seq"]]


async def hear(port: int, token: str, since: dict[str, Any] | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A client of the push socket that comes back: (account -> its position, the events that were missed)."""
    headers = {"Authorization": f"Token {token}"}
    heard: list[dict[str, Any]] = []
    address = f"ws://127.0.0.1:{port}/ws/im/"
    async with connect(address, additional_headers=headers, proxy=None) as client, asyncio.timeout(WITHIN_S):
        await client.send(json.dumps({"type": "subscribe", "accounts": "all", "since": since}))
        await client.send(json.dumps({"type": "ping"}))
        positions: dict[str, Any] = {}
        while (frame := json.loads(await client.recv()))["type"] != "pong":
            if frame["type"] == "subscribed":
                positions = frame["accounts"]
            elif frame["type"] != "fresh":
                heard.append(frame)
    return positions, heard


@asynccontextmanager
async def worker_socket(port: int, token: str) -> AsyncIterator[ClientConnection]:
    headers = {"Authorization": f"Bearer {token}"}
    address = f"ws://127.0.0.1:{port}/ws/worker/"
    async with connect(address, additional_headers=headers, proxy=None) as worker, asyncio.timeout(WITHIN_S):
        yield worker


async def replay(worker: ClientConnection, texts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Sends a worker's old frames, each request after the answer to the one before -> the answers by request."""
    answers: dict[str, dict[str, Any]] = {}
    texts = list(texts)
    for index, text in enumerate(texts):
        await worker.send(text)
        request = json.loads(text).get("requestId")
        later = (json.loads(other).get("requestId") for other in texts[index + 1 :])
        if request is None or json.loads(text)["type"].startswith("master:") or request in later:
            continue  # an answer itself, or a part that others follow
        while (frame := json.loads(await worker.recv())).get("requestId") != request:
            pass
        answers[request] = frame
    return answers


TIMES = {
    "messages": "create_time",
    "contents": "publish_time",
    "discussions": "created_at",
    "notifications": "created_at",
    "threads": "update_time",
}


OF_A_MESSAGE = {"content", "media_url", "media_thumbnail", "file_name"}
ANSWERED_BY_US = {"comm_roses_c6"}


def as_today(path: str, answer: Any) -> Any:
    """An answer of an older version, with the four things in which its values are not today's.

    It listed equal times by ascending id; of one time the platform's order decides, from the latest to the earliest.
    It showed a time of the last sync, after a restart, for an account that no worker ever reported on.
    It counted ourselves among the people of a comment thread.
    It gave the words and the media of a recalled message.
    """
    answer = without_recalled_words(answer)
    if isinstance(answer, dict) and "threads" in answer:
        answer = answer | {"threads": [_without_us(row) for row in answer["threads"]]}
    if isinstance(answer, dict) and "users" in answer:
        return answer | {"users": [_without_a_sync(user) for user in answer["users"]]}
    for name, rows in answer.items() if isinstance(answer, dict) and "sort=waiting" not in path else ():
        if isinstance(rows, list) and (name in TIMES or name == "conversations"):
            return answer | {name: sorted(rows, key=partial(_place_of, name), reverse=True)}
    return answer


def without_recalled_words(answer: Any) -> Any:
    """An answer, or events, of an older version, where recalled messages have neither words nor media."""
    if isinstance(answer, list):
        return [without_recalled_words(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    taken_back = OF_A_MESSAGE & answer.keys() if answer.get("is_recalled") else ()
    return {key: without_recalled_words(value) for key, value in answer.items()} | dict.fromkeys(taken_back)


def _without_us(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"people_count": row["people_count"] - 1} if row["thread_id"] in ANSWERED_BY_US else row


def _without_a_sync(user: dict[str, Any]) -> dict[str, Any]:
    never = user.get("seen_at") == {} and user["login_status"] == "unknown"
    return user | {"last_sync_time": None} if never else user


def _place_of(name: str, row: dict[str, Any]) -> tuple[Any, ...]:
    if name == "conversations":
        time = (row["last_message"] or {}).get("create_time") or row["update_time"]
    else:
        time = row[TIMES[name]]
    item_id = row["thread_id"] if name == "threads" else row[f"{'msg' if name == 'messages' else name[:-1]}_id"]
    platform = re.sub(f"^(msg|conv|cont|comm|notif)_({'|'.join(ACCOUNTS)})_", "", item_id)
    pinned = name in ("conversations", "threads") and row["is_pinned"]
    return pinned, time is not None, time, len(platform), platform, item_id


def differences(new: Any, old: Any, place: str = "$") -> list[str]:
    """Where `new` does not say what `old` said. It may say more: new keys."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            line
            for name, value in old.items()
            for line in (
                differences(new[name], value, f"{place}.{name}") if name in new else [f"{place}.{name} is missing"]
            )
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(new, old, strict=True))
        return [line for index, (one, other) in pairs for line in differences(one, other, f"{place}[{index}]")]
    return [] if new == old else [f"{place}: {new!r}, it was {old!r}"]
