"""When an account was observed, as a client asks for it."""

from __future__ import annotations

import httpx
import pytest

from sync.hub import Hub
from sync.models import Observation
from sync.storage.database import in_database
from tests.im_api.conftest import NOW, Connect, check_refusal, get

HOUR = 3_600_000


def an_observation(surface: str, start: int, end: int, canary: str = "ok") -> None:
    Observation.objects.create(
        account_id="acc-a", surface=surface, entry="x", canary=canary, complete=True, start=start, end=end
    )


async def test_stretches_gaps_and_causes_are_told_by_surface(writing_hub: Hub, operator: httpx.AsyncClient) -> None:
    await in_database(an_observation, "messages", NOW - 30 * HOUR, NOW - 3 * HOUR)
    await in_database(an_observation, "messages", NOW - HOUR, NOW)
    await in_database(an_observation, "comments", NOW - HOUR, NOW, "page_changed")
    told = await get(operator, "/accounts/acc-a/coverage")
    assert (told["account_id"], told["since"], told["until"]) == ("acc-a", NOW - 24 * HOUR, NOW)
    assert told["surfaces"]["messages"] == {
        "stretches": [{"from": NOW - 24 * HOUR, "to": NOW - 3 * HOUR}, {"from": NOW - HOUR, "to": NOW}],
        "gaps": [{"from": NOW - 3 * HOUR, "to": NOW - HOUR, "cause": "not_observed"}],
    }
    assert told["surfaces"]["comments"] == {
        "stretches": [],
        "gaps": [{"from": NOW - HOUR, "to": NOW, "cause": "page_changed"}],
    }
    short = await get(operator, "/accounts/acc-a/coverage", hours=2)
    assert short["surfaces"]["messages"]["gaps"] == [
        {"from": NOW - 2 * HOUR, "to": NOW - HOUR, "cause": "not_observed"}
    ]


@pytest.mark.parametrize("hours", ["0", "-1", "169", "x", "1.5", ""])
async def test_a_wrong_window_is_refused(writing_hub: Hub, operator: httpx.AsyncClient, hours: str) -> None:
    check_refusal(await operator.get("/api/im/accounts/acc-a/coverage", params={"hours": hours}), 400)


async def test_a_stranger_learns_nothing(writing_hub: Hub, connect: Connect) -> None:
    for stranger in ("charlie", "bob"):
        check_refusal(await connect(stranger).get("/api/im/accounts/acc-a/coverage"), 404)
