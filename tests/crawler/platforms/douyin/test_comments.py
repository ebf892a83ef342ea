"""Comments of the demo site, on both pages that are in use, read with a real browser."""

from typing import Any

import pytest

from crawler.platforms.base import SurfaceObservation
from sync.protocol.items import Comment
from tests.crawler.platforms.douyin.site import AContext, Site, an_owner

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def found_in(observation: SurfaceObservation) -> dict[str, Comment]:
    assert (observation.canary, observation.complete) == ("ok", True)
    return {one.platform_id: one for one in observation.items["comments"] if isinstance(one, Comment)}


def listed_in(site: Site) -> set[str]:
    """The comments of the works that the picker shows."""
    account: dict[str, Any] = site.account("alpha")
    works = {work["aweme_id"] for work in account["works"] if work["in_picker"] and not work["is_deleted"]}
    return {one["cid"] for one in account["comments"] if one["aweme_id"] in works and not one["is_deleted"]}


@pytest.mark.parametrize("page", [{}, {"new_comments": True}, {"new_comments": True, "unanswered": True}])
async def test_every_comment_is_read_whatever_page_is_shown_and_whatever_filter_was_left(
    site: Site, session: AContext, page: dict[str, bool]
) -> None:
    folded = site.happen("alpha", "comment", text="折叠的", is_folded=True)["id"]
    picture = site.happen("alpha", "comment", text="", images=2)["id"]
    site.switch("alpha", **page)
    adapter = await an_owner(site, session, "alpha", patience=0.1, read_notices=False)
    found = found_in(await adapter.observe(session, "comments"))
    assert found.keys() == listed_in(site)
    assert found[folded].content == "折叠的"
    assert (found[picture].content, len(found[picture].images or ())) == ("", 2)


async def test_an_own_reply_is_found_by_reading_again_and_what_was_deleted_is_gone(
    site: Site, session: AContext
) -> None:
    adapter = await an_owner(site, session, "alpha", patience=0.1, read_notices=False)
    asked = site.happen("alpha", "comment", text="怎么买？")["id"]
    assert asked in found_in(await adapter.observe(session, "comments"))
    reply = site.happen("alpha", "own_reply", cid=asked, text="私信发您")["id"]
    observation = await adapter.observe(session, "comments")
    own = {one.platform_id: one for one in observation.items["comments"] if isinstance(one, Comment)}[reply]
    assert (own.is_author_reply, own.content) == (True, "私信发您")
    assert (own.parent_comment_id or "").endswith(asked)
    site.happen("alpha", "delete_comment", cid=asked)
    adapter._state.all_comments_at = None  # A whole round is due.
    observation = await adapter.observe(session, "comments")
    assert observation.ended == {"comments"}
    assert asked not in found_in(observation)
