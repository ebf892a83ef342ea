"""Notices on www: page by page in the bell's list, and single ones by their ids (K) when they were pushed."""

from demo.switches import NO_FAULTS, Switches
from demo.wire.comments import images
from demo.wire.common import Json, Links, author_card, envelope, rename_lists
from demo.wire.works import VIDEO_SIZE, author, status
from demo.world import DemoAccount, DemoComment, DemoNotice, DemoWork, World

TYPES = {"comment": 31, "follow": 33, "like": 41, "mention": 45}
GROUPS = {"comment": "7", "like": "8", "follow": "9", "mention": "10"}
"""Under which key the page counts its unread ones."""
NOTICE_AFTER_S = 2
"""A notice about a comment has a time of its own, a little later than that of the comment in its list."""


def notice_list(
    world: World, account: DemoAccount, before_s: int, count: int, links: Links, faults: Switches = NO_FAULTS
) -> Json:
    """Return a page of the bell's list, newest first: what is older than `before_s` (epoch s; 0: the newest).

    What is of one second stands on one page.
    """
    listed = [] if faults.empty_lists else account.list_notices()
    older = [one for one in listed if not before_s or one.created_s < before_s]
    last_s = older[min(count, len(older)) - 1].created_s if older else 0
    found = [one for one in older if one.created_s >= last_s]
    body: Json = {
        "notice_list_v2": [notice(world, account, one, links) for one in found],
        "has_more": int(faults.endless_pages or len(found) < len(older)),
        "min_time": last_s,
        "max_time": found[0].created_s if found else 0,
    }
    return envelope(links.now_ms, rename_lists(body, faults))


def notice_detail(
    world: World, account: DemoAccount, nids: list[str], links: Links, faults: Switches = NO_FAULTS
) -> Json:
    """Return K: the notices asked for, newest first."""
    wanted = set(nids)
    found = [] if faults.empty_lists else [n for n in account.list_notices() if n.nid in wanted]
    body: Json = {"notice_list_v2": [notice(world, account, n, links) for n in found]}
    return envelope(links.now_ms, rename_lists(body, faults))


def notice(world: World, account: DemoAccount, item: DemoNotice, links: Links) -> Json:
    """Return one notice. `nid` is a number too large for a browser, `user_id` the account's own."""
    head: Json = {
        "nid": int(item.nid),
        "nid_str": item.nid,
        "type": TYPES[item.kind],
        "create_time": item.created_s + (NOTICE_AFTER_S if item.kind == "comment" else 0),
        "has_read": item.has_read,
        "read_time": item.created_s + 60 if item.has_read else 0,
        "user_id": int(account.owner.uid),
        "item_disable": False,
        "interactive_biz_id": "",
        "landing_group": 0,
    }
    return head | _content(world, account, item, links)


def _content(world: World, account: DemoAccount, item: DemoNotice, links: Links) -> Json:
    actor = author_card(world, item.actor_uid, links)
    if item.kind == "follow":
        return {"follow": {"user_id": item.actor_uid, "user": actor}}
    if item.kind == "mention":
        return {"aweme_id": item.aweme_id, "at": {"user_id": item.actor_uid, "user": actor}}
    if item.kind == "like":
        return {
            "aweme_id": item.aweme_id,
            "digg": {"count": 1, "user_id": item.actor_uid, "uid": item.actor_uid, "user": actor},
        }
    found = next((c for c in account.comments if c.cid == item.cid), None)
    return {"comment": notice_comment(world, account, item, found, links) if found else None}


def notice_comment(world: World, account: DemoAccount, item: DemoNotice, found: DemoComment, links: Links) -> Json:
    """Return the part of a notice that concerns a comment."""
    work = account.get_work(found.aweme_id) if item.with_aweme else None
    direct = found.parent_cid is None
    return {
        "comment": comment_of_notice(world, account, found, links),
        "aweme": aweme_of_notice(account, work, links) if work else None,
        "comment_type": 1,
        "parent_id": found.parent_cid or "0",
        "forward_id": found.aweme_id if direct else "0",
        "label_text": "朋友",
        "label_type": 8,
        "label_list": [{"type": 8, "text": "朋友"}],
        "comment_unvisible": 0,
        "enter_from": "",
    }


def comment_of_notice(world: World, account: DemoAccount, found: DemoComment, links: Links) -> Json:
    """Return the comment without time and counts: only the lists have them."""
    answered = account.get_comment(found.answered_cid or found.parent_cid or "")
    target = world.person(answered.author_uid) if answered else None
    card = author_card(world, found.author_uid, links)
    return {
        "cid": found.cid,
        "text": found.text,
        "aweme_id": found.aweme_id,
        "status": 1,
        "content_type": 2 if found.images else 1,
        "user_digged": int(found.is_liked),
        "user": card
        | {"gender": 0, "follower_count": 0, "is_block": False, "is_verified": False, "verification_type": 0},
        "reply_comment": {"cid": answered.cid, "text": answered.text} if answered else None,
        "reply_to_username": target.nickname if target else "",
        "reply_to_userid": target.uid if target else "",
        "image_list": images(found, links),
        "text_extra": [],
        "label_list": None,
    }


def aweme_of_notice(account: DemoAccount, work: DemoWork, links: Links) -> Json:
    """Return enough for a stub of the work, without statistics."""
    cover = links.picture("cover", work.aweme_id)
    return {
        "aweme_id": work.aweme_id,
        "desc": work.title,
        "create_time": work.created_s,
        "aweme_type": 0,
        "media_type": 4,
        "author": author(account, links),
        "author_user_id": int(account.owner.uid),
        "video": {"cover": cover, "origin_cover": cover, **VIDEO_SIZE},
        "status": status(work),
        "images": None,
    }
