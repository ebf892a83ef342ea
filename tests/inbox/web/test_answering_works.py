"""Comments by work, as one answers them: under each comment, and under the work."""

from __future__ import annotations

from django.test import Client

from sync.hub import Hub
from tests.inbox.web.test_answering import configure, sending, write
from tests.sync.histories import write_history

__all__ = ["sending"]

WORK = "/works/cont_roses_w1?show=all"


def seed(hub: Hub) -> None:
    now = hub.clock()
    comments = [
        {"id": f"comm_roses_{n}", "commentId": str(n), "contentId": "w1", "authorId": f"a{n}", "authorName": name,
         "content": "怎么买", "createdAt": now - 90_000 + n, **({"parentCommentId": "comm_roses_1"} if n == 2 else {})}
        for n, name in ((1, "林小满"), (2, "大海"), (3, "晚风"))
    ]  # fmt: skip
    work = {"id": "cont_roses_w1", "contentId": "w1", "title": "一束花的一天", "type": "video"}
    write_history("roses", {"contents": [work], "comments": comments}, now=now)
    hub.store.publish([hub._change_log.load("roses", hub.store.new_view)])


def test_each_comment_and_the_work_are_answered_where_they_stand(browser: Client, sending: Hub) -> None:
    seed(sending)
    page = browser.get(WORK).content.decode()
    for target in ("comm_roses_1", "comm_roses_2", "comm_roses_3", "cont_roses_w1"):
        assert f'data-answer-to="{target}"' in page
    assert page.count('id="reply-text"') == 1
    assert 'data-based-on="comm_roses_2"' in page
    place = {"kind": "comment", "thread": "comm_roses_1"}
    write(sending, "给大海", target="comm_roses_2", **place)
    reply = write(sending, "作品下面", kind="work", target="cont_roses_w1", thread="")
    page = browser.get(WORK).content.decode()
    first, second = page.index('id="talk-comm_roses_1"'), page.index('id="talk-comm_roses_3"')
    low, high = sorted((first, second))
    inside = page[first : second if second > first else None]
    assert "给大海" in inside
    assert "to 大海" in inside
    assert f'id="reply-{reply.id}"' in page[:low]
    assert high > low


def test_a_comment_thread_has_the_field_too(browser: Client, sending: Hub) -> None:
    seed(sending)
    page = browser.get("/d/comm_roses_1?account=roses").content.decode()
    assert 'data-key="discussion_id"' in page
    assert 'data-target="comm_roses_1"' in page
    assert 'data-person="林小满"' in page


def test_where_nothing_is_sent_the_page_says_why_once(browser: Client, sending: Hub) -> None:
    seed(sending)
    configure(sending, {})
    page = browser.get(WORK).content.decode()
    assert "data-answer-to" not in page
    assert page.count("does not send from here") == 1
