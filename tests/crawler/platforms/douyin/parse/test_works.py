from typing import Any

import pytest

from crawler.errors import PageChanged
from crawler.platforms.douyin.parse.batch import ParseScope
from crawler.platforms.douyin.parse.works import parse_picker, parse_work_list
from sync.protocol.items import Content
from tests.crawler.platforms.douyin.shapes import (
    NOW,
    OWNER_UID,
    WORK,
    a_picker,
    a_picker_row,
    a_work,
    a_work_list,
    an_id,
    metrics_of,
)

SCOPE = ParseScope("acc1", NOW)


def the_work(body: object) -> Content:
    batch = parse_work_list(body, SCOPE)
    [work] = batch.items
    return work


def test_a_work_has_all_documented_values() -> None:
    assert the_work(a_work_list(a_work())) == Content(
        id=f"cont_acc1_{WORK}",
        platform_id=WORK,
        type="video",
        title="第一条作品 #旅行",
        description="第一条作品 #旅行",
        cover_url="https://p3.douyinpic.com/cover.jpeg?x-signature=1",
        url=f"https://www.iesdouyin.com/share/video/{WORK}/?region=CN",
        duration=15.0,
        author_id=OWNER_UID,
        author_name="示例账号",
        view_count=836,
        like_count=1,
        comment_count=0,
        collect_count=0,
        publish_time=1_760_000_000_000,
        created_at=1_760_000_000_000,
        tags=("旅行",),
        visibility="public",
        allow_comment=True,
    )


def test_metrics_are_strings_and_go_before_the_statistics() -> None:
    work = the_work(a_work_list(a_work(), items=[metrics_of(WORK)]))
    assert (work.view_count, work.like_count, work.comment_count, work.collect_count) == (900, 12, 3, 4)


def test_metrics_are_joined_by_id_not_by_position() -> None:
    other = "7559142440960099999"
    body = a_work_list(a_work(), a_work(aweme_id=other), items=[metrics_of(other, view_count="7"), metrics_of(WORK)])
    batch = parse_work_list(body, SCOPE)
    assert {work.platform_id: work.view_count for work in batch.items} == {WORK: 900, other: 7}


def test_unknown_numbers_are_none_not_zero() -> None:
    work = the_work(a_work_list(a_work(statistics={"aweme_id": WORK})))
    assert (work.view_count, work.like_count, work.share_count) == (None, None, None)


def test_a_work_is_keyed_by_its_digits_never_by_the_ciphertext() -> None:
    raw = a_work(aweme_id="@cipher==")
    assert the_work(a_work_list(raw)).platform_id == WORK  # from the share link
    batch = parse_work_list(a_work_list(a_work(aweme_id="@cipher==", share_url=None)), SCOPE)
    assert (batch.items, batch.health.bad) == ([], 1)


@pytest.mark.parametrize("raw", [a_work(aweme_type=68), a_work(images=[{"url_list": ["https://p3.x/1.jpeg"]}])])
def test_an_album_is_an_image_by_type_or_by_its_pictures(raw: dict[str, Any]) -> None:
    assert the_work(a_work_list(raw)).type == "image"


def test_a_deleted_work_is_kept_and_called_deleted() -> None:
    assert the_work(a_work_list(a_work(status={"is_delete": True}))).visibility == "deleted"


def test_a_private_work_is_private() -> None:
    assert the_work(a_work_list(a_work(status={"is_private": True, "allow_comment": False}))).visibility == "private"


def test_an_invalid_time_falls_back_to_the_id_and_never_to_now() -> None:
    raw = a_work(aweme_id=an_id(1_750_000_000), create_time=0)
    assert the_work(a_work_list(raw)).publish_time == 1_750_000_000_000
    assert the_work(a_work_list(a_work(aweme_id="123", create_time=0))).publish_time is None


@pytest.mark.parametrize("body", [{"status_code": 0}, {"aweme_list": 5, "has_more": False}, [], None])
def test_a_body_without_the_list_is_a_changed_page_not_an_empty_list(body: object) -> None:
    with pytest.raises(PageChanged):
        parse_work_list(body, SCOPE)


def test_has_more_of_another_type_is_a_changed_page() -> None:
    with pytest.raises(PageChanged):
        parse_work_list(a_work_list(a_work(), has_more="yes"), SCOPE)


def test_a_renamed_key_in_most_works_trips_the_canary() -> None:
    works = [a_work(aweme_id=str(7559142440960012000 + n)) for n in range(4)]
    for work in works:
        work["stats"] = work.pop("statistics")
    batch = parse_work_list(a_work_list(*works), SCOPE)
    assert len(batch.items) == 4
    assert batch.health.canary == "page_changed"


def test_one_bad_work_is_counted_and_the_others_are_kept() -> None:
    batch = parse_work_list(a_work_list(a_work(), "nonsense", a_work(aweme_id="7559142440960012346")), SCOPE)
    assert (len(batch.items), batch.health.bad, batch.health.canary) == (2, 1, "ok")


def test_a_picker_row_has_beijing_time_seconds_and_the_plain_id() -> None:
    [work] = parse_picker(a_picker(a_picker_row()), SCOPE).items
    assert work.platform_id == WORK
    assert work.title == "第一条作品 #旅行"
    assert work.publish_time == 1_760_000_000_000  # 16:53 in Beijing, to the second by the id
    assert work.duration == 27.334
    assert work.comment_count == 3
    assert work.author_id == OWNER_UID
    assert work.view_count is None


def test_the_beijing_string_is_eight_hours_before_the_same_utc_string() -> None:
    row = a_picker_row(item_id_plain="123", create_time="发布于2025年10月09日 16:53")
    [work] = parse_picker(a_picker(row), SCOPE).items
    assert work.publish_time == 1_759_999_980_000  # 2025-10-09T08:53:00Z


def test_a_picker_row_with_a_ciphertext_only_is_read_from_its_link() -> None:
    row = a_picker_row(item_id_plain=None)
    [work] = parse_picker(a_picker(row), SCOPE).items
    assert work.platform_id == WORK
