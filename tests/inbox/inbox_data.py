"""What the inbox shows in its browser tests, written as a worker's snapshots would be."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth import get_user_model

from sync.models import Account
from tests.passwords import leave_signed_in
from tests.sync.histories import a_conversation, a_message, write_history

PASSWORD = "a long enough one"
# As Django makes it of PASSWORD: with a cheaper one, who signs in would get another, which ends their other sessions.
HASH = "pbkdf2_sha256$1000000$saltsaltsaltsaltsaltsalt$Q/InPgw9tEmHEy4B87FSm+3BnYgxgLxLuOxNO6gnrKA="
MINUTE = 60_000
SCRIPT = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def add_user(name: str, **roles: bool) -> Any:
    """Return a new user, who signs in with PASSWORD, and is signed in where the cookie is `cookie_of` the name."""
    user = get_user_model().objects.create(username=name, password=HASH, **roles)
    leave_signed_in(user, cookie_of(name))
    return user


def cookie_of(name: str) -> str:
    return f"sessionof{name}"


def seed() -> None:
    """The owner, and two accounts. The first has six people who wait, the longest first: 李一, … and two comments."""
    add_user("owner", is_staff=True, is_superuser=True)
    now = time.time_ns() // 1_000_000

    def ago(minutes: int) -> int:
        return now - minutes * MINUTE

    names = ["李一", "周二", "张三", f"四{SCRIPT}", "王五", "赵六"]
    people = list(enumerate(names, 1))
    conversations = [a_conversation(n, userName=name, userId=f"u{n}", updatedAt=now) for n, name in people]
    messages = [
        a_message(10 * n + k, n, content=f"{name}说的第 {k} 句", senderId=f"u{n}", createdAt=ago(90 - n) + k)
        for n, name in people
        for k in (1, 2)
    ]
    messages.append(a_message(43, 4, content=SCRIPT, senderId="u4", createdAt=ago(80)))
    long_talk = [
        a_message(1000 + k, 7, content=f"旧话 {k}", senderId="u7", createdAt=ago(600) + k * 1000,
                  direction="outbound" if k % 3 == 0 else "inbound")
        for k in range(1, 121)
    ]  # fmt: skip
    conversations.append(a_conversation(7, userName="老客户", userId="u7", updatedAt=now))
    comments = [
        {"id": "k1", "commentId": "k1", "contentId": "w1", "contentTitle": "一束花的一天", "authorId": "a1",
         "authorName": "评论的人", "content": "怎么买？", "createdAt": ago(5)},
    ]  # fmt: skip
    early = a_conversation(9, userName="更早的人")
    word = a_message(91, 9, content="很久以前的话", createdAt=ago(6 * 24 * 60))
    write_history("roses", {"conversations": [early], "messages": [word]}, now=ago(24 * 60))
    later = {"conversations": [early, *conversations], "messages": [word, *messages, *long_talk], "comments": comments}
    write_history("roses", later, now=now)
    write_history("tea", {"conversations": [a_conversation(11)], "messages": [a_message(1, 11)]}, now=now)
    Account.objects.filter(pk="roses").update(alias="小满花店", color="#B02A5C")
