from typing import Any

from django.db import models


class Person(models.Model):
    objects: "models.Manager[Person]" = models.Manager()
    user_id = models.CharField(max_length=64, unique=True)
    user_name = models.CharField(max_length=255, null=True)
    avatar = models.CharField(max_length=1000, null=True)


class Conversation(models.Model):
    objects: "models.Manager[Conversation]" = models.Manager()
    conversation_id = models.CharField(max_length=255, unique=True)
    account_id = models.CharField(max_length=64, db_index=True)
    conversation_type = models.CharField(max_length=20, default="one_on_one")
    participant = models.ForeignKey(Person, on_delete=models.CASCADE)
    unread_count = models.IntegerField(default=0)
    needs_reply = models.BooleanField(default=False)
    waiting_since = models.BigIntegerField(null=True)
    done_at = models.BigIntegerField(null=True)
    is_pinned = models.BooleanField(default=False)
    is_muted = models.BooleanField(default=False)
    is_blocked = models.BooleanField(default=False)
    open_url = models.CharField(max_length=1000, null=True)
    create_time = models.BigIntegerField(null=True)
    update_time = models.BigIntegerField(null=True, db_index=True)
    last_message_id = models.CharField(max_length=255, null=True)
    last_message_content = models.TextField(null=True)
    last_message_type = models.CharField(max_length=20, null=True)
    last_message_sender = models.CharField(max_length=64, null=True)
    last_message_time = models.BigIntegerField(null=True, db_index=True)

    @property
    def last_message(self) -> dict[str, Any]:
        return {
            "msg_id": self.last_message_id,
            "content": self.last_message_content,
            "msg_type": self.last_message_type,
            "sender_id": self.last_message_sender,
            "create_time": self.last_message_time,
        }


class Entry(models.Model):
    """A message or a comment, as the feed shows both."""

    objects: "models.Manager[Entry]" = models.Manager()
    msg_id = models.CharField(max_length=255, unique=True)
    account_id = models.CharField(max_length=64, db_index=True)
    business_type = models.CharField(max_length=20)
    msg_type = models.CharField(max_length=20, default="text")
    sender = models.ForeignKey(Person, on_delete=models.CASCADE)
    content = models.TextField(null=True)
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.CASCADE)
    content_id = models.CharField(max_length=255, null=True)
    parent_comment_id = models.CharField(max_length=255, null=True)
    work_title = models.CharField(max_length=255, null=True)
    is_read = models.BooleanField(default=False)
    direction = models.CharField(max_length=10, null=True)
    create_time = models.BigIntegerField(null=True, db_index=True)
