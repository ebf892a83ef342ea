"""A whole client of the push socket: it misses nothing, whatever happens to the connection.

The page of the API and README.md show it as it stands below this text; a test runs it.
"""

# --
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def follow(
    url: str, token: str, read: Callable[[str], Awaitable[int]], apply: Callable[[str, str, Any], object]
) -> None:
    """Keep a copy of all accounts. `read` reads one by REST and returns its IMHub-Seq; `apply` takes an event."""
    known: dict[str, dict[str, Any]] = {}  # account -> epoch and seq; keep it on disk, and a restart misses nothing
    async for socket in connect(url, additional_headers={"Authorization": f"Token {token}"}):
        with suppress(ConnectionClosed):  # cut off, or too slow: connect again, and ask for what was missed
            await socket.send(json.dumps({"type": "subscribe", "accounts": "all", "since": known}))
            async for text in socket:
                frame = json.loads(text)
                places = {"subscribed": frame.get("accounts", {}), "reset": {frame.get("account", ""): frame}}
                for account, place in places.get(frame["type"], {}).items():
                    if frame["type"] == "reset" or account not in known:  # new here, or too much was missed
                        known[account] = {"epoch": place["epoch"], "seq": await read(account)}
                if frame["type"] == "event" and frame["seq"] > known.get(frame["account"], frame)["seq"]:
                    known[frame["account"]]["seq"] = frame["seq"]
                    apply(frame["account"], frame["kind"], frame["data"])
