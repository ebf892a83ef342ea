from demo.scenarios import build_demo
from demo.switches import Switches
from demo.wire.common import Links
from demo.wire.works import item_list, work_list
from demo.world import DemoAccount

NOW_S = 1_760_200_000


def tea() -> DemoAccount:
    return build_demo(7, NOW_S).accounts["tea"]


def all_pages(account: DemoAccount, links: Links, faults: Switches) -> list[str]:
    cursor, found = 0, []
    for _ in range(50):
        body = work_list(account, links, cursor, 5, faults)
        found += [w["aweme_id"] for w in body["aweme_list"]]
        if not body["has_more"]:
            return found
        cursor = body["max_cursor"]
    raise AssertionError("the list has no end")


def test_the_work_list_has_the_documented_types(alpha: DemoAccount, links: Links) -> None:
    body = work_list(alpha, links, 0, 12)
    work, item = body["aweme_list"][0], body["items"][0]
    assert body["status_code"] == 0
    assert body["has_more"] is False
    assert type(body["max_cursor"]) is int
    assert body["extra"]["now"] == links.now_ms
    assert work["aweme_id"] == item["id"] == alpha.works[0].aweme_id
    assert work["create_time"] == alpha.works[0].created_s
    assert work["duration"] == 15_000
    assert type(work["statistics"]["play_count"]) is int
    assert work["author_user_id"] == 1000000000000001
    assert work["author"]["uid"] == "1000000000000001"
    assert work["Cover"]["url_list"][0].startswith("http://demo.test/p3.douyinpic.com/")
    assert f"/video/{work['aweme_id']}/" in work["share_url"]
    assert set(map(type, item["metrics"].values())) == {str}
    assert item["metrics"]["view_count"] == "1000"
    assert float(item["metrics"]["like_rate"]) == 0.01


def test_an_album_has_its_type_and_images(alpha: DemoAccount, links: Links) -> None:
    video, album = work_list(alpha, links, 0, 12)["aweme_list"][:2]
    assert (video["aweme_type"], video["images"]) == (0, None)
    assert (album["aweme_type"], len(album["images"])) == (68, 3)


def test_special_works_say_so(links: Links) -> None:
    status = [w["status"] for w in work_list(tea(), links, 0, 50)["aweme_list"]]
    assert [s for s in status if s["is_private"]] == [s for s in status if not s["allow_comment"]]
    assert sum(s["is_delete"] for s in status) == 1


def test_paging_gives_every_listed_work_once(links: Links) -> None:
    account = tea()
    listed = [w.aweme_id for w in account.list_works() if w.in_list]
    assert all_pages(account, links, Switches()) == listed


def test_shifting_pages_repeat_works_and_lose_none(links: Links) -> None:
    account = tea()
    found = all_pages(account, links, Switches(shifting_pages=True))
    listed = [w.aweme_id for w in account.list_works() if w.in_list]
    assert len(found) > len(listed)
    assert list(dict.fromkeys(found)) == listed


def test_endless_pages_are_empty_and_want_more(links: Links) -> None:
    account, faults = tea(), Switches(endless_pages=True)
    cursor = work_list(account, links, 0, 50, faults)["max_cursor"]
    body = work_list(account, links, cursor, 50, faults)
    assert (body["aweme_list"], body["has_more"], body["max_cursor"]) == ([], True, cursor)


def test_empty_lists_say_that_this_is_all(alpha: DemoAccount, links: Links) -> None:
    body = work_list(alpha, links, 0, 12, Switches(empty_lists=True))
    assert (body["aweme_list"], body["items"], body["has_more"], body["total"]) == ([], [], False, 0)


def test_renamed_json_has_no_known_list(alpha: DemoAccount, links: Links) -> None:
    body = work_list(alpha, links, 0, 12, Switches(json_renamed=True))
    assert "aweme_list" not in body
    assert "items" not in body


def test_the_picker_has_the_documented_types(alpha: DemoAccount, links: Links) -> None:
    body = item_list(alpha, links, "")
    item = body["item_info_list"][0]
    oldest = body["item_info_list"][-1]
    assert body["cursor"] == str(min(w.created_s for w in alpha.works) * 1000)
    assert body["has_more"] is False
    assert body["total_count"] == 5
    assert item["item_id_plain"] == alpha.works[0].aweme_id
    assert item["item_id"].startswith("@")
    assert item["item_id"].endswith("==")
    assert item["item_id"][:12] == oldest["item_id"][:12], "the prefix is the account's"
    assert item["create_time"] == "发布于2025年10月08日 16:54"
    assert type(item["comment_count"]) is int
    assert item["media_type"] == 4
    assert item["anchor_user_id"] == "1000000000000001"
    assert "aweme_id" not in item


def test_the_picker_lists_a_work_that_the_list_does_not(links: Links) -> None:
    account = tea()
    listed = {w["aweme_id"] for w in work_list(account, links, 0, 50)["aweme_list"]}
    picked = {w["item_id_plain"] for w in item_list(account, links, "")["item_info_list"]}
    assert len(picked - listed) == 1


def test_a_signature_changes_and_the_path_does_not(links: Links) -> None:
    later = links._replace(now_ms=links.now_ms + 3_600_000)
    address, other = links.media("cover", "1"), later.media("cover", "1")
    assert address != other
    assert address.split("?")[0] == other.split("?")[0]
