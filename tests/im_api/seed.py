"""The items of the API's own examples, written into the database of the process that calls it."""

from im_api.openapi.examples import ACCOUNT, CONVERSATION, DISCUSSION, FAN, MESSAGE, NOTIFICATION, WORK_ITEM
from tests.sync.histories import write_history

PARENT = str(DISCUSSION.parent_comment_id)


def write_examples() -> None:
    """One item of each kind in the account of the examples, and another account with nothing in it."""
    write_history(
        ACCOUNT,
        {
            "conversations": [
                {
                    "id": CONVERSATION.conversation_id,
                    "conversationId": FAN.user_id,
                    "type": "private",
                    "userId": FAN.user_id,
                    "userName": FAN.user_name,
                    "unreadCount": 1,
                }
            ],
            "messages": [
                {
                    "id": MESSAGE.msg_id,
                    "messageId": MESSAGE.msg_id.rpartition("_")[2],
                    "conversationId": CONVERSATION.conversation_id,
                    "senderId": FAN.user_id,
                    "senderName": FAN.user_name,
                    "direction": "inbound",
                    "content": MESSAGE.content,
                    "createdAt": MESSAGE.create_time,
                }
            ],
            "contents": [
                {
                    "id": WORK_ITEM.content_id,
                    "contentId": WORK_ITEM.platform_content_id,
                    "type": "video",
                    "title": WORK_ITEM.title,
                    "publishTime": WORK_ITEM.publish_time,
                }
            ],
            "comments": [
                _comment(PARENT, "好看", DISCUSSION.created_at),
                _comment(DISCUSSION.discussion_id, DISCUSSION.content, DISCUSSION.created_at, parentCommentId=PARENT),
            ],
            "notifications": [
                {
                    "id": NOTIFICATION.notification_id,
                    "notificationId": NOTIFICATION.notification_id.rpartition("_")[2],
                    "type": "like",
                    "triggerName": NOTIFICATION.trigger.user_name,
                    "content": NOTIFICATION.content,
                    "createdAt": NOTIFICATION.created_at,
                }
            ],
        },
    )
    write_history("shanye", {"conversations": []})


def _comment(item_id: str, content: str | None, created_at: int | None, **fields: str) -> dict[str, object]:
    return {
        "id": item_id,
        "commentId": item_id.rpartition("_")[2],
        "contentId": WORK_ITEM.content_id,
        "authorId": f"author of {item_id}",
        "authorName": "晚风与茶",
        "content": content,
        "createdAt": created_at,
        **fields,
    }
