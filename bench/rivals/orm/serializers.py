from typing import Any

from rest_framework import serializers

from bench.rivals.orm.models import Conversation, Entry, Person


class PersonSerializer(serializers.ModelSerializer[Person]):
    class Meta:
        model = Person
        fields = ("user_id", "user_name", "avatar")


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    participant = PersonSerializer()
    last_message = serializers.DictField()
    platform = serializers.CharField(default="douyin")
    status = serializers.CharField(default="active")
    is_placeholder = serializers.BooleanField(default=False)

    class Meta:
        model = Conversation
        exclude = (
            "id",
            "last_message_id",
            "last_message_content",
            "last_message_type",
            "last_message_sender",
            "last_message_time",
        )


class EntrySerializer(serializers.ModelSerializer[Entry]):
    sender = PersonSerializer()
    conversation_id = serializers.CharField(source="conversation.conversation_id", default=None)
    platform = serializers.CharField(default="douyin")

    class Meta:
        model = Entry
        exclude = ("id", "conversation")


class ThreadSerializer(serializers.Serializer[Any]):
    """A conversation or a comment, as a row of the inbox."""

    thread_id = serializers.CharField()
    kind = serializers.CharField()
    account_id = serializers.CharField()
    person = PersonSerializer()
    text = serializers.CharField(allow_null=True)
    work_title = serializers.CharField(allow_null=True)
    unread_count = serializers.IntegerField()
    needs_reply = serializers.BooleanField()
    waiting_since = serializers.IntegerField(allow_null=True)
    is_pinned = serializers.BooleanField()
    is_muted = serializers.BooleanField()
    done_at = serializers.IntegerField(allow_null=True)
    update_time = serializers.IntegerField(allow_null=True)
