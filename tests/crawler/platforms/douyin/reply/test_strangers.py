"""Messages to people who never wrote, by the button of their own page: in a world where everybody has one name."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from crawler.errors import NotPressed
from demo.scenarios import build_contract
from sync.protocol.reply_messages import ReplyTarget
from tests.crawler.platforms.douyin.reply.typist import Refusing, typing
from tests.crawler.platforms.douyin.site import AContext, Site, a_site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

STRANGER = "200000000038"
LIMIT = "对方关注或回复你之前，你只能发送 1 条文字消息"


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    place = tmp_path_factory.mktemp("site")
    world = build_contract(0, 0)
    for person in world.people.values():
        person.nickname = "晚风"
    (place / "world.json").write_bytes(msgspec.json.encode(world))
    with a_site(place, "--scenario", str(place / "world.json")) as site:
        yield site


def someone(sec_uid: str) -> ReplyTarget:
    """As the hub names a person with whom nobody talked yet."""
    return ReplyTarget(user_id=sec_uid)


def told(sent: list[dict[str, Any]]) -> list[tuple[str, str, bool]]:
    return [(one["to_uid"], one["text"], one["arrived"]) for one in sent]


@pytest.mark.usefixtures("answer_goes_before")
async def test_somebody_who_never_wrote_gets_one_message_and_no_namesake_gets_it(site: Site, session: AContext) -> None:
    target = someone(site.people()[STRANGER]["sec_uid"])
    async with typing(site, session) as typist:
        opened = typist.opened
        with pytest.raises(NotPressed) as stopped:
            await typist.send(target, "不该发出", Refusing())
        assert (stopped.value.code, site.sent("alpha")) == ("stopped", [])
        first = await typist.send(target, "您好，\n看到您的评论")
        assert (first.state, first.evidence, first.reason) == ("sent", "response", None)
        again = await typist.send(target, "还在吗")
        assert again.reason is not None
        assert (again.state, again.reason.code, again.reason.text) == ("refused", "refused", LIMIT)
        assert told(site.sent("alpha")) == [
            (STRANGER, "您好，\n看到您的评论", True),
            (STRANGER, "还在吗", False),
        ]
        assert site.sent("alpha")[0]["id"] == first.confirmed_platform_id
        assert typist.opened == opened + 3, "nobody else's conversation was opened"


async def test_whose_page_is_not_there_gets_nothing(site: Site, session: AContext) -> None:
    async with typing(site, session) as typist:
        before = site.sent("alpha")
        with pytest.raises(NotPressed) as raised:
            await typist.send(someone("MS4wLjABAAAAnobody"))
        assert (raised.value.code, site.sent("alpha")) == ("target_not_found", before)
