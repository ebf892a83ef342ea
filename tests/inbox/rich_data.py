"""A full hub to look at: accounts in every state, all kinds of messages, works with covers, comments with replies."""

from __future__ import annotations

import time
from typing import Any

from sync.models import Account, Worker
from tests.inbox.thread_data import seed_threads
from tests.sync.histories import write_history

MINUTE = 60_000
PICTURES = "https://p3.douyinpic.com"
LOST, STALE, PAUSED, NEW = "food", "dress", "tea", "novel"
"""Accounts: one needs a login, one is stale, one is paused, one is being read for the first time."""
LOOKS = {
    "roses": ("花艺", "#B02A5C"), "tea": ("茶", "#2F6B3A"), "food": ("探店", "#B3541E"),
    "craft": ("手作", "#5B4B9E"), "dress": ("服装", "#1F6F8B"),
}  # fmt: skip
LONG = (
    "您好，我想订一束周六上午送到静安寺附近的花，预算三百左右，收花的人喜欢淡一点的颜色，不要百合，她对百合过敏。" * 2
)
NOTICES = (("like", "赞了你的作品"), ("follow", "关注了你"), ("system", "作品已通过审核"))
SAID: list[dict[str, Any]] = [
    {"content": "你好，在吗？"},
    {"content": "在的，请问想看哪一款[微笑]", "direction": "outbound", "status": "read"},
    {"content": LONG},
    {"type": "image", "content": None, "mediaUrl": f"{PICTURES}/rose.jpg"},
    {"type": "image", "content": None, "mediaUrl": f"{PICTURES}/gone.jpg"},
    {"type": "video", "mediaUrl": f"{PICTURES}/v.mp4", "thumbnailUrl": f"{PICTURES}/v.jpg", "duration": 75},
    {"type": "audio", "content": None, "duration": 12},
    {"type": "file", "content": None, "fileName": "婚礼花艺报价单（2026 秋）.pdf", "fileSize": 2_345_678},
    {"type": "link", "content": "https://example.com/a/very/long/address/that/does/not/break?with=a&query=string"},
    {"type": "card", "content": "分享了一个主页"},
    {"type": "sticker", "content": None, "mediaUrl": f"{PICTURES}/sticker.png"},
    {"type": "other", "content": None},
    {"content": "发错了", "isRecalled": True},
    {"content": "没有发出去的一句", "direction": "outbound", "status": "failed"},
    {"content": "那周六可以送吗？👍"},
]  # fmt: skip


def seed_rich() -> None:
    """Prints the worker's token."""
    seed_threads()
    now = time.time_ns() // 1_000_000
    write_history("roses", _talk(now), _works(now), now=now)
    write_history("craft", _crowd(now), now=now)
    for account_id, (group, color) in LOOKS.items():
        Account.objects.filter(pk=account_id).update(group=group, color=color)


def add_trouble() -> None:
    """While the hub runs: a paused account, and a new one."""
    paused = Account.objects.get(pk=PAUSED)
    paused.status = Account.Status.INACTIVE
    paused.save()
    Account.objects.create(pk=NEW, name="新开的书店", alias="新开的书店", worker=Worker.objects.get(name="office"))


def _talk(now: int) -> dict[str, list[dict[str, Any]]]:
    """The long one is the newest."""
    conversation = {
        "id": "conv_roses_rich", "conversationId": "rich", "userId": "rich", "userName": "晚风与茶🌿",
        "userAvatar": f"{PICTURES}/face.jpg", "updatedAt": now, "isPinned": True,
    }  # fmt: skip
    messages = [
        {
            "id": f"msg_roses_r{number}", "messageId": f"r{number}", "conversationId": conversation["id"],
            "senderId": "rich", "senderName": "晚风与茶🌿", "direction": "inbound",
            "createdAt": now - (20 - number) * MINUTE,
        } | said
        for number, said in enumerate(SAID)
    ]  # fmt: skip
    return {"conversations": [conversation], "messages": messages}


def _crowd(now: int) -> dict[str, list[dict[str, Any]]]:
    """More people than a screen holds."""
    ids = [f"conv_craft_x{number}" for number in range(24)]
    people = [
        {"id": one, "conversationId": one, "userId": f"x{n}", "userName": f"手作爱好者 {n}", "updatedAt": now}
        for n, one in enumerate(ids)
    ]
    said = [
        {"id": f"msg_{one}", "messageId": one, "conversationId": one, "senderId": f"x{n}", "direction": "inbound",
         "content": "还有教程吗？", "createdAt": now - (40 + n) * MINUTE}
        for n, one in enumerate(ids)
    ]  # fmt: skip
    return {"conversations": people, "messages": said}


def _works(now: int) -> dict[str, list[dict[str, Any]]]:
    titles = ["一束花的一天", "秋天的第一捧桔梗，怎么养才能开满两个星期", "花市凌晨四点", "给妈妈的生日花"]
    works = [
        {
            "id": f"cont_roses_w{n}", "contentId": f"w{n}", "title": title, "coverUrl": f"{PICTURES}/cover{n}.jpg",
            "type": "video", "publishTime": now - n * 24 * 60 * MINUTE, "viewCount": 12_345 * n, "likeCount": 321 * n,
            "commentCount": 9,
        }
        for n, title in enumerate(titles, 1)
    ]  # fmt: skip

    def comment(number: int, work: int, text: str, **fields: Any) -> dict[str, Any]:
        facts = {
            "id": f"comm_roses_r{number}", "commentId": f"r{number}", "contentId": f"cont_roses_w{work}",
            "authorId": f"a{number}", "authorName": f"路过的第 {number} 位", "content": text, "region": "上海",
            "createdAt": now - (60 - number) * MINUTE,
        }  # fmt: skip
        return facts | fields

    comments = [
        comment(1, 1, "请问这束多少钱？可以送到苏州吗", likeCount=12, replyCount=3),
        comment(2, 1, "可以的，私信发您价目表", parentCommentId="comm_roses_r1", isAuthorReply=True),
        comment(3, 1, "我也想要一份", parentCommentId="comm_roses_r1", replyToUserName="路过的第 1 位"),
        comment(4, 2, "养了十天还很精神，谢谢老师", images=[f"{PICTURES}/c4.jpg"]),
        comment(5, 4, "下周三可以订吗"),
    ]
    notices = [
        {
            "id": f"notif_roses_r{n}", "notificationId": f"r{n}", "type": kind, "triggerName": f"新朋友 {n}",
            "content": text, "createdAt": now - n * 7 * MINUTE,
        }
        for n, (kind, text) in enumerate(NOTICES, 1)
    ]  # fmt: skip
    return {"contents": works, "comments": comments, "notifications": notices}
