"""What one would write without thinking of speed: a stock DRF view with serializers, from memory, behind Django's ASGI
handler. The same 20 conversations with the same keys as the product's route, and no credentials to check.
"""

from typing import Any

from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.data import SEED


class BaselinePerson(serializers.Serializer[Any]):
    user_id = serializers.CharField(source="userId")
    user_name = serializers.CharField(source="userName")
    avatar = serializers.CharField(source="userAvatar")


class BaselineMessage(serializers.Serializer[Any]):
    msg_id = serializers.CharField(source="lastMessageId")
    content = serializers.CharField(source="lastMessageContent")
    msg_type = serializers.CharField(source="lastMessageType")
    sender_id = serializers.CharField(source="lastMessageSenderId")
    create_time = serializers.IntegerField(source="lastMessageTime")


class BaselineConversation(serializers.Serializer[Any]):
    conversation_id = serializers.CharField(source="id")
    account_id = serializers.CharField(source="accountId")
    conversation_type = serializers.CharField(source="type")
    participant = BaselinePerson(source="*")
    last_message = BaselineMessage(source="*")
    unread_count = serializers.IntegerField(source="unreadCount")
    needs_reply = serializers.BooleanField(default=False)
    waiting_since = serializers.IntegerField(default=None)
    done_at = serializers.IntegerField(default=None)
    is_pinned = serializers.BooleanField(source="isPinned")
    is_muted = serializers.BooleanField(source="isMuted")
    is_blocked = serializers.BooleanField(source="isBlocked")
    open_url = serializers.CharField(default=None)
    is_placeholder = serializers.BooleanField(default=False)
    create_time = serializers.IntegerField(source="createdAt")
    update_time = serializers.IntegerField(source="updatedAt")
    platform = serializers.CharField()
    status = serializers.CharField(default="active")


class ConversationList(APIView):
    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (JSONRenderer,)

    def get(self, request: Request) -> Response:
        rows = sorted(SEED["conversations"], key=lambda row: -row["lastMessageTime"])
        page = {"conversations": BaselineConversation(rows[:20], many=True).data, "cursor": None, "has_more": True}
        return Response({"data": page, "status_code": 0})
