from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import PageChanged
from crawler.platforms.douyin.parse.batch import ParseScope
from crawler.platforms.douyin.parse.comments import parse_comments
from crawler.platforms.douyin.parse.notices import ParsedNotice, parse_notices
from sync.protocol.items import Comment, Content, Notification
from sync.protocol.text import well_formed
from tests.crawler.platforms.douyin.shapes import (
    CID,
    FAN_SEC,
    FAN_UID,
    NOW,
    OWNER_UID,
    WORK,
    a_comment,
    a_comment_notice,
    a_comment_page,
    a_notice,
    a_notice_page,
    a_user,
    an_id,
)

SCOPE = ParseScope("acc1", NOW, OWNER_UID)


def the_comment(**changes: Any) -> Comment:
    [comment] = parse_comments(a_comment_page(a_comment(**changes)), SCOPE).items
    return comment


@given(st.text(st.characters(), max_size=5))
def test_what_people_call_themselves_and_write_can_be_encoded(words: str) -> None:
    user = {**a_user(), "nickname": words}
    comment = the_comment(text=words, ip_label=words, user=user, image_list=[{"url_list": ["https://x/" + words]}])
    notice = the_notice(a_notice(41, digg={"user": user}))
    assert msgspec.json.encode([comment, notice])
    assert comment.content == well_formed(words)


def test_a_number_without_end_costs_itself() -> None:
    comment = the_comment(digg_count="9" * 400, reply_comment_total="1.2万")
    assert (comment.like_count, comment.reply_count) == (None, 12_000)


@pytest.mark.parametrize("nickname", ["\u3164", "\u200b", "  ", "\u2800\n"])
def test_a_name_of_which_nobody_sees_anything_is_none(nickname: str) -> None:
    assert the_comment(user={**a_user(), "nickname": nickname}).author_name is None


def the_notice(raw: object) -> ParsedNotice:
    [notice] = parse_notices(a_notice_page(raw), SCOPE).items
    return notice


def the_noticed_comment(raw: object) -> Comment:
    comment = the_notice(raw).comment
    assert comment is not None
    return comment


def the_noticed_work(raw: object) -> Content:
    work = the_notice(raw).work
    assert work is not None
    return work


def the_notification(raw: object) -> Notification:
    notification = the_notice(raw).notification
    assert notification is not None
    return notification


def test_a_comment_has_all_documented_values() -> None:
    assert the_comment() == Comment(
        id=f"comm_acc1_{CID}",
        platform_id=CID,
        created_at=1_760_003_600_000,
        content_id=f"cont_acc1_{WORK}",
        author_id=FAN_UID,
        author_sec_id=FAN_SEC,
        author_name="粉丝甲",
        author_avatar="https://p3.douyinpic.com/fan.jpeg",
        region="黑龙江",
        content="你好[赞]",
        images=(),
        like_count=5,
        reply_count=2,
        is_pinned=False,
        is_author_reply=False,
        is_liked=False,
    )


def test_reply_id_zero_is_no_parent() -> None:
    assert the_comment(reply_id="0").parent_comment_id is None


def test_a_reply_has_the_level_one_comment_above_it_also_when_it_answers_another_reply() -> None:
    reply = the_comment(cid="7559157902842277009", level=2, reply_id=CID, reply_to_reply_id="7559157902842277005")
    assert reply.parent_comment_id == f"comm_acc1_{CID}"


def test_the_parent_asked_for_stands_in_when_the_reply_names_none() -> None:
    body = a_comment_page(a_comment(cid="7559157902842277009", reply_id="0", level=2))
    [reply] = parse_comments(body, SCOPE, parent=CID).items
    assert reply.parent_comment_id == f"comm_acc1_{CID}"


def test_the_work_comes_from_the_item_because_reply_requests_do_not_name_it() -> None:
    body = a_comment_page(a_comment(level=2, reply_id="7559157902842277000"))
    [reply] = parse_comments(body, SCOPE, aweme_id=None).items
    assert reply.content_id == f"cont_acc1_{WORK}"


@pytest.mark.parametrize("has_more", [True, 1])
def test_has_more_is_a_boolean_here_and_a_number_on_www(has_more: bool | int) -> None:
    assert parse_comments(a_comment_page(a_comment(), has_more=has_more), SCOPE).has_more is True


def test_an_image_only_comment_has_an_empty_text_and_its_pictures() -> None:
    comment = the_comment(
        text="", image_list=[{"uri": "u", "url_list": ["https://p3.x/1.jpeg", "https://p9.x/1.jpeg"]}]
    )
    assert (comment.content, comment.images) == ("", ("https://p3.x/1.jpeg",))


def test_the_web_variant_of_a_picture_is_read_too() -> None:
    assert the_comment(image_list=[{"origin_url": {"url_list": ["https://p3.x/2.jpeg"]}}]).images == (
        "https://p3.x/2.jpeg",
    )


def test_the_owners_own_reply_is_recognised_by_uid_or_by_label() -> None:
    assert the_comment(user=a_user(uid=OWNER_UID)).is_author_reply is True
    unknown_owner = ParseScope("acc1", NOW)
    [labelled] = parse_comments(a_comment_page(a_comment(label_text="作者")), unknown_owner).items
    assert labelled.is_author_reply is True


def test_embedded_replies_are_kept() -> None:
    reply = a_comment(cid="7559157902842277002", level=2, reply_id=CID)
    items = parse_comments(a_comment_page(a_comment(reply_comment=[reply])), SCOPE).items
    assert [item.parent_comment_id for item in items] == [None, f"comm_acc1_{CID}"]


def test_null_comments_are_none_at_all_but_a_missing_key_is_a_changed_page() -> None:
    assert parse_comments(a_comment_page(comments=None), SCOPE).items == []
    body = a_comment_page()
    del body["comments"]
    with pytest.raises(PageChanged):
        parse_comments(body, SCOPE)


def test_a_ciphertext_is_no_comment_id() -> None:
    batch = parse_comments(a_comment_page(a_comment(cid="@cipher==")), SCOPE)
    assert (batch.items, batch.health.bad, batch.health.canary) == ([], 1, "page_changed")


def test_a_comment_notice_is_a_comment_and_no_notification() -> None:
    notice = the_notice(a_comment_notice())
    assert notice.notification is None
    assert notice.comment is not None
    assert notice.comment.id == f"comm_acc1_{CID}"
    assert notice.comment.created_at == 1_760_003_610_000  # the notice's: the comment has none here


def test_numbers_a_notice_does_not_carry_are_none_so_that_they_overwrite_nothing() -> None:
    comment = the_noticed_comment(a_comment_notice())
    assert (comment.like_count, comment.reply_count, comment.is_pinned, comment.region) == (None, None, None, None)
    assert (comment.reply_to_user_id, comment.reply_to_user_name) == (None, None)


def test_a_comment_notice_brings_a_stub_of_its_work() -> None:
    work = the_noticed_work(a_comment_notice())
    assert (work.id, work.title, work.view_count) == (f"cont_acc1_{WORK}", "很早的作品", None)
    assert work.publish_time == 1_700_000_000_000


def test_a_reply_notice_hangs_under_the_level_one_comment() -> None:
    answer = a_comment_notice()
    answer["comment"]["comment"] |= {"cid": "7559157902842277009", "reply_comment": {"cid": CID, "reply_id": "0"}}
    assert the_noticed_comment(answer).parent_comment_id == f"comm_acc1_{CID}"
    answer["comment"]["comment"]["reply_comment"] = {"cid": "7559157902842277005", "reply_id": CID}
    assert the_noticed_comment(answer).parent_comment_id == f"comm_acc1_{CID}"


def test_a_reply_notice_without_the_answered_comment_keeps_the_name_it_answers() -> None:
    answer = a_comment_notice()
    answer["comment"]["comment"] |= {"reply_to_username": "粉丝乙", "reply_to_userid": "200000000003"}
    comment = the_noticed_comment(answer)
    assert (comment.parent_comment_id, comment.reply_to_user_name) == (None, "粉丝乙")


def test_the_user_of_a_notice_is_the_owner_not_who_triggered_it() -> None:
    raw = a_notice(33, follow={"user_id": FAN_UID, "user": a_user()})
    follow = the_notification(raw)
    assert the_notice(raw).owner_uid == OWNER_UID
    assert (follow.type, follow.trigger_id) == ("follow", FAN_UID)
    assert follow.trigger_name == "粉丝甲"


def test_a_like_without_its_user_keeps_the_uid_and_the_work() -> None:
    like = the_notification(a_notice(41, aweme_id=WORK, digg={"count": 1, "uid": FAN_UID, "user": None}))
    assert (like.type, like.trigger_id, like.trigger_name) == ("like", FAN_UID, None)
    assert like.related_content_id == f"cont_acc1_{WORK}"


def test_a_mention_names_who_mentioned_us_and_where() -> None:
    mention = the_notification(a_notice(45, aweme_id=WORK, at={"user_id": FAN_UID, "user": a_user()}))
    assert (mention.type, mention.trigger_id, mention.trigger_name) == ("mention", FAN_UID, "粉丝甲")
    assert mention.related_content_id == f"cont_acc1_{WORK}"


@pytest.mark.parametrize("kind", [1, 26, 999])
def test_other_notices_are_system_ones(kind: int) -> None:
    block = {"title": "平台公告", "content": "请查看", "schema_url": "sslocal://x", "sender_name": "抖音"}
    notice = the_notification(a_notice(kind, general_notice=block))
    assert (notice.type, notice.title, notice.content) == ("system", "平台公告", "请查看")
    assert notice.link_url == "sslocal://x"


def test_a_notice_is_keyed_by_nid_str_because_the_number_lost_its_digits() -> None:
    notice = the_notification(a_notice(33, follow={"user": a_user()}))
    assert notice.platform_id == "7559157945791950001"


def test_the_read_state_of_a_notice_is_none_when_unknown() -> None:
    raw = a_notice(33, follow={"user": a_user()})
    del raw["has_read"]
    assert the_notification(raw).is_read is None


def test_a_comment_without_any_time_takes_it_from_its_id() -> None:
    assert the_comment(cid=an_id(1_750_000_000), create_time=None).created_at == 1_750_000_000_000
