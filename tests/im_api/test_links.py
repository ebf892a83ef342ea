"""`open_url`: where the platform shows a person or a work."""

from typing import Any

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import a_comment, a_conversation, a_message, a_snapshot, a_work
from tests.im_api.conftest import a_directory, acc_b, an_account, get

SEC_UID = "MS4wLjABAAAAxyz_-9"
WORK = "7435512345678901234"


def hold(hub: Hub, **collections: Any) -> None:
    hub.store.update_account_data("acc-a", {**a_snapshot(**collections), "partial": list(collections)}, now=1)


async def of_conversation(client: httpx.AsyncClient, name: str) -> Any:
    return (await get(client, f"/conversations/conv_acc-a_{name}"))["open_url"]


async def of_comment(client: httpx.AsyncClient, name: str = "x") -> Any:
    return (await get(client, f"/discussions/comm_acc-a_{name}"))["open_url"]


async def test_a_conversation_leads_to_the_persons_page(hub: Hub, alice: httpx.AsyncClient) -> None:
    hold(hub, conversations=[a_conversation(SEC_UID)])
    assert await of_conversation(alice, SEC_UID) == f"https://www.douyin.com/user/{SEC_UID}"


async def test_one_that_is_known_from_its_messages_does_too(hub: Hub, alice: httpx.AsyncClient) -> None:
    hold(hub, messages=[a_message("x", "77", 50, senderId=SEC_UID)])
    assert await of_conversation(alice, "77") == f"https://www.douyin.com/user/{SEC_UID}"


@pytest.mark.parametrize("user_id", ["200000000002", "dy123456", "MS4wLjAB", "MS4wLjABx/../../y", "MS4wLjAB名", None])
async def test_an_id_that_has_no_page_leads_nowhere(hub: Hub, alice: httpx.AsyncClient, user_id: str | None) -> None:
    hold(hub, conversations=[a_conversation("77", userId=user_id)])
    assert await of_conversation(alice, "77") is None


async def test_a_comment_leads_to_its_work(hub: Hub, alice: httpx.AsyncClient) -> None:
    hold(hub, contents=[a_work(WORK)], comments=[a_comment("x", WORK, 50)])
    assert await of_comment(alice) == f"https://www.douyin.com/video/{WORK}"


async def test_also_where_the_work_is_not_known(hub: Hub, alice: httpx.AsyncClient) -> None:
    hold(
        hub,
        comments=[a_comment("x", WORK, 50), a_comment("y", "@cipher==", 50), a_comment("z", "x", 50, contentId=None)],
    )
    assert await of_comment(alice) == f"https://www.douyin.com/video/{WORK}"
    assert await of_comment(alice, "y") is None
    assert await of_comment(alice, "z") is None


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        (
            "https://www.iesdouyin.com/share/video/7435/?region=CN",
            "https://www.iesdouyin.com/share/video/7435/?region=CN",
        ),
        ("http://127.0.0.1:8100/x", "http://127.0.0.1:8100/x"),
        ("javascript:alert(1)", f"https://www.douyin.com/video/{WORK}"),
        ("//evil.test/x", f"https://www.douyin.com/video/{WORK}"),
        ("https:", f"https://www.douyin.com/video/{WORK}"),
        ("http://[x", f"https://www.douyin.com/video/{WORK}"),
    ],
)
async def test_the_works_own_address_goes_first_if_a_browser_may_go_there(
    hub: Hub, alice: httpx.AsyncClient, url: str, leads_to: str
) -> None:
    hold(hub, contents=[a_work(WORK, url=url)], comments=[a_comment("x", WORK, 50)])
    assert await of_comment(alice) == leads_to


@pytest.mark.parametrize(
    ("config", "site"),
    [
        ({"www_url": "http://127.0.0.1:8100/for/acc-a/www"}, "http://127.0.0.1:8100/for/acc-a/www"),
        ({"www_url": "http://127.0.0.1:8100/"}, "http://127.0.0.1:8100"),
        ({"www_url": ""}, "https://www.douyin.com"),
        ({"www_url": "javascript:x"}, None),
        ({"www_url": 7}, None),
    ],
)
async def test_an_account_of_another_site_leads_there(
    hub: Hub, alice: httpx.AsyncClient, config: dict[str, Any], site: str | None
) -> None:
    hub.directory = a_directory(an_account("acc-a", config=config))
    hold(hub, conversations=[a_conversation(SEC_UID)])
    assert await of_conversation(alice, SEC_UID) == (site and f"{site}/user/{SEC_UID}")


async def test_a_platform_without_links_leads_nowhere(hub: Hub, bob: httpx.AsyncClient) -> None:
    hub.directory = a_directory(an_account("acc-b", platform="elsewhere"))
    hub.store.update_account_data("acc-b", {**acc_b(), "partial": []}, now=1)
    assert (await get(bob, "/conversations/conv_acc-b_mia"))["open_url"] is None
    assert (await get(bob, "/discussions/comm_acc-b_c1"))["open_url"] is None
