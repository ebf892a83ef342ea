from collections.abc import Mapping
from types import MappingProxyType

import httpx

from sync.hub import Hub
from sync.protocol.messages import AccountUse, Heartbeat, Register, WireMessage
from sync.writing.jobs import Done, Refused
from tests.im_api.builders import T0
from tests.im_api.conftest import NOW


class FakeLink:
    number = 1
    is_confidential = True
    leases: Mapping[str, int] = MappingProxyType({"acc-a": 1})

    def close(self, code: int, reason: str) -> None: ...

    def assignments_changed(self) -> None: ...

    def order(self, account_id: str, message: WireMessage) -> bool:
        return False


def with_a_worker(hub: Hub) -> None:
    link = FakeLink()
    hub.presence.connect("w1", link, Register(worker_id="w1", host="pc", version="1.2"), "x")
    uses = {"acc-a": AccountUse(memory_mb=2, cpu_percent=25, pages=1, leaked=3)}
    beat = Heartbeat(worker_id="w1", active_tasks=2, memory_mb=300.5, cpu_percent=7, accounts=uses)
    hub.presence.heartbeat("w1", link, beat)
    hub.receiver.statistics.note("acc-a", size=1000, failed=False, at=NOW - 5)
    hub.receiver.statistics.note("acc-a", size=10, failed=True, at=NOW - 1)
    hub.receiver.statistics.note_outcome(
        Done(hub.store.get_view("acc-a"), True, [], hub.store.get_view("acc-a")), 0.003
    )
    hub.receiver.statistics.note_outcome(Refused("busy", "later"), 0.0001)
    hub.lateness.note(0.0004)


async def test_the_status_says_what_is_held_received_and_connected(olivia: httpx.AsyncClient, hub: Hub) -> None:
    with_a_worker(hub)
    body = (await olivia.get("/api/v1/status")).json()
    assert set(body) == {"success", "data"}
    assert body["success"] is True
    data = body["data"]
    assert set(data) == {"version", "uptime", "workers", "dataStore", "dataSync"}
    assert data["version"] == "0.1.0"
    assert isinstance(data["uptime"], int)
    assert data["workers"] == {
        "total": 1,
        "online": 1,
        "items": [
            {
                "name": "w1",
                "online": True,
                "host": "pc",
                "version": "1.2",
                "connectedAt": NOW,
                "lastHeartbeatAt": NOW,
                "activeTasks": 2,
                "memoryMb": 300.5,
                "cpuPercent": 7,
                "accounts": ["acc-a"],
            }
        ],
    }
    store = data["dataStore"]
    assert store.pop("memoryBytes") > 1_000_000
    assert 1_000 < store.pop("accountBytes") < 1_000_000
    assert store == {
        "totalAccounts": 3,
        "totalComments": 4 + 1 + 10,
        "totalContents": 2 + 1 + 5,
        "totalConversations": 3 + 1 + 29,
        "totalMessages": 6 + 1 + 10,
        "totalNotifications": 2 + 1,
        "orphanComments": 1 + 7,
        "orphanMessages": 1,
        "residentAccounts": 3,
        "evictedAccounts": 0,
        "accountBytesLimit": 0,
        "bodyReads": 0,
        "lastUpdate": T0 + 90 * 60_000,
    }
    assert data["dataSync"] == {
        "totalReceived": 2,
        "totalFailed": 1,
        "lastReceiveTime": NOW - 1,
        "accounts": [{"accountId": "acc-a", "received": 2, "failed": 1, "bytes": 1010, "lastReceiveTime": NOW - 1}],
    }


async def test_a_worker_that_is_away_is_listed_without_what_only_it_knows(olivia: httpx.AsyncClient) -> None:
    workers = (await olivia.get("/api/v1/status")).json()["data"]["workers"]
    assert (workers["total"], workers["online"]) == (1, 0)
    assert workers["items"][0]["host"] is None


async def test_the_account_of_a_connected_worker_shows_what_it_reports(olivia: httpx.AsyncClient, hub: Hub) -> None:
    with_a_worker(hub)
    users = (await olivia.get("/api/im/accounts")).json()["data"]["users"]
    assert [user["worker_status"] for user in users] == ["waiting"] * 3


async def test_metrics_are_prometheus_text(olivia: httpx.AsyncClient, hub: Hub) -> None:
    with_a_worker(hub)
    response = await olivia.get("/metrics", headers={"Accept": "application/openmetrics-text, text/plain, */*;q=0.1"})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = response.text.splitlines()
    for line in (
        "imhub_accounts 3.0",
        'imhub_items{collection="messages"} 17.0',
        'imhub_unread{kind="discussions"} 1.0',
        "imhub_workers 1.0",
        "imhub_workers_online 1.0",
        'imhub_account_page_bytes{account="acc-a"} 2.097152e+06',
        'imhub_account_page_cpu{account="acc-a"} 0.25',
        'imhub_account_pages_leaked{account="acc-a"} 3.0',
        "imhub_snapshots_received_total 2.0",
        "imhub_snapshots_failed_total 1.0",
        "imhub_received_bytes_total 1010.0",
        "imhub_snapshots_changed_total 1.0",
        'imhub_snapshots_refused_total{code="busy"} 1.0',
        'imhub_sync_seconds_bucket{le="0.0025"} 1.0',
        'imhub_sync_seconds_bucket{le="0.005"} 2.0',
        "imhub_sync_seconds_count 2.0",
        "imhub_writer_queue_jobs 0.0",
        "imhub_writer_queue_bytes 0.0",
        'imhub_loop_lateness_seconds_bucket{le="0.001"} 1.0',
    ):
        assert line in lines
    assert (await olivia.get("/metrics/")).status_code == 200
