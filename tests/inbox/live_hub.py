"""What the browser tests of a live page need around it: a wire to cut, and a worker that reports what it is told to."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import ExitStack, suppress
from typing import Any

from websockets.sync.client import connect

from im_api.models import Grant
from sync.models import Account, Worker
from sync.worker.tokens import new_worker_token
from tests.inbox.inbox_data import add_user, seed
from tests.sync.histories import a_conversation, write_history

NAMES = {"roses": "小满花店", "tea": "山野茶舍", "food": "探店小李", "craft": "阿花手作", "dress": "小服装仓"}
HOST = "前台电脑"


def seed_live() -> None:
    """Five accounts of one worker; mei may act for two of them. Prints the worker's token."""
    seed()
    worker = Worker.objects.create(name="office")
    for account_id, name in NAMES.items():
        if account_id not in ("roses", "tea"):
            write_history(account_id, {"conversations": [a_conversation(70)]}, now=time.time_ns() // 1_000_000)
        Account.objects.filter(pk=account_id).update(alias=name, worker=worker)
    mei = add_user("mei")
    for account_id in ("roses", "tea"):
        Grant.objects.create(user=mei, account_id=account_id, level="operate")
    print(f"token={new_worker_token(worker)}")


def name_of(conversation: int | str) -> str:
    return conversation if isinstance(conversation, str) else f"c{conversation}"


class Wire:
    """A TCP proxy on a port of its own. `cut` ends every connection and takes no new one until `mend`."""

    def __init__(self, to_port: int) -> None:
        self._to = ("127.0.0.1", to_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._is_cut = True
        for one in list(self._open):
            self._end(one)

    def mend(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        if self._is_cut:
            near.close()
            return
        try:
            far = socket.create_connection(self._to)
        except OSError:
            near.close()
            return
        self._open |= {near, far}
        if self._is_cut:  # while it was made
            self._end(near)
            self._end(far)
        threading.Thread(target=self._copy, args=(far, near), daemon=True).start()
        self._copy(near, far)

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        self._end(source)
        self._end(target)

    def _end(self, one: socket.socket) -> None:
        self._open.discard(one)
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


class Reporter:
    """The worker: says what a test wants it to have seen."""

    CAPABILITIES: tuple[str, ...] = ()

    def __init__(self, port: int, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"ws://127.0.0.1:{port}/ws/worker/"
        self._open = ExitStack()
        self._socket = self._open.enter_context(connect(url, additional_headers=headers, close_timeout=1))
        self._asked = 0
        register = {"worker_id": "office", "host": HOST, "version": "1", "max_accounts": 10}
        self._ask("worker:register", register | {"capabilities": list(self.CAPABILITIES)})
        for account_id in NAMES:
            self.report(account_id)
            self.look(account_id)

    def report(self, account_id: str, login: str = "logged_in") -> None:
        status = {"account_id": account_id, "worker_status": "crawling", "login_status": login}
        self._ask("worker:account:status", {"account_statuses": [status]})

    def look(self, account_id: str, surface: str = "messages", *, seconds_ago: float = 0, canary: str = "ok") -> None:
        at = time.time_ns() // 1_000_000 - int(seconds_ago * 1000)
        seen = {"surface": surface, "from": at, "to": at, "canary": canary}
        self._ask("worker:data:delta", {"accountId": account_id, "platform": "douyin", "observed": [seen]})

    def say(self, account_id: str, number: int, text: str, conversation: int | str = 1, name: str = "李一") -> None:
        """Somebody writes to the account."""
        said = {"direction": "inbound", "senderId": f"u{conversation}", "senderName": name}
        self._tell(account_id, number, text, conversation, said)

    def answer(self, account_id: str, number: int, text: str, conversation: int = 1) -> None:
        """The account's owner writes on the phone."""
        self._tell(account_id, number, text, conversation, {"direction": "outbound", "senderId": "me"})

    def _tell(self, account_id: str, number: int, text: str, conversation: int | str, said: dict[str, str]) -> None:
        now = time.time_ns() // 1_000_000
        message = {
            "id": f"n{number}", "messageId": f"n{number}", "conversationId": name_of(conversation), "content": text,
            "createdAt": now, **said,
        }  # fmt: skip
        snapshot = {"platform": "douyin", "data": {"messages": [message]}, "partial": ["messages"]}
        whole = {"accountId": account_id, "platform": "douyin", "timestamp": now, "snapshot": snapshot}
        self._ask("worker:data:sync", whole)

    def leave(self) -> None:
        self._open.close()

    def _ask(self, type: str, payload: dict[str, Any]) -> None:
        self._asked += 1
        self._send(type, payload, f"r{self._asked}")
        while (answer := self._read(60)).get("requestId") != f"r{self._asked}":
            pass
        assert answer["payload"].get("success", True), answer

    def _send(self, type: str, payload: dict[str, Any], request_id: str) -> None:
        frame = {"type": type, "version": "v1", "timestamp": 1, "payload": payload, "requestId": request_id}
        self._socket.send(json.dumps(frame))

    def _read(self, within_s: float) -> Any:
        """Return the next frame of the hub. Raises TimeoutError."""
        return json.loads(self._socket.recv(within_s))
