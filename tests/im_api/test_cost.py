"""What one request may cost the others."""

import pytest

from sync.hub import Hub
from sync.protocol.ids import owner_of
from tests.im_api.conftest import Connect, check_refusal


class Asked(set[str]):
    """Accounts that are asked for; there are none."""

    def __contains__(self, account_id: object) -> bool:
        self.add(str(account_id))
        return False


@pytest.mark.parametrize(
    ("item_id", "accounts"),
    [("msg_a_b_c", {"a", "a_b"}), ("msg_" + "a" * 64 + "_1", {"a" * 64}), ("msg_" + "a" * 65 + "_1", set())],
)
def test_an_id_is_looked_up_in_no_more_accounts_than_it_can_name(item_id: str, accounts: set[str]) -> None:
    asked = Asked()
    assert owner_of(item_id, asked) is None
    assert set(asked) == accounts


def test_an_id_of_any_length_is_looked_up_in_few_accounts() -> None:
    asked = Asked()
    assert owner_of("msg_" + "_" * 100_000, asked) is None
    assert len(asked) <= 64
    assert max(map(len, asked)) <= 64


async def test_an_id_that_no_item_can_have_is_unknown_at_once(hub: Hub, connect: Connect) -> None:
    answer = await connect("alice").get("/api/im/messages/msg_" + "_" * 60_000)
    check_refusal(answer, 404)


@pytest.mark.parametrize("ids", [["x"] * 1_001, ["x" * 256]])
async def test_too_much_at_once_is_refused(hub: Hub, connect: Connect, ids: list[str]) -> None:
    answer = await connect("alice").put("/api/im/unified-messages/read-many", json={"message_ids": ids})
    check_refusal(answer, 400)
    assert "message_ids" in answer.json()["status_msg"]


@pytest.mark.parametrize("route", ["conversations", "messages", "contents", "discussions", "unified-messages"])
async def test_a_search_has_a_length(hub: Hub, connect: Connect, route: str) -> None:
    answer = await connect("alice").get(f"/api/im/{route}?account_id=acc-a&q={'多' * 201}")
    check_refusal(answer, 400)
    assert answer.json()["status_msg"] == "q must have at most 200 characters"
