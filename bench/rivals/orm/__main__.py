"""`python -m bench.rivals.orm PORT TOKEN`: fills the database BENCH_ORM_DATABASE with the sample and serves it."""

from __future__ import annotations

import os
import sys
from typing import Any


def main(port: int, token: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.rivals.orm.settings"
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.asgi import get_asgi_application
    from django.core.management import call_command
    from rest_framework.authtoken.models import Token

    call_command("migrate", run_syncdb=True, verbosity=0)
    Token.objects.create(user=get_user_model().objects.create(username="ann"), key=token)
    fill()
    import uvicorn

    uvicorn.run(get_asgi_application(), port=port, log_config=None, access_log=False, lifespan="off")


def fill() -> None:
    """Write the sample: its conversations, and its messages and comments as entries."""
    from bench.data import SEED
    from bench.rivals.orm.models import Conversation, Entry

    works = {row["id"]: row for row in SEED["contents"]} | {row["contentId"]: row for row in SEED["contents"]}
    talks = {}
    for row in SEED["conversations"]:
        talks[row["id"]] = Conversation.objects.create(
            conversation_id=row["id"],
            account_id=row["accountId"],
            participant=a_person(row["userId"], row["userName"], row["userAvatar"]),
            unread_count=row["unreadCount"],
            is_pinned=row["isPinned"],
            is_muted=row["isMuted"],
            create_time=row["createdAt"],
            update_time=row["updatedAt"],
            last_message_id=row["lastMessageId"],
            last_message_content=row["lastMessageContent"],
            last_message_type=row["lastMessageType"],
            last_message_sender=row["lastMessageSenderId"],
            last_message_time=row["lastMessageTime"],
        )
    for row in SEED["messages"]:
        Entry.objects.create(
            msg_id=row["id"],
            account_id=row["accountId"],
            business_type="direct_message",
            sender=a_person(row["senderId"], row["senderName"], row["senderAvatar"]),
            content=row["content"],
            conversation=talks.get(row["conversationId"]),
            direction=row["direction"],
            create_time=row["createdAt"],
        )
    for row in SEED["comments"]:
        Entry.objects.create(
            msg_id=row["id"],
            account_id=row["accountId"],
            business_type="discussion" if row["parentCommentId"] else "comment",
            sender=a_person(row["authorId"], row["authorName"], row["authorAvatar"]),
            content=row["content"],
            content_id=row["contentId"],
            parent_comment_id=row["parentCommentId"],
            work_title=works.get(row["contentId"], {}).get("title"),
            create_time=row["createdAt"],
        )


def a_person(user_id: str, name: str | None, avatar: str | None) -> Any:
    from bench.rivals.orm.models import Person

    return Person.objects.get_or_create(user_id=user_id, defaults={"user_name": name, "avatar": avatar})[0]


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
