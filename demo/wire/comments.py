"""Comments: level 1 (C, and E on www) and level 2 (D)."""

from demo.switches import NO_FAULTS, Switches
from demo.wire.common import Json, Links, author_card, cut_page, envelope, rename_lists
from demo.world import DemoAccount, DemoComment, World


def comment_list(
    world: World,
    account: DemoAccount,
    aweme_id: str,
    links: Links,
    cursor: int,
    count: int,
    faults: Switches = NO_FAULTS,
    *,
    unanswered: bool = False,
) -> Json:
    """Return C: a page of level-1 comments, or of those that the owner did not answer. `cursor` is an offset."""
    found = account.list_comments(aweme_id)
    if unanswered:
        found = [one for one in found if not account.is_answered(one)]
    return _envelope(world, account, found, links, cursor, count, faults)


def reply_list(
    world: World, account: DemoAccount, cid: str, links: Links, cursor: int, count: int, faults: Switches = NO_FAULTS
) -> Json:
    """Return D: a page of replies, flat: replies to replies stand beside each other. `cursor` is an offset."""
    found = account.list_replies(cid)
    return _envelope(world, account, found, links, cursor, count, faults)


def _envelope(
    world: World,
    account: DemoAccount,
    found: list[DemoComment],
    links: Links,
    cursor: int,
    count: int,
    faults: Switches,
) -> Json:
    page = cut_page(found, cursor, count, faults)
    body: Json = {
        "comments": [comment(world, account, c, links) for c in page.items],
        "cursor": page.end,
        "has_more": page.has_more,
        "total": 0 if faults.empty_lists else len(found),
        "log_pb": {"impr_id": "demo"},
    }
    return envelope(links.now_ms, rename_lists(body, faults))


def as_www(answer: Json) -> Json:
    """Return the same answer with 0 or 1 in place of booleans, as on www."""
    return answer | {"has_more": int(answer["has_more"])}


def comment(world: World, account: DemoAccount, item: DemoComment, links: Links) -> Json:
    """Return one comment: the 31 keys of an item, and two more on replies."""
    by_owner = item.author_uid == account.owner.uid
    return {
        "cid": item.cid,
        "aweme_id": item.aweme_id,
        "text": item.text,
        "create_time": item.created_s,
        "digg_count": item.likes,
        "reply_comment_total": len(account.list_replies(item.cid)),
        "level": 2 if item.parent_cid else 1,
        "status": 1,
        "reply_id": item.parent_cid or "0",
        "reply_to_reply_id": item.answered_cid or "0",
        "user": author_card(world, item.author_uid, links),
        "user_digged": int(item.is_liked),
        "user_buried": False,
        "is_author_digged": item.is_liked,
        "label_text": "作者" if by_owner else "",
        "label_type": 1 if by_owner else -1,
        "label_list": [{"type": 1, "text": "作者"}] if by_owner else None,
        "image_list": images(item, links),
        "video_list": None,
        "text_music_info": None,
        "text_extra": [],
        "ip_label": world.person(item.author_uid).region,
        "stick_position": int(item.is_pinned),
        "reply_comment": None,
        "content_type": 2 if item.images else 1,
        "is_folded": item.is_folded,
        "is_hot": item.likes > 10,
        "is_note_comment": 0,
        "is_user_tend_to_reply": False,
        "enter_from": "",
        "item_comment_total": account.count_comments(item.aweme_id),
    } | reply_target(world, account, item)


def reply_target(world: World, account: DemoAccount, item: DemoComment) -> Json:
    """Return whom a reply answers: the writer of the level-2 comment, else of the level-1 comment."""
    if item.parent_cid is None:
        return {}
    target = account.get_comment(item.answered_cid or item.parent_cid)
    person = world.person(target.author_uid) if target else None
    return {"reply_to_username": person.nickname if person else "", "reply_to_userid": person.uid if person else ""}


def images(item: DemoComment, links: Links) -> list[Json] | None:
    """Return the pictures of a comment, or None without any."""
    if not item.images:
        return None
    made = [links.picture("photo", f"{item.cid}-{i}") for i in range(item.images)]
    return [picture | {"download_url": picture, "origin_url": picture} for picture in made]
