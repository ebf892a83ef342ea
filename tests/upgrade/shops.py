"""What the made-up platform shows of three shops. Times are minutes after T0."""

from __future__ import annotations

from typing import Any

T0 = 1_780_000_000_000
MINUTE = 60_000

Items = dict[str, list[dict[str, Any]]]


def at(minute: int) -> int:
    return T0 + minute * MINUTE


def talk(account: str, person: str, **fields: Any) -> dict[str, Any]:
    facts = {
        "id": f"conv_{account}_{person}", "conversationId": person, "type": "private", "userId": person,
        "userName": f"Fan {person}", "userAvatar": f"https://media.test/{person}.jpg",
    }  # fmt: skip
    return facts | fields


def said(account: str, number: str, person: str, minute: int, **fields: Any) -> dict[str, Any]:
    facts = {
        "id": f"msg_{account}_{number}", "messageId": number, "conversationId": f"conv_{account}_{person}",
        "senderId": person, "senderName": f"Fan {person}", "direction": "inbound", "content": f"你好，{number}",
        "createdAt": at(minute),
    }  # fmt: skip
    return facts | fields


def answered(account: str, number: str, person: str, minute: int, **fields: Any) -> dict[str, Any]:
    facts = {"senderId": "me", "senderName": "Shop", "direction": "outbound", "status": "sent"}
    return said(account, number, person, minute, **(facts | fields))


def work(account: str, number: str, minute: int, **fields: Any) -> dict[str, Any]:
    facts = {
        "id": f"cont_{account}_{number}", "contentId": number, "type": "video", "title": f"Work {number}",
        "publishTime": at(minute), "viewCount": 1200, "likeCount": 30, "commentCount": 8,
    }  # fmt: skip
    return facts | fields


def comment(account: str, number: str, of: str, minute: int, **fields: Any) -> dict[str, Any]:
    facts = {
        "id": f"comm_{account}_{number}", "commentId": number, "contentId": f"cont_{account}_{of}",
        "authorId": f"a-{number}", "authorName": f"Author {number}", "content": f"多少钱？{number}",
        "createdAt": at(minute), "region": "上海",
    }  # fmt: skip
    return facts | fields


def reply(account: str, number: str, of: str, parent: str, minute: int, **fields: Any) -> dict[str, Any]:
    return comment(account, number, of, minute, parentCommentId=f"comm_{account}_{parent}", **fields)


def notice(account: str, number: str, minute: int, type: str = "like", **fields: Any) -> dict[str, Any]:
    facts = {
        "id": f"notif_{account}_{number}", "notificationId": number, "type": type, "triggerName": f"Liker {number}",
        "content": f"notice {number}", "createdAt": at(minute),
    }  # fmt: skip
    return facts | fields


def roses_at_first() -> Items:
    """Before anybody saw it here: history, which nobody must read."""
    return {
        "conversations": [talk("roses", "old", unreadCount=0)],
        "messages": [said("roses", "o1", "old", -200), answered("roses", "o2", "old", -190)],
        "contents": [work("roses", "w1", -300), work("roses", "w2", -250, type="image")],
        "comments": [comment("roses", "c0", "w1", -180)],
        "notifications": [notice("roses", "n0", -170)],
    }


def roses() -> Items:
    old = roses_at_first()
    people = [
        talk("roses", "mia", unreadCount=5), talk("roses", "ben", unreadCount=1), talk("roses", "carl"),
        talk("roses", "dan", isPinned=True), talk("roses", "eve"), talk("roses", "finn", unreadCount=1),
        talk("roses", "gus"), talk("roses", "hana"), talk("roses", "ivy"), talk("roses", "lea", unreadCount=2),
        talk("roses", "noa", unreadCount=0, lastMessageContent="晚上见", lastMessageType="text",
             lastMessageTime=at(9), lastMessageSenderId="noa"),
        talk("roses", "club", type="group", userId=None, userName=None, groupName="读书会", isMuted=True),
    ]  # fmt: skip
    messages = [
        said("roses", "m1", "mia", 1), said("roses", "m2", "mia", 2), said("roses", "b1", "ben", 3),
        said("roses", "k1", "carl", 4), said("roses", "d1", "dan", 5), said("roses", "e1", "eve", 6),
        said("roses", "f1", "finn", 7), said("roses", "g1", "gus", 8), said("roses", "h1", "hana", 10),
        said("roses", "i1", "ivy", 11), answered("roses", "i2", "ivy", 12, status="delivered"),
        said("roses", "i3", "ivy", 13), answered("roses", "i4", "ivy", 14), said("roses", "i5", "ivy", 15),
        said("roses", "l1", "lea", 16, type="image", content=None, mediaUrl="https://media.test/l1.jpg?sign=1"),
        said("roses", "l2", "lea", 17), said("roses", "u1", "club", 18, senderId="x", senderName="Xin"),
    ]  # fmt: skip
    comments = [
        comment("roses", "c1", "w1", 1), comment("roses", "c2", "w1", 2), reply("roses", "c2a", "w1", "c2", 3),
        comment("roses", "c3", "w1", 4), comment("roses", "c4", "w1", 5, images=["https://media.test/c4.jpg"]),
        comment("roses", "c5", "w2", 6), comment("roses", "c6", "w2", 7),
        reply("roses", "c6a", "w2", "c6", 8, isAuthorReply=True), comment("roses", "c7", "w2", 40),
    ]  # fmt: skip
    notices = [notice("roses", "n1", 1), notice("roses", "n2", 2, "follow"), notice("roses", "n3", 45, "system")]
    return {
        "conversations": old["conversations"] + people,
        "messages": old["messages"] + messages,
        "contents": [*old["contents"], work("roses", "w3", 0, likeCount=3)],
        "comments": old["comments"] + comments,
        "notifications": old["notifications"] + notices,
    }


def roses_met() -> Items:
    """The platform names a conversation with somebody whom an operator wrote to first; one message is gone."""
    items = roses()
    items["conversations"].append(talk("roses", "9001", userId="jo", userName="Jo"))
    items["messages"].append(said("roses", "j1", "9001", 50, senderId="jo", senderName="Jo"))
    items["messages"] = [one for one in items["messages"] if one["messageId"] != "k1"]
    return items


def roses_later() -> Items:
    """What marks are for: something new, something old that was seen late, a word of the platform on its own."""
    items = roses_met()
    of_mia = {"conversations": [talk("roses", "mia", unreadCount=6)]}
    items["conversations"] = [one for one in items["conversations"] if one["conversationId"] != "mia"]
    items["conversations"] += of_mia["conversations"]
    items["messages"] += [
        said("roses", "m0", "mia", 0), said("roses", "m9", "mia", 200), said("roses", "f2", "finn", 201),
        said("roses", "h2", "hana", 202), said("roses", "j2", "9001", 203, senderId="jo"),
        said("roses", "s1", "sam", 204),
    ]  # fmt: skip
    items["messages"] = [one | {"status": "read"} if one["messageId"] == "i4" else one for one in items["messages"]]
    items["comments"] += [reply("roses", "c2b", "w1", "c2", 205), comment("roses", "c9", "w1", 1)]
    items["notifications"].append(notice("roses", "n9", 206, "mention"))
    return items


def tea(step: int) -> Items:
    """`step`: how much was seen, from 1 on."""
    numbers = range(step * 4)
    return {
        "conversations": [talk("tea", person, unreadCount=step) for person in ("ada", "bo")],
        "messages": [
            said("tea", f"t{n}", "ada" if n % 2 else "bo", n, content=f"今年的新茶什么时候到？{n}") for n in numbers
        ],
        "contents": [work("tea", "w1", -60)],
        "comments": [comment("tea", f"c{n}", "w1", n) for n in range(step)],
        "notifications": [notice("tea", f"n{n}", n) for n in range(step)],
    }


def books() -> Items:
    return {
        "conversations": [talk("books", "zoe", unreadCount=1)],
        "messages": [said("books", "z1", "zoe", 190)],
        "contents": [],
        "comments": [],
        "notifications": [],
    }
