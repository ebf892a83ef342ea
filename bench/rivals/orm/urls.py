from django.urls import path

from bench.rivals.orm.views import ConversationDetail, ConversationList, Feed, ThreadList

urlpatterns = [
    path("api/im/conversations", ConversationList.as_view()),
    path("api/im/conversations/<str:conversation_id>", ConversationDetail.as_view()),
    path("api/im/unified-messages", Feed.as_view()),
    path("api/im/threads", ThreadList.as_view()),
]
