from typing import Any

from rest_framework.generics import RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.rivals.orm.models import Conversation, Entry
from bench.rivals.orm.serializers import ConversationSerializer, EntrySerializer, ThreadSerializer

PAGE = 20


class ConversationList(APIView):
    def get(self, request: Request) -> Response:
        rows = Conversation.objects.filter(account_id=request.query_params["account_id"]).select_related("participant")
        rows = rows.order_by("-is_pinned", "-last_message_time")
        return answer_page("conversations", ConversationSerializer(rows[:PAGE], many=True).data)


class ConversationDetail(RetrieveAPIView[Conversation]):
    queryset = Conversation.objects.select_related("participant")
    serializer_class = ConversationSerializer
    lookup_field = "conversation_id"


class Feed(APIView):
    def get(self, request: Request) -> Response:
        rows = Entry.objects.filter(account_id=request.query_params["account_id"])
        rows = rows.select_related("sender", "conversation").order_by("-create_time")
        return answer_page("messages", EntrySerializer(rows[:PAGE], many=True).data)


class ThreadList(APIView):
    def get(self, request: Request) -> Response:
        account_id = request.query_params["account_id"]
        talks = Conversation.objects.filter(account_id=account_id).select_related("participant")
        comments = Entry.objects.filter(account_id=account_id, business_type="comment").select_related("sender")
        rows = [
            *(as_thread(row) for row in talks.order_by("-last_message_time")[:PAGE]),
            *(comment_as_thread(row) for row in comments.order_by("-create_time")[:PAGE]),
        ]
        rows.sort(key=lambda row: -(row["update_time"] or 0))
        return answer_page("threads", ThreadSerializer(rows[:PAGE], many=True).data)


def as_thread(row: Conversation) -> dict[str, Any]:
    return {
        "thread_id": row.conversation_id,
        "kind": "direct_message",
        "account_id": row.account_id,
        "person": row.participant,
        "text": row.last_message_content,
        "work_title": None,
        "unread_count": row.unread_count,
        "needs_reply": row.needs_reply,
        "waiting_since": row.waiting_since,
        "is_pinned": row.is_pinned,
        "is_muted": row.is_muted,
        "done_at": row.done_at,
        "update_time": row.last_message_time,
    }


def comment_as_thread(row: Entry) -> dict[str, Any]:
    return {
        "thread_id": row.msg_id,
        "kind": "comment",
        "account_id": row.account_id,
        "person": row.sender,
        "text": row.content,
        "work_title": row.work_title,
        "unread_count": int(not row.is_read),
        "needs_reply": not row.is_read,
        "waiting_since": None,
        "is_pinned": False,
        "is_muted": False,
        "done_at": None,
        "update_time": row.create_time,
    }


def answer_page(name: str, rows: Any) -> Response:
    return Response({"data": {name: rows, "cursor": None, "has_more": True}, "status_code": 0})
