"""One example per kind of item: a flower shop, and the people who write to it. Nobody in here exists."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from im_api.shapes import (
    ConversationShape,
    Counts,
    DiscussionShape,
    MessageShape,
    NoteShape,
    NotificationShape,
    ReplyShape,
    SavedReplyShape,
    Stats,
    UnifiedRow,
    UserShape,
    WorkShape,
)
from im_api.shapes.answers import HealthShape, RouteRow, Routes, Version
from im_api.shapes.common import PersonShape
from im_api.shapes.conversations import LastMessageShape
from im_api.shapes.coverage import CoverageShape, GapShape, StretchShape, SurfaceCoverageShape
from im_api.shapes.logins import LoginLinkShape, LoginShape
from im_api.shapes.pairing import PairedShape
from im_api.shapes.sending import PaceShape, SendingShape, WriterShape
from im_api.shapes.status import (
    AccountPart,
    StatusAnswer,
    StatusShape,
    StorePart,
    SyncPart,
    WorkerItem,
    WorkersPart,
)
from im_api.shapes.threads import ThreadPreview, ThreadShape
from im_api.shapes.works import Author, ReplyTo, WorkStats
from sync.protocol.platforms import DEFAULT_PLATFORM

T: Final = 1_790_000_000_000
MINUTE: Final = 60_000
ACCOUNT: Final = "xiaoman"
PLATFORM: Final = DEFAULT_PLATFORM
AVATAR: Final = "https://p3.douyinpic.com/aweme/100x100/tos-cn-avt-0015/juzi.jpeg"

SHOP: Final = PersonShape(
    "94867382011", "小满花店", "https://p3.douyinpic.com/aweme/100x100/tos-cn-avt-0015/xiaoman.jpeg"
)
FAN: Final = PersonShape("7301122334455667788", "橘子汽水", AVATAR)
WORK: Final = "cont_xiaoman_7435512345678901234"
WORK_TITLE: Final = "秋天的第一束洋桔梗，怎么醒花才开得久"

USER: Final = UserShape(
    user_id=ACCOUNT,
    platform=PLATFORM,
    platform_user_id="94867382011",
    user_name="小满花店",
    avatar=SHOP.avatar,
    signature="每天一束花 🌷 上海同城送",
    verified=True,
    follower_count=12_840,
    following_count=96,
    status="active",
    login_status="logged_in",
    worker_status="crawling",
    worker_error=None,
    last_sync_time=T,
    seen_at={"messages": T - 4_000, "comments": T - 9_000},
    alias="花店主号",
    group="上海",
    color="#B02A5C",
    unread_count=3,
    needs_reply_count=2,
    grant="operate",
    created_at=T - 9_000 * MINUTE,
    updated_at=T - 600 * MINUTE,
)
CONVERSATION: Final = ConversationShape(
    conversation_id="conv_xiaoman_7301122334455667788",
    account_id=ACCOUNT,
    conversation_type="one_on_one",
    participant=FAN,
    last_message=LastMessageShape(
        msg_id="msg_xiaoman_7440011223344556677",
        content="请问洋桔梗今天还能送到吗？",
        msg_type="text",
        sender_id=FAN.user_id,
        create_time=T - 2 * MINUTE,
    ),
    unread_count=1,
    needs_reply=True,
    reply_reason="question",
    waiting_since=T - 2 * MINUTE,
    done_at=None,
    pending_reply=None,
    is_pinned=False,
    is_muted=False,
    is_blocked=False,
    is_stranger=False,
    is_folded=False,
    remark_name=None,
    open_url=None,
    is_placeholder=False,
    create_time=T - 300 * MINUTE,
    update_time=T - 2 * MINUTE,
    platform=PLATFORM,
    status="active",
)
MESSAGE: Final = MessageShape(
    msg_id="msg_xiaoman_7440011223344556677",
    conversation_id=CONVERSATION.conversation_id,
    account_id=ACCOUNT,
    sender=FAN,
    receiver=SHOP,
    msg_type="text",
    content="请问洋桔梗今天还能送到吗？",
    create_time=T - 2 * MINUTE,
    direction="inbound",
    status=None,
    is_read=False,
    is_deleted=False,
    is_recalled=False,
    is_automatic=False,
    recalled_at=None,
    answered_by=None,
    reply_to_message_id=None,
    media_url=None,
    media_thumbnail=None,
    file_size=None,
    file_name=None,
    duration=None,
    platform=PLATFORM,
)
STATS_OF_WORK: Final = WorkStats(total_comments=41, new_comments=2, likes=1_930, shares=88, views=51_200, collects=402)
WORK_ITEM: Final = WorkShape(
    content_id=WORK,
    account_id=ACCOUNT,
    platform=PLATFORM,
    platform_content_id="7435512345678901234",
    content_type="video",
    title=WORK_TITLE,
    description="深水醒花三小时，瓶口别太挤。#鲜花 #洋桔梗",
    cover="https://p3.douyinpic.com/obj/tos-cn-p-0015/yangjiegeng.jpeg",
    url="https://www.douyin.com/video/7435512345678901234",
    publish_time=T - 4_000 * MINUTE,
    stats=STATS_OF_WORK,
    tags=("鲜花", "洋桔梗"),
    is_new=True,
    is_placeholder=False,
    created_at=T - 4_000 * MINUTE,
    updated_at=T - 30 * MINUTE,
)
DISCUSSION: Final = DiscussionShape(
    discussion_id="comm_xiaoman_7436600112233445566",
    account_id=ACCOUNT,
    platform=PLATFORM,
    platform_discussion_id="7436600112233445566",
    parent_comment_id="comm_xiaoman_7436500112233445566",
    content_id=WORK,
    content_title=WORK_TITLE,
    content="同问，杭州能发吗？",
    images=(),
    author=Author("7311223344556677889", "晚风与茶", None),
    reply_to=ReplyTo(FAN.user_id, FAN.user_name),
    like_count=5,
    reply_count=None,
    direction="inbound",
    is_author_reply=False,
    region="浙江",
    needs_reply=True,
    reply_reason="question",
    waiting_since=T - 20 * MINUTE,
    done_at=None,
    pending_reply=None,
    answered_by=None,
    open_url=None,
    is_pinned=False,
    is_read=False,
    is_new=True,
    created_at=T - 20 * MINUTE,
)
NOTIFICATION: Final = NotificationShape(
    notification_id="notif_xiaoman_7437700112233445566",
    account_id=ACCOUNT,
    platform=PLATFORM,
    type="like",
    trigger=PersonShape("7311223344556677889", "晚风与茶", None),
    related_content_id=WORK,
    related_comment_id=None,
    title=None,
    content="晚风与茶 赞了你的作品",
    link_url=None,
    is_read=False,
    created_at=T - 45 * MINUTE,
)
THREAD: Final = ThreadShape(
    thread_id=CONVERSATION.conversation_id,
    kind="direct_message",
    account_id=ACCOUNT,
    conversation_id=CONVERSATION.conversation_id,
    discussion_id=None,
    person=CONVERSATION.participant,
    people_count=1,
    preview=ThreadPreview(direction="inbound", msg_type="text", text="这件有 M 码吗？", speaker_name=None),
    work_title=None,
    unread_count=2,
    needs_reply=True,
    reply_reason="question",
    waiting_since=T - 12 * MINUTE,
    is_pinned=False,
    is_muted=False,
    done_at=None,
    pending_reply="queued",
    read_by="ann",
    done_by=None,
    update_time=T - 12 * MINUTE,
    platform=PLATFORM,
)
CLIENT_ID: Final = UUID("7a1e7c3e-2f57-4c3b-9c65-0d3a5f1b2c4d")
REPLY: Final = ReplyShape(
    reply_id=f"repl_{ACCOUNT}_{CLIENT_ID.hex}",
    client_id=str(CLIENT_ID),
    account_id=ACCOUNT,
    conversation_id=CONVERSATION.conversation_id,
    discussion_id=None,
    content_id=None,
    text="能的，下午三点前下单，今晚送到。",
    mode="send",
    state="held",
    reason=None,
    confirmed_id=None,
    retry_of=None,
    by=WriterShape(user_id="2", name="ann"),
    created_at=T,
    not_before=T + 5_000,
    pressed_at=None,
    ended_at=None,
)
ROW: Final = UnifiedRow(
    msg_id=DISCUSSION.discussion_id,
    account_id=ACCOUNT,
    business_type="discussion",
    msg_type="text",
    sender=PersonShape("7311223344556677889", "晚风与茶", None),
    content=DISCUSSION.content,
    conversation_id=None,
    content_id=WORK,
    parent_comment_id=DISCUSSION.parent_comment_id,
    work_title=WORK_TITLE,
    is_read=False,
    is_new=True,
    is_pinned=False,
    is_muted=False,
    direction="inbound",
    create_time=T - 20 * MINUTE,
    platform=PLATFORM,
)
NOTE: Final = NoteShape(
    account_id=ACCOUNT,
    user_id=str(FAN.user_id),
    text="老客户，生日是 5 月 20 日，喜欢浅色。",
    updated_at=T - 90 * MINUTE,
    updated_by="ann",
)
SENDING: Final = SendingShape(
    account_id="xiaoman",
    mode="send",
    obstacle=None,
    waiting=2,
    messages=PaceShape(per_hour=15, per_day=60, left_hour=11, left_day=48, next_at=1_764_000_240_000, why="pace"),
    comments=PaceShape(per_hour=10, per_day=40, left_hour=10, left_day=40, next_at=1_764_000_005_000, why=None),
)
SAVED_REPLY: Final = SavedReplyShape(
    id="12",
    title="今天能送到",
    text="您好，上海市区今天 18 点前下单都能送到。",
    shared=True,
    account_id=None,
    owner_name="ann",
    is_mine=True,
    created_at=T - 5_000 * MINUTE,
    updated_at=T - 90 * MINUTE,
)
_COUNTS: Final = {
    "total_unread": 3,
    "unread_comments": 0,
    "unread_discussions": 1,
    "unread_direct_messages": 1,
    "unread_notifications": 1,
    "needs_reply": 2,
}
STATS: Final = Stats(accounts={ACCOUNT: Counts(**_COUNTS)}, **_COUNTS)

HEALTH: Final = HealthShape(version="0.1.0", timestamp=T)
VERSION: Final = Version(api_version="1", compatibility="im-v1", supported_platforms=[PLATFORM])
ROUTE_LIST: Final = Routes(routes=[RouteRow(path="/api/im/conversations", methods="GET, POST")])
STATUS: Final = StatusAnswer(
    data=StatusShape(
        version="0.1.0",
        uptime=86_400,
        workers=WorkersPart(
            total=1,
            online=1,
            items=[
                WorkerItem(
                    name="atlas",
                    online=True,
                    host="atlas.lan",
                    version="0.1.0",
                    connected_at=T - 900 * MINUTE,
                    last_heartbeat_at=T - 3_000,
                    active_tasks=1,
                    memory_mb=412.5,
                    cpu_percent=7.5,
                    accounts=[ACCOUNT],
                )
            ],
        ),
        data_store=StorePart(
            total_accounts=1,
            total_comments=41,
            total_contents=12,
            total_conversations=27,
            total_messages=530,
            total_notifications=64,
            orphan_comments=0,
            orphan_messages=2,
            memory_bytes=91_226_112,
            resident_accounts=12,
            evicted_accounts=0,
            account_bytes=5_242_880,
            account_bytes_limit=0,
            body_reads=0,
            last_update=T,
        ),
        data_sync=SyncPart(
            total_received=2_880,
            total_failed=0,
            last_receive_time=T,
            accounts=[AccountPart(account_id=ACCOUNT, received=2_880, failed=0, bytes=14_600_000, last_receive_time=T)],
        ),
    )
)
METRICS: Final = "# HELP imhub_accounts Accounts\n# TYPE imhub_accounts gauge\nimhub_accounts 1.0\n"
LOGIN: Final = LoginShape(
    account_id=ACCOUNT,
    login_id="9f2c4e0d7a5b4c1e8d3f6a7b2c9e0f11",
    state="qrcode_ready",
    qrcode="data:image/png;base64,iVBORw0KGgo=",
    expires_at=T + 2 * MINUTE,
    started_at=T,
    started_by="olivia",
)
PAIRED: Final = PairedShape("front-desk", "前台电脑", "front-desk:9vT1nq0c3Xb7…")
LOGIN_LINK: Final = LoginLinkShape(
    account_id=ACCOUNT,
    url="https://hub.example/scan/3v0Jq8mT1yXo2n4bWc5dEf6gHi7kLmNoPqRsTuVwXyZ",
    expires_at=T + 10 * MINUTE,
)
COVERAGE: Final = CoverageShape(
    account_id=ACCOUNT,
    since=T - 24 * 60 * MINUTE,
    until=T,
    surfaces={
        "messages": SurfaceCoverageShape(
            [StretchShape(T - 24 * 60 * MINUTE, T - 90 * MINUTE), StretchShape(T - 30 * MINUTE, T)],
            [GapShape(T - 90 * MINUTE, T - 30 * MINUTE, "not_observed")],
        )
    },
)
