"""A worker and an operator of a hub that is copied meanwhile: `python -m tests.deploy.keeper write|read …`.

`write WORKER_TOKEN API_TOKEN FOLDER` runs imhub-backup while both go on, and says as JSON what was acknowledged before.
`read API_TOKEN` says what is there. It runs on the trial's machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import httpx

from tests.e2e.steady_worker import SteadyWorker
from tests.servers import Installation, eventually

PORT = 8000
ACCOUNT = "a"


def write(worker_token: str, api_token: str, folder: str) -> dict[str, Any]:
    place = cast(Installation, SimpleNamespace(port=PORT))
    with client(api_token) as operator, SteadyWorker(place, worker_token) as worker:
        eventually(lambda: len(worker.acknowledged) > 30, "some messages are acknowledged", 60)
        [conversation] = operator.get(f"/conversations?account_id={ACCOUNT}").json()["data"]["conversations"]
        operator.put(f"/conversations/{conversation['conversation_id']}/pin").raise_for_status()
        before = set(worker.acknowledged)
        done = subprocess.run(["/usr/local/bin/imhub-backup", folder], capture_output=True, text=True, check=True)
        eventually(lambda: len(worker.acknowledged) > len(before) + 10, "the worker goes on", 60)
    return {"before": sorted(before), "copy": done.stdout.strip(), "refused": worker.refused}


def read(api_token: str) -> dict[str, Any]:
    with client(api_token) as operator:
        conversations = operator.get(f"/conversations?account_id={ACCOUNT}").json()["data"]["conversations"]
        messages, cursor = list[str](), ""
        while cursor is not None:
            query = f"/messages?account_id={ACCOUNT}&count=200" + (f"&cursor={cursor}" if cursor else "")
            page = operator.get(query).json()["data"]
            messages += [message["msg_id"] for message in page["messages"]]
            cursor = page["cursor"]
    return {"messages": messages, "pinned": [conversation["is_pinned"] for conversation in conversations]}


def client(token: str) -> httpx.Client:
    headers = {"Authorization": f"Token {token}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{PORT}/api/im", headers=headers, timeout=30)


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    sys.stdout.write(json.dumps(write(*given) if what == "write" else read(*given)))
