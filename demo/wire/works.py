"""Works: the statistics list (A), the picker (B) and the public page (L)."""

from datetime import datetime, timedelta, timezone

from demo.ids import encrypt_id
from demo.switches import NO_FAULTS, Switches
from demo.wire.common import Json, Links, cut_page, envelope, offset_of_time, rename_lists
from demo.world import DemoAccount, DemoWork

BEIJING = timezone(timedelta(hours=8))
PICKER_PAGE = 20
VIDEO, ALBUM = 0, 68
COUNTS = ("danmaku", "dislike", "download", "subscribe", "unsubscribe")
RATES = [
    "like_rate",
    "comment_rate",
    "share_rate",
    "favorite_rate",
    "dislike_rate",
    "subscribe_rate",
    "unsubscribe_rate",
    "avg_view_proportion",
    "bounce_rate_2s",
    "completion_rate",
    "completion_rate_5s",
    "fan_view_proportion",
]


def time_ms(work: DemoWork) -> int:
    """Return the time of publication, ms UTC."""
    return work.created_s * 1000


def work_list(account: DemoAccount, links: Links, cursor: int, count: int, faults: Switches = NO_FAULTS) -> Json:
    """Return A: `aweme_list` and the parallel `items`. `max_cursor` is to be sent back."""
    works = [w for w in account.list_works() if w.in_list]
    page = cut_page(works, offset_of_time(works, time_ms, cursor), count, faults)
    body: Json = {
        "aweme_list": [aweme(account, w, links) for w in page.items],
        "items": [statistics_item(account, w, links) for w in page.items],
        "has_more": page.has_more,
        "max_cursor": time_ms(page.items[-1]) if page.items else cursor,
        "min_cursor": time_ms(page.items[0]) if page.items else 0,
        "total": 0 if faults.empty_lists else len(works),
        "activity_list": None,
        "can_modify": True,
        "creator_self_tags_response": None,
    }
    return envelope(links.now_ms, rename_lists(body, faults))


def aweme(account: DemoAccount, work: DemoWork, links: Links) -> Json:
    """Return a work with all its texts, and its counts as numbers."""
    cover = links.picture("cover", work.aweme_id)
    album = work.kind == "album"
    return {
        "aweme_id": work.aweme_id,
        "item_id": encrypt_id(account.owner.uid, work.aweme_id),
        "sec_item_id": encrypt_id(account.owner.uid, work.aweme_id),
        "group_id": work.aweme_id,
        "forward_id": "",
        "desc": work.title,
        "caption": work.title,
        "item_title": work.title,
        "create_time": work.created_s,
        "duration": 0 if album else work.duration_ms,
        "aweme_type": ALBUM if album else VIDEO,
        "is_story": 0,
        "is_top": 0,
        "status": status(work),
        "statistics": statistics(account, work),
        "author": author(account, links),
        "author_user_id": int(account.owner.uid),
        "Cover": cover,
        "video": {
            "play_addr": {"url_list": []},
            "cover": cover,
            "origin_cover": cover,
            **VIDEO_SIZE,
            "duration": work.duration_ms,
        },
        "images": [links.picture("photo", f"{work.aweme_id}-{i}") for i in range(3)] if album else None,
        "share_url": links.share(work.aweme_id),
        "text_extra": [{"hashtag_name": tag, "type": 1} for tag in tags(work)],
        "poi_info": None,
        "music": None,
    }


VIDEO_SIZE = {"width": 720, "height": 1280}


def tags(work: DemoWork) -> list[str]:
    """Return the hashtags in the title."""
    return [word[1:] for word in work.title.split() if word.startswith("#")]


def status(work: DemoWork) -> Json:
    """Return who may see and comment on the work."""
    return {
        "allow_comment": not work.is_private,
        "allow_share": not work.is_private,
        "is_delete": work.is_deleted,
        "is_private": work.is_private,
        "in_reviewing": False,
        "is_prohibited": False,
        "private_status": 1 if work.is_private else 0,
        "part_see": 0,
        "review_result": {"review_status": 0},
    }


def statistics(account: DemoAccount, work: DemoWork) -> Json:
    """Return the counts as numbers."""
    return {
        "aweme_id": work.aweme_id,
        "play_count": work.plays,
        "digg_count": work.likes,
        "comment_count": account.count_comments(work.aweme_id),
        "share_count": work.shares,
        "collect_count": work.collects,
        "forward_count": 0,
        "live_watch_count": 0,
    }


def author(account: DemoAccount, links: Links) -> Json:
    """Return the owner as the author of a work."""
    owner = account.owner
    return {
        "uid": owner.uid,
        "sec_uid": owner.sec_uid,
        "nickname": owner.nickname,
        "unique_id": owner.short_id,
        "avatar_thumb": links.avatar(owner.uid),
    }


def statistics_item(account: DemoAccount, work: DemoWork, links: Links) -> Json:
    """Return one row of `items`."""
    return {
        "id": work.aweme_id,
        "user_id": account.owner.uid,
        "description": work.title,
        "cover": links.picture("cover", work.aweme_id),
        "video_info": {"duration": work.duration_ms},
        "create_time": work.created_s,
        "metrics": metrics(account, work),
    }


def metrics(account: DemoAccount, work: DemoWork) -> dict[str, str]:
    """Return the counts and ratios of a work, all of them strings."""
    counts = {
        "view_count": work.plays,
        "like_count": work.likes,
        "comment_count": account.count_comments(work.aweme_id),
        "share_count": work.shares,
        "favorite_count": work.collects,
        "cover_show": work.plays * 3,
        "homepage_visit_count": work.plays // 50,
        **{f"{name}_count": 0 for name in COUNTS},
    }
    rates = {name: f"{0.01 * (i + 1):.4f}" for i, name in enumerate(RATES)}
    rates["like_rate"] = f"{work.likes / work.plays if work.plays else 0:.4f}"
    return {name: str(count) for name, count in counts.items()} | rates | {"avg_view_second": "6.4"}


def item_list(account: DemoAccount, links: Links, cursor: str, faults: Switches = NO_FAULTS) -> Json:
    """Return B: a page of the picker of the comment page."""
    works = [w for w in account.list_works() if w.in_picker and not w.is_deleted]
    offset = offset_of_time(works, time_ms, int(cursor) if cursor.isdigit() else 0)
    page = cut_page(works, offset, PICKER_PAGE, faults)
    body: Json = {
        "cursor": str(time_ms(page.items[-1])) if page.items else cursor,
        "has_more": page.has_more,
        "item_info_list": [picker_item(account, w, links) for w in page.items],
        "total_count": 0 if faults.empty_lists else len(works),
    }
    return envelope(links.now_ms, rename_lists(body, faults))


def picker_item(account: DemoAccount, work: DemoWork, links: Links) -> Json:
    """Return one work of the picker."""
    return {
        "anchor_user_id": account.owner.uid,
        "comment_count": account.count_comments(work.aweme_id),
        "cover_image_url": links.media("cover", work.aweme_id),
        "create_time": beijing_text(work.created_s),
        "creator_item_setting": {"charge_comment_audit": False},
        "duration": work.duration_ms,
        "item_id": encrypt_id(account.owner.uid, work.aweme_id),
        "item_id_plain": work.aweme_id,
        "item_link": links.share(work.aweme_id),
        "media_type": 4,
        "title": f"{work.title} ",
    }


def beijing_text(epoch_s: int) -> str:
    """Return the time of publication as the picker shows it."""
    return datetime.fromtimestamp(epoch_s, BEIJING).strftime("发布于%Y年%m月%d日 %H:%M")


def aweme_detail(account: DemoAccount, work: DemoWork, links: Links) -> Json:
    """Return L: the work on its public page."""
    detail = aweme(account, work, links) | {"item_id_plain": work.aweme_id}
    return envelope(links.now_ms, {"aweme_detail": detail})
