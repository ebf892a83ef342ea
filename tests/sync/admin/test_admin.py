"""The owner's pages, as a browser gets them. Without a hub they say so; with one they show what it knows."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from html import unescape
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from sync.core.account.entries import Report
from sync.hub import Hub
from sync.models import Account, AccountSession, Observation, Worker
from sync.protocol.messages import Register, WireMessage
from sync.storage.records import Actor, Observed
from tests.servers import eventually
from tests.sync.histories import NOW, a_conversation, a_message, load, write_history
from tests.sync.threaded_hub import running_hub, settle

ACCOUNTS = "/admin/sync/account/"
WORKERS = "/admin/sync/worker/"


@pytest.fixture
def owner(transactional_db: None) -> Client:
    client = Client(enforce_csrf_checks=False)
    client.force_login(get_user_model().objects.create_superuser("owner"))
    return client


@pytest.fixture
def roses(transactional_db: None) -> Account:
    write_history(
        "roses",
        {"conversations": [a_conversation(1, unreadCount=2)], "messages": [a_message(1), a_message(2), a_message(3)]},
    )
    account = Account.objects.get(pk="roses")
    account.alias, account.worker = "小满花店", Worker.objects.create(name="w1")
    account.save()
    return account


@pytest.fixture
def hub(roses: Account) -> Iterator[Hub]:
    with running_hub() as hub:
        yield hub


class Link:
    number = 1
    is_confidential = True
    leases: Mapping[str, int] = MappingProxyType({"roses": 1})
    closed: int | None = None

    def close(self, code: int, reason: str) -> None:
        self.closed = code

    def assignments_changed(self) -> None: ...

    def order(self, account_id: str, message: WireMessage) -> bool:
        return False


def connect_worker(hub: Hub) -> Link:
    link, register = Link(), Register(worker_id="w1", host="atlas", version="0.1.0")
    hub.presence.connect("w1", link, register, hub.directory.workers["w1"].token_hash)
    return link


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return text_of(response)


def text_of(response: Any) -> str:
    """What a person reads, on one line."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def row_of(client: Client, path: str, starts_with: str) -> list[str]:
    """The cells of the row of a list whose first cell begins so."""
    body = client.get(path).content.decode()
    for row in re.findall(r"<tr>(.*?)</tr>", body[body.index("<tbody>") :], flags=re.S):
        cells = [
            re.sub(r"\s+", " ", unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", cell, flags=re.S))).strip()
            for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, flags=re.S)
        ][1:]
        if cells and cells[0].startswith(starts_with):
            return cells
    raise AssertionError(f"no row {starts_with!r}")


def act(client: Client, path: str, action: str, *ids: Any, **fields: str) -> Any:
    return client.post(path, {"action": action, "_selected_action": ids, **fields}, follow=True)


# -- accounts


def test_the_list_says_state_freshness_and_counts(owner: Client, hub: Hub) -> None:
    connect_worker(hub)
    view = hub.store.get_view("roses")
    report = Report(login_status="logged_in", worker_status="crawling")
    view = msgspec.structs.replace(view, report=report)
    hub.store.publish([view])
    hub.freshness.note(Observed("roses", [], hub.clock() - 28_000))
    cells = row_of(owner, ACCOUNTS, "小满花店")
    assert cells[:4] == ["小满花店 roses", "Douyin", "Running", "w1"]
    assert re.fullmatch(r"(28|29|30) s ago", cells[4])
    totals = view.totals
    assert cells[5:7] == [str(totals.needs_reply), str(totals.total_unread)]
    assert cells[7:] == ["1", "3", "0", "0", "0"]


def test_an_account_whose_worker_is_away_says_so(owner: Client, hub: Hub) -> None:
    assert row_of(owner, ACCOUNTS, "小满花店")[2] == "Its worker is not running"


def test_a_paused_account_says_so_and_is_found_by_its_state(owner: Client, hub: Hub) -> None:
    Account.objects.create(pk="tea", name="Tea")
    act(owner, ACCOUNTS, "pause", "roses")
    assert row_of(owner, ACCOUNTS, "小满花店")[2] == "Paused"
    assert "tea" not in page(owner, ACCOUNTS + "?needs=off")
    assert "roses" not in page(owner, ACCOUNTS + "?needs=act")


def test_without_a_hub_the_lists_work_and_say_it(owner: Client, roses: Account) -> None:
    cells = row_of(owner, ACCOUNTS, "小满花店")
    assert cells[2] == "Not known: no hub runs here"
    assert set(cells[4:]) == {"–"}
    assert "The hub is not running in this process" in page(owner, ACCOUNTS)
    assert row_of(owner, WORKERS, "w1")[1] == "Not known: no hub runs here"
    for path in (f"{ACCOUNTS}roses/change/", f"{ACCOUNTS}roses/delete/", f"{ACCOUNTS}?needs=act"):
        page(owner, path)


def test_a_new_account_is_of_a_platform_that_there_is(owner: Client, settings: Any) -> None:
    settings.PLATFORMS = ["douyin", "another"]
    body = owner.get(f"{ACCOUNTS}add/").content.decode()
    choices = body.partition('name="platform"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\w*)"', choices) == ["douyin", "another"]
    owner.post(f"{ACCOUNTS}add/", a_form(id="tea", platform="nowhere"))
    owner.post(f"{ACCOUNTS}add/", a_form(id="tea2", platform="another"))
    assert list(Account.objects.values_list("id", "platform")) == [("tea2", "another")]


def test_search_finds_by_alias_and_id(owner: Client, roses: Account) -> None:
    Account.objects.create(pk="tea", name="Tea")
    for query in ("小满", "roses"):
        assert row_of(owner, f"{ACCOUNTS}?q={query}", "小满花店")
        with pytest.raises(AssertionError):
            row_of(owner, f"{ACCOUNTS}?q={query}", "Tea")


def a_form(**fields: str) -> dict[str, str]:
    grants = {"grants-TOTAL_FORMS": "0", "grants-INITIAL_FORMS": "0"}
    facts = {"name": "Roses", "status": "active", "worker": "", "color": "#4b5563", "config": "{}"}
    return {**facts, **grants, **fields}


def test_an_account_is_added_by_hand(owner: Client, transactional_db: None) -> None:
    response = owner.post(f"{ACCOUNTS}add/", a_form(id="roses", platform="douyin", alias="小满", color="#B02A5C"))
    assert response.status_code == 302, text_of(response)
    account = Account.objects.get()
    assert (account.pk, account.alias, account.color, account.config) == ("roses", "小满", "#B02A5C", {})


def test_an_account_that_would_capture_stored_ids_is_refused_with_the_reason(owner: Client, roses: Account) -> None:
    write_history("roses", {"messages": [a_message(4, conversationId="conv_roses_2_9")]})
    response = owner.post(f"{ACCOUNTS}add/", a_form(id="roses_2", platform="douyin"))
    reason = "conv_roses_2_9, which account roses holds, would be an id of this account. Choose another id."
    assert reason in text_of(response)
    assert not Account.objects.filter(pk="roses_2").exists()


@pytest.mark.parametrize(("given", "stored"), [("#4b5563", ""), ("#3F4FD0", "#3F4FD0")])
def test_grey_is_no_colour_of_its_own(owner: Client, roses: Account, given: str, stored: str) -> None:
    owner.post(f"{ACCOUNTS}roses/change/", a_form(color=given))
    roses.refresh_from_db()
    assert roses.color == stored


@pytest.mark.parametrize("color", ["red", "url(x)", '#12345"'])
def test_a_colour_that_is_none_is_refused(owner: Client, roses: Account, color: str) -> None:
    response = owner.post(f"{ACCOUNTS}roses/change/", a_form(color=color))
    assert "A colour looks like #3F4FD0." in text_of(response)


def test_a_saved_form_takes_nothing_back_that_the_writer_did(owner: Client, hub: Hub) -> None:
    before = Account.objects.get(pk="roses")
    hub.clear_account("roses", Actor("test"))
    owner.post(f"{ACCOUNTS}roses/change/", a_form(alias="R", worker=str(before.worker_id)))
    after = Account.objects.get(pk="roses")
    assert (after.alias, after.lease_epoch) == ("R", before.lease_epoch)

    def is_told() -> bool:
        """The clearing is one version, the owner's word another, as soon as the hub has heard it."""
        return Account.objects.get(pk="roses").version == before.version + 2

    eventually(is_told, "both are in the log", 30)


def test_accounts_are_given_to_a_worker_after_a_question(owner: Client, roses: Account) -> None:
    other = Worker.objects.create(name="w2")
    asked = act(owner, ACCOUNTS, "assign", "roses")
    assert "Which worker crawls these accounts?" in text_of(asked)
    before = Account.objects.get()
    assert before.worker is not None
    assert before.worker.name == "w1"
    done = act(owner, ACCOUNTS, "assign", "roses", worker=str(other.pk), confirmed="Give")
    assert "1 account given to w2." in text_of(done)
    account = Account.objects.get()
    assert account.worker is not None
    assert (account.worker.name, account.lease_epoch) == ("w2", roses.lease_epoch + 1)
    act(owner, ACCOUNTS, "assign", "roses", worker="", confirmed="Give")
    assert Account.objects.get().worker is None


def test_pause_and_resume_leave_the_others_alone(owner: Client, roses: Account) -> None:
    Account.objects.create(pk="bad", name="Bad", status="banned")
    assert "1 account paused." in text_of(act(owner, ACCOUNTS, "pause", "roses", "bad"))
    assert dict(Account.objects.values_list("pk", "status")) == {"roses": "inactive", "bad": "banned"}
    assert "1 account resumed." in text_of(act(owner, ACCOUNTS, "resume", "roses", "bad"))
    assert dict(Account.objects.values_list("pk", "status")) == {"roses": "active", "bad": "banned"}


def test_clearing_says_what_is_lost_and_is_durable(owner: Client, hub: Hub) -> None:
    asked = act(owner, ACCOUNTS, "clear_data", "roses")
    assert "小满花店 (roses): 1 conversations, 3 messages, 0 comments, 0 works, 0 notices" in text_of(asked)
    assert len(hub.store.get_view("roses").messages) == 3
    done = act(owner, ACCOUNTS, "clear_data", "roses", confirmed="Clear")
    assert "1 account cleared." in text_of(done)
    assert len(hub.store.get_view("roses").messages) == len(load("roses").messages) == 0


def test_clearing_without_a_hub_changes_nothing(owner: Client, roses: Account) -> None:
    done = act(owner, ACCOUNTS, "clear_data", "roses", confirmed="Clear")
    assert "Nothing was cleared: the hub is not running" in text_of(done)
    assert len(load("roses").messages) == 3


def test_logging_out_destroys_the_stored_login_after_a_question(owner: Client, hub: Hub) -> None:
    AccountSession.objects.create(account_id="roses", sealed=b"x")
    assert "yes, encrypted" in page(owner, f"{ACCOUNTS}roses/change/")
    assert "scans a login code again" in text_of(act(owner, ACCOUNTS, "log_out", "roses"))
    assert AccountSession.objects.exists()
    assert "1 account logged out." in text_of(act(owner, ACCOUNTS, "log_out", "roses", confirmed="Log out"))
    assert not AccountSession.objects.exists()


def test_deleting_says_what_goes_and_the_hub_forgets_it(owner: Client, hub: Hub) -> None:
    assert "1 conversations, 3 messages" in page(owner, f"{ACCOUNTS}roses/delete/")
    owner.post(f"{ACCOUNTS}roses/delete/", {"post": "yes"})
    settle(hub)
    assert not Account.objects.exists()
    assert hub.store.account_ids() == []


def test_a_name_is_shown_as_it_is_and_never_executed(owner: Client, hub: Hub) -> None:
    Account.objects.create(pk="evil", name="<script>alert(1)</script>", color='"><script>')
    body = owner.get(ACCOUNTS).content.decode()
    assert "<script>alert(1)</script>" not in body
    assert '"><script>' not in body
    assert "&lt;script&gt;alert(1)" in body


# -- workers


def test_the_list_of_workers_says_who_is_there_and_how_loaded(owner: Client, hub: Hub) -> None:
    Worker.objects.create(name="w2", max_accounts=3)
    connect_worker(hub)
    cells = row_of(owner, WORKERS, "w1")
    assert cells[:5] == ["w1", "Online", "atlas", "0.1.0", "1 / 1"]
    assert cells[6:9] == ["0", "0 MB", "0 %"]
    assert re.fullmatch(r"\d s ago", cells[9])
    assert cells[10] == "none: it cannot connect"
    assert row_of(owner, WORKERS, "w2")[:6] == ["w2", "Not running", "–", "–", "0 / 0", "3"]


def test_a_new_worker_gets_its_token_and_command_once(owner: Client, transactional_db: None) -> None:
    response = owner.post(f"{WORKERS}add/", {"name": "atlas", "max_accounts": "0"})
    body = text_of(response)
    token = re.search(r"atlas:[\w-]{43}", body)
    assert token is not None
    assert Worker.objects.get().token_hash == hashlib.sha256(token[0].encode()).hexdigest()
    assert f"export IMHUB_WORKER_TOKEN={token[0]}" in body
    assert "manage.py runworker crawlers --hub ws://testserver/ws/worker/ --insecure" in body
    assert "no-store" in response.headers["Cache-Control"]
    assert token[0] not in repr(owner.cookies)
    pk = Worker.objects.get().pk
    for path in (WORKERS, f"{WORKERS}{pk}/change/", f"{WORKERS}{pk}/history/"):
        assert token[0] not in page(owner, path)


@pytest.mark.parametrize(
    ("public_url", "expected"),
    [
        ("https://hub.example.com:8443", "--hub wss://hub.example.com:8443/ws/worker/ I have it"),
        ("http://hub.lan", "--hub ws://hub.lan/ws/worker/ --insecure I have it"),
        ("http://127.0.0.1:8080", "--hub ws://127.0.0.1:8080/ws/worker/ I have it"),
    ],
)
def test_the_command_of_a_worker_leads_to_the_public_address(
    owner: Client, transactional_db: None, settings: Any, public_url: str, expected: str
) -> None:
    settings.PUBLIC_URL = public_url
    assert expected in text_of(owner.post(f"{WORKERS}add/", {"name": "atlas", "max_accounts": "0"}))


def test_a_new_token_refuses_the_one_before(owner: Client, hub: Hub) -> None:
    worker = Worker.objects.get(name="w1")
    link = connect_worker(hub)
    assert "Its token of now is refused at once" in text_of(act(owner, WORKERS, "new_token", worker.pk))
    shown = re.search(r"w1:[\w-]{43}", text_of(act(owner, WORKERS, "new_token", worker.pk, confirmed="Yes")))
    settle(hub)
    worker.refresh_from_db()
    assert shown is not None
    assert worker.token_hash == hashlib.sha256(shown[0].encode()).hexdigest()
    assert link.closed == 4001


def test_tokens_are_made_one_at_a_time(owner: Client, transactional_db: None) -> None:
    workers = [Worker.objects.create(name=name).pk for name in ("a", "b")]
    assert "Choose one worker" in text_of(act(owner, WORKERS, "new_token", *workers, confirmed="Yes"))
    assert set(Worker.objects.values_list("token_hash", flat=True)) == {""}


def test_deleting_a_worker_names_the_accounts_it_leaves(owner: Client, roses: Account) -> None:
    path = f"{WORKERS}{roses.worker_id}/delete/"
    assert "without a worker: 小满花店 (roses)" in page(owner, path)
    owner.post(path, {"post": "yes"})
    account = Account.objects.get()
    assert (account.worker, account.lease_epoch) == (None, roses.lease_epoch + 1)


# -- what was looked at


def test_observations_are_for_reading_only(owner: Client, roses: Account) -> None:
    Observation.objects.create(
        account=roses, surface="comments", entry="", canary="page_changed", complete=False, start=NOW, end=NOW + 1
    )
    path = "/admin/sync/observation/"
    assert "the platform's page changed: not readable" in page(owner, path)
    assert "小满花店" not in text_of(owner.get(f"{path}?canary=ok")).split("Filter")[0]
    assert owner.get(f"{path}add/").status_code == 403
    assert owner.post(f"{path}1/delete/", {"post": "yes"}).status_code == 403


# -- the site


@pytest.mark.parametrize("model", ["checkpoint", "generation", "hubinstance", "accountsession"])
def test_what_the_hub_keeps_for_itself_has_no_page(owner: Client, model: str) -> None:
    assert owner.get(f"/admin/sync/{model}/").status_code == 404


def test_the_pages_carry_no_inline_script_or_style(owner: Client, hub: Hub) -> None:
    token = owner.post(f"{WORKERS}add/", {"name": "atlas", "max_accounts": "0"}).content.decode()
    asked = act(owner, ACCOUNTS, "clear_data", "roses").content.decode()
    lists = [owner.get(path).content.decode() for path in ("/admin/", ACCOUNTS, WORKERS, f"{ACCOUNTS}roses/change/")]
    for body in (token, asked, *lists):
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", body)
        assert "<style" not in body
        assert not re.search(r"<[^>]+\s(style|on\w+)=", body)


def test_it_is_called_im_hub_and_lets_forms_say_where_they_come_from(owner: Client) -> None:
    body = owner.get("/admin/").content.decode()
    assert "| IM Hub</title>" in body
    assert '<meta name="referrer" content="same-origin">' in body


def test_people_who_are_no_owners_stay_out(transactional_db: None) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_user("mei"))
    assert client.get(ACCOUNTS).status_code == 302
