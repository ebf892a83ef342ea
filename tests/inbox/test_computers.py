"""Adding a computer from the accounts page: a code, the commands, and what came of it; by its owner alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from sync.directory import hash_token
from sync.hub import Hub
from sync.models import Account, Worker
from sync.protocol.messages import Register
from tests.inbox.test_login import Link
from tests.inbox.test_owner import hub, in_words, lin, mei, operator, owner, saved

__all__ = ["hub", "lin", "mei", "operator", "owner"]


def pair(client: Client, code: Any, **headers: Any) -> Any:
    return client.post("/api/im/pair", {"code": code}, content_type="application/json", **headers)


def code_on(client: Client, path: str) -> str:
    found = re.findall(r"--pair (\w{6}) ", client.get(path).content.decode())
    assert len(set(found)) == 1
    return str(found[0])


def test_a_computer_with_a_chinese_name_is_added_paired_and_seen(owner: Client, hub: Hub) -> None:
    path = saved(owner, "/accounts/computers/add", {"label": " 前台电脑 "})
    assert path == "/accounts/computers/computer-1"
    page = in_words(owner.get(path))
    code = code_on(owner, path)
    assert f"py bootstrap.py worker --pair {code} --hub http://testserver" in page
    assert page.count(f"python3 bootstrap.py worker --pair {code} --hub http://testserver") == 2
    assert "Waiting for “前台电脑” to connect. The code is good once, for 10 more minutes." in page
    answer = pair(Client(), f"{code[:3]}-{code[3:]}".lower())
    assert answer.status_code == 200
    given = answer.json()["data"]
    assert (given["worker"], given["label"]) == ("computer-1", "前台电脑")
    assert Worker.objects.get().token_hash == hash_token(given["token"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert pair(Client(), code).status_code == 404
    assert "“前台电脑” has used the code and is starting." in in_words(owner.get(path))
    assert "no longer good" not in in_words(owner.get(path))
    register = Register(worker_id="computer-1", host="DESKTOP-7")
    hub.on_loop(lambda: hub.presence.connect("computer-1", Link(), register, hash_token(given["token"])))
    assert "“前台电脑” is connected. Choose it for an account" in in_words(owner.get(path))
    Account.objects.all().delete()
    hub._read_directory()
    assert "“前台电脑” is connected. Now add the account that it is to read." in in_words(owner.get(path))
    in_chinese = in_words(owner.get(path, HTTP_ACCEPT_LANGUAGE="zh-hans"))
    assert "「前台电脑」已连上。现在添加要由它读取的账号。" in in_chinese
    form = owner.get("/accounts/add").content.decode()
    assert '<option value="computer-1" selected>前台电脑</option>' in form


def test_a_new_code_ends_the_one_before(owner: Client, hub: Hub) -> None:
    path = saved(owner, "/accounts/computers/add", {"label": "office"})
    first = code_on(owner, path)
    assert saved(owner, f"{path}/code", {}) == path
    assert pair(Client(), first).status_code == 404
    assert pair(Client(), code_on(owner, path)).json()["data"]["worker"] == "office"


@pytest.mark.parametrize("label", ["", "   ", "长" * 61, "a\0b"])
def test_a_computer_needs_a_name(owner: Client, hub: Hub, label: str) -> None:
    response = owner.post("/accounts/computers/add", {"label": label})
    assert response.status_code == 422
    assert "Give it a name of at most 60 characters." in in_words(response)
    assert not Worker.objects.exists()


def test_two_computers_have_two_names(owner: Client, hub: Hub) -> None:
    saved(owner, "/accounts/computers/add", {"label": "前台"})
    response = owner.post("/accounts/computers/add", {"label": "前台"})
    assert (response.status_code, "There is such a computer already." in in_words(response)) == (422, True)
    assert saved(owner, "/accounts/computers/add", {"label": "后台"}) == "/accounts/computers/computer-2"


def test_nobody_but_the_owner_adds_a_computer(operator: Client, owner: Client, hub: Hub) -> None:
    path = saved(owner, "/accounts/computers/add", {"label": "office"})
    for address in ("/accounts/computers/add", path, f"{path}/code"):
        assert operator.post(address).status_code in (403, 405)
        assert Client().post(address).status_code in (302, 405)
    assert operator.get(path).status_code == 403
    assert owner.get("/accounts/computers/nothing").status_code == 404
    assert owner.post("/accounts/computers/nothing/code").status_code == 404


@pytest.mark.parametrize("code", ["", "ABC", "ABCDEF", "字字字字字字", None, 5, ["ABCDEF"], "x" * 100])
def test_a_wrong_code_gives_nothing(hub: Hub, code: Any) -> None:
    assert pair(Client(), code).status_code in (400, 404)
    assert not Worker.objects.exists()


def test_who_guesses_is_slowed_down(owner: Client, hub: Hub) -> None:
    code = code_on(owner, saved(owner, "/accounts/computers/add", {"label": "office"}))
    for _ in range(5):
        assert pair(Client(), "222222").status_code == 404
    refused = pair(Client(), code)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert pair(Client(), code, REMOTE_ADDR="10.0.0.9").status_code == 200
