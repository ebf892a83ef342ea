"""What comments by work show in their tests, written as a worker's snapshots would be."""

from __future__ import annotations

import time
from typing import Any

from im_api.models import Grant
from sync.models import Account
from tests.inbox.inbox_data import SCRIPT, add_user
from tests.sync.histories import write_history

MINUTE = 60_000
TALK = 120


def a_work(number: int, **fields: Any) -> dict[str, Any]:
    facts = {"id": f"w{number}", "contentId": f"w{number}", "title": f"第 {number} 个作品", "type": "video"}
    return facts | fields


def a_comment(number: int | str, work: int, **fields: Any) -> dict[str, Any]:
    facts = {"id": f"k{number}", "commentId": f"k{number}", "contentId": f"w{work}", "authorId": f"a{number}"}
    return facts | {"authorName": f"看客{number}", "content": f"第 {number} 句"} | fields


def seed() -> None:
    """The owner, ben who may only read, and two accounts. Of the first, work 1 has who waits and who was answered, work
    2 a script for words, work 3 nobody, work 4 a long talk, work 9 is known from its comments alone."""
    add_user("owner", is_staff=True, is_superuser=True)
    ben = add_user("ben")
    now = time.time_ns() // 1_000_000

    def ago(minutes: int) -> int:
        return now - minutes * MINUTE

    works = [
        a_work(
            1,
            title="三岁前别给孩子吃这 5 样，第 3 样很多人天天吃，医生也没想到 #育儿 #宝宝辅食",
            viewCount=83_000,
            likeCount=2104,
            commentCount=318,
            collectCount=640,
            url="https://www.douyin.com/video/1",
            publishTime=ago(3 * 24 * 60),
        ),
        a_work(2, title=SCRIPT, publishTime=ago(4 * 24 * 60), likeCount=12),
        a_work(3, title="还没人说话", publishTime=ago(60)),
        a_work(4, title="很多人说话", publishTime=ago(5 * 24 * 60)),
    ]
    comments = [
        a_comment(1, 1, authorName="老王在成都", region="四川", content="怎么买？", likeCount=2, createdAt=ago(9)),
        a_comment(2, 1, authorName="一只喵", region="江苏", content="天天吃", likeCount=36, createdAt=ago(20)),
        a_comment(3, 1, authorName="答过的人", content="多大能吃？", createdAt=ago(40), replyCount=18),
        *[a_comment(f"3-{n}", 1, parentCommentId="k3", replyToUserName="答过的人", createdAt=ago(40 - n))
          for n in range(1, 6)],
        a_comment("3-own", 1, parentCommentId="k3", isAuthorReply=True, content="一岁", createdAt=ago(30)),
        a_comment(5, 1, authorName="置顶的人", content="先看这里", isPinned=True, likeCount=1, createdAt=ago(50)),
        a_comment(6, 1, authorName="话很长的人", content="很长的话。" * 120, createdAt=ago(60)),
        a_comment(7, 2, authorName=SCRIPT, content=SCRIPT, createdAt=ago(70)),
        a_comment(8, 9, authorName="早年的人", content="还在吗", createdAt=ago(80), contentTitle="去年的作品"),
        *[a_comment(100 + n, 4, content=f"长谈 {n}", createdAt=ago(300) + n * 1000) for n in range(TALK)],
    ]  # fmt: skip
    write_history("kids", {"contents": works[:1], "comments": []}, now=ago(24 * 60))
    write_history("kids", {"contents": works, "comments": comments}, now=now)
    tea = {"contents": [a_work(51, title="茶")], "comments": [a_comment(51, 51, content="好茶", createdAt=ago(3))]}
    write_history("tea", {"contents": tea["contents"], "comments": []}, now=ago(24 * 60))
    write_history("tea", tea, now=now)
    Account.objects.filter(pk="kids").update(alias="张老师育儿", color="#3F4FD0")
    Grant.objects.create(user=ben, account_id="kids", level="read")
