from demo.site import Site
from demo.wire.comments import as_www, comment_list, reply_list
from demo.wire.common import Links
from demo.wire.notices import notice_detail, notice_list
from demo.world import DemoAccount, DemoComment, DemoNotice

KEYS = 31


def some_replies(account: DemoAccount, count: int) -> str:
    parent = account.comments[0]
    for i in range(count):
        reply = DemoComment(str(10**18 + i), parent.aweme_id, "200000000003", f"{i}", parent.created_s + i, parent.cid)
        account.comments.append(reply)
    return parent.cid


def test_a_comment_has_the_documented_types(site: Site, alpha: DemoAccount, links: Links) -> None:
    body = comment_list(site.world, alpha, alpha.works[0].aweme_id, links, 0, 10)
    (comment,) = body["comments"]
    assert (body["cursor"], body["has_more"], body["total"]) == (1, False, 1)
    assert body["has_more"] is False
    assert len(comment) == KEYS
    assert comment["cid"] == alpha.comments[0].cid
    assert comment["create_time"] == alpha.comments[0].created_s
    assert comment["reply_comment_total"] == 1
    assert (comment["level"], comment["reply_id"], comment["reply_to_reply_id"]) == (1, "0", "0")
    assert comment["user"]["uid"] == "200000000001"
    assert comment["user"]["sec_uid"].startswith("MS4wLjABAAAA")
    assert len(comment["user"]["sec_uid"]) == 55
    assert comment["image_list"] is None
    assert comment["label_text"] == ""


def test_a_reply_names_its_parent_and_whom_it_answers(site: Site, alpha: DemoAccount, links: Links) -> None:
    (reply,) = reply_list(site.world, alpha, alpha.comments[0].cid, links, 0, 10)["comments"]
    assert (reply["level"], reply["reply_id"], reply["reply_to_reply_id"]) == (2, alpha.comments[0].cid, "0")
    assert (reply["reply_to_username"], reply["reply_to_userid"]) == ("粉丝01", "200000000001")
    assert reply["label_text"] == "作者"


def test_replies_page_by_offset(site: Site, alpha: DemoAccount, links: Links) -> None:
    cid = some_replies(alpha, 11)
    first = reply_list(site.world, alpha, cid, links, 0, 10)
    second = reply_list(site.world, alpha, cid, links, first["cursor"], 10)
    assert (len(first["comments"]), first["cursor"], first["has_more"]) == (10, 10, True)
    assert (len(second["comments"]), second["cursor"], second["has_more"]) == (2, 12, False)


def test_www_says_0_or_1(site: Site, alpha: DemoAccount, links: Links) -> None:
    body = as_www(comment_list(site.world, alpha, alpha.works[0].aweme_id, links, 0, 10))
    assert type(body["has_more"]) is int


def test_a_comment_of_a_picture_only_has_no_text(site: Site, links: Links) -> None:
    beta = site.world.accounts["beta"]
    found = [comment_list(site.world, beta, w.aweme_id, links, 0, 10)["comments"] for w in beta.works]
    (image,) = [c for comments in found for c in comments if not c["text"]]
    assert len(image["image_list"]) == 1
    assert image["image_list"][0]["url_list"][0].startswith("http://demo.test/p3.douyinpic.com/")


def test_a_deleted_comment_is_in_no_list_but_still_counted(site: Site, alpha: DemoAccount, links: Links) -> None:
    alpha.comments[0].is_deleted = True
    assert comment_list(site.world, alpha, alpha.works[0].aweme_id, links, 0, 10)["comments"] == []
    assert alpha.count_comments(alpha.works[0].aweme_id) == 2


def test_a_notice_has_the_documented_types(site: Site, alpha: DemoAccount, links: Links) -> None:
    nids = [n.nid for n in alpha.notices if n.kind == "comment"]
    body = notice_detail(site.world, alpha, nids, links)
    notice = body["notice_list_v2"][0]
    inner = notice["comment"]["comment"]
    assert len(body["notice_list_v2"]) == 7
    assert notice["type"] == 31
    assert notice["nid"] == int(notice["nid_str"])
    assert notice["user_id"] == 1000000000000001
    assert type(notice["create_time"]) is int
    assert notice["comment"]["aweme"] is None
    assert inner["aweme_id"] == alpha.comments[-1].aweme_id
    assert inner["reply_comment"] is None
    assert not {"create_time", "digg_count", "reply_comment_total"} & set(inner)


def test_likes_and_follows_are_41_and_33(site: Site, alpha: DemoAccount, links: Links) -> None:
    nids = [n.nid for n in alpha.notices if n.kind != "comment"]
    follow, like = notice_detail(site.world, alpha, nids, links)["notice_list_v2"]
    assert (like["type"], like["aweme_id"], like["digg"]["user"]["uid"]) == (
        41,
        alpha.works[0].aweme_id,
        "200000000009",
    )
    assert (follow["type"], follow["follow"]["user"]["nickname"]) == (33, "粉丝09")


def test_the_list_of_the_bell_is_paged_by_time_and_loses_nothing(site: Site, alpha: DemoAccount, links: Links) -> None:
    moment = alpha.notices[-1].created_s + 5
    alpha.notices += [DemoNotice(str(10**18 + i), "like", moment + i // 4, "200000000009") for i in range(23)]
    seen: list[str] = []
    before, more = 0, 1
    while more:
        body = notice_list(site.world, alpha, before, 10, links)
        seen += [one["nid_str"] for one in body["notice_list_v2"]]
        before, more = body["min_time"], body["has_more"]
    assert seen == [one.nid for one in alpha.list_notices()]
