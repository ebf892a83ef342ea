from collections.abc import Callable
from itertools import chain
from pathlib import Path
from random import Random

import msgspec
import pytest
from starlette.testclient import TestClient

from demo.app import make_app
from demo.events import DemoEvent, happen
from demo.fans import choose_event
from demo.ids import make_snowflake
from demo.options import Options
from demo.scenarios import UnknownScenario, build_contract, build_demo, load_scenario
from demo.site import Site
from demo.waiting import list_waiting
from demo.world import DemoAccount, World

NOW_S = 1_795_000_000


def snowflake_second(snowflake: str) -> int:
    return int(snowflake) >> 32


def ids_and_seconds(account: DemoAccount) -> list[tuple[str, int]]:
    works = [(w.aweme_id, w.created_s) for w in account.works]
    comments = [(c.cid, c.created_s) for c in account.comments]
    messages = [(m.server_id, m.created_ms // 1000) for c in account.conversations for m in c.messages]
    return works + comments + messages + [(n.nid, n.created_s) for n in account.notices]


def counts(account: DemoAccount) -> tuple[int, int, int, int]:
    messages = sum(len(c.messages) for c in account.conversations)
    return len(account.works), len(account.comments), len(account.conversations), messages


def test_the_same_seed_and_time_make_the_same_world() -> None:
    assert build_demo(7, NOW_S) == build_demo(7, NOW_S)
    assert build_demo(7, NOW_S) != build_demo(8, NOW_S)


@pytest.mark.parametrize("build", [build_demo, build_contract])
def test_ids_are_snowflakes_of_19_digits_and_unique(build: Callable[[int, int], World]) -> None:
    for account in build(7, NOW_S).accounts.values():
        found = ids_and_seconds(account)
        assert len({id for id, _ in found}) == len(found)
        for id, second in found:
            assert (len(id), snowflake_second(id)) == (19, second)


def test_a_snowflake_holds_its_second() -> None:
    assert snowflake_second(make_snowflake(NOW_S, Random(1))) == NOW_S


def test_contract_has_exactly_the_known_counts_whatever_the_clock() -> None:
    world = build_contract(7, NOW_S)
    assert world == build_contract(8, 0)
    alpha, beta = world.accounts["alpha"], world.accounts["beta"]
    assert counts(alpha) == (5, 10, 29, 10)
    assert counts(beta) == (3, 4, 6, 9)
    assert [len(c.messages) for c in alpha.conversations] == [2] * 5 + [0] * 24


def test_seven_comments_of_contract_are_known_by_notices_without_a_work_only() -> None:
    alpha = build_contract(0, 0).accounts["alpha"]
    orphans = [c for c in alpha.comments if alpha.get_work(c.aweme_id) is None]
    notices = {n.cid: n for n in alpha.notices if n.kind == "comment"}
    assert len(orphans) == 7
    assert all(not notices[c.cid].with_aweme for c in orphans)


def test_both_accounts_of_contract_talk_with_the_same_fan_and_stand_on_either_side_of_the_id() -> None:
    alpha, beta = build_contract(0, 0).accounts.values()
    shared = {c.partner_uid for c in alpha.conversations} & {c.partner_uid for c in beta.conversations}
    assert shared == {"200000000001"}
    assert alpha.conversations[0].id == "0:1:200000000001:1000000000000001"
    assert beta.conversations[0].id == "0:1:90000000002:200000000001"


def test_demo_has_what_makes_crawlers_stumble() -> None:
    tea = build_demo(7, NOW_S).accounts["tea"]
    messages = list(chain.from_iterable(c.messages for c in tea.conversations))
    assert len(tea.conversations) > 45
    assert {c.kind for c in tea.conversations} == {"friend", "stranger", "group"}
    assert {m.kind for m in messages} == {"text", "sticker", "system"}
    assert any(w.is_private for w in tea.works)
    assert any(w.is_deleted for w in tea.works)
    assert any(w.kind == "album" for w in tea.works)
    assert any(w.in_picker and not w.in_list for w in tea.works)
    assert any(not w.in_picker and not w.in_list for w in tea.works)
    assert any(c.images and not c.text for c in tea.comments)
    assert len([w for w in tea.works if w.in_list]) > 12, "more than one page of works"
    assert max(len(c.messages) for c in tea.conversations) > 20, "more than one page of messages"


def test_two_customers_of_a_shop_share_a_nickname() -> None:
    world = build_demo(7, NOW_S)
    for account in world.accounts.values():
        names = [world.person(c.partner_uid).nickname for c in account.conversations if c.partner_uid]
        assert len(set(names)) < len(names)


def test_nothing_in_demo_is_from_the_future() -> None:
    for account in build_demo(7, NOW_S).accounts.values():
        assert all(second <= NOW_S for _, second in ids_and_seconds(account))


def waiting(world: World, now_s: int = NOW_S) -> list[int]:
    """How many wait in each shop."""
    return [len(list_waiting(account, now_s)) for account in world.accounts.values()]


@pytest.mark.parametrize("seed", [1, 7, 8])
def test_in_the_demo_a_few_wait_in_every_shop_and_the_others_have_their_answer(seed: int) -> None:
    world = build_demo(seed, NOW_S)
    assert waiting(world) == [4, 4, 2]
    for account in world.accounts.values():
        own = [c for c in account.conversations if c.messages and c.messages[-1].sender_uid == account.owner.uid]
        assert len(own) > len(account.conversations) / 3
        replies = [c for c in account.comments if c.author_uid == account.owner.uid]
        assert len(replies) > 10


@pytest.mark.parametrize("seed", [1, 7, 8])
def test_eight_wait_in_conversations_which_are_read_first(seed: int) -> None:
    accounts = build_demo(seed, NOW_S).accounts.values()
    assert sum(bool(one.conversation_id) for account in accounts for one in list_waiting(account, NOW_S)) == 8


def test_one_shop_of_the_demo_has_a_message_of_every_kind() -> None:
    flowers = build_demo(7, NOW_S).accounts["flowers"]
    messages = list(chain.from_iterable(c.messages for c in flowers.conversations))
    assert {m.kind for m in messages} >= {"text", "sticker", "image", "voice", "card"}
    assert [m.text for m in messages if m.is_recalled] == ["地址发错了，先撤回"]
    assert [(m.sender_uid, flowers.get_work(m.about) is not None) for m in messages if m.kind == "card"] == [
        (flowers.owner.uid, True)
    ]
    assert [m.duration_ms for m in messages if m.kind == "voice"] == [8_000]


def test_however_long_the_fans_go_on_eight_to_twelve_wait() -> None:
    world, rng, ids = build_demo(7, NOW_S), Random(3), Random(4)
    seen = []
    for step in range(300):
        now_s = NOW_S + 6 * step
        account = rng.choice(list(world.accounts.values()))
        happen(world, account, choose_event(world, account, rng), now_s * 1000, ids)
        seen.append(sum(waiting(world, now_s)))
    assert 8 <= min(seen) <= max(seen) <= 12


def played(world: World, seed: int) -> World:
    rng, ids = Random(seed), Random(seed)
    for step in range(200):
        account = rng.choice(list(world.accounts.values()))
        happen(world, account, choose_event(world, account, rng), (NOW_S + step) * 1000, ids)
    return world


def test_the_same_seed_plays_the_same_events() -> None:
    assert played(build_demo(7, NOW_S), 3) == played(build_demo(7, NOW_S), 3)
    assert played(build_demo(7, NOW_S), 3) != played(build_demo(7, NOW_S), 4)


def test_a_saved_state_is_a_scenario(member: TestClient, tmp_path: Path) -> None:
    saved = tmp_path / "world.json"
    saved.write_bytes(member.get("/control/state").content)
    world, interval = load_scenario(str(saved), 0, 0)
    assert (world, interval) == (build_contract(0, 0), 0.0)


def test_a_site_with_a_state_file_goes_on_where_it_stopped(tmp_path: Path) -> None:
    options = Options(scenario="demo", state=str(tmp_path / "kept" / "world.json"), fans_interval_s=0)
    first = Site(options, lambda: NOW_S * 1000)
    with TestClient(make_app(first)):
        first.act(first.world.accounts["tea"], DemoEvent("follow", nickname="晚风"))
    second = Site(options, lambda: NOW_S * 1000 + 86_400_000)
    assert second.world == first.world


@pytest.mark.parametrize("content", [b"{", msgspec.json.encode({"accounts": {"a": {"key": 3}}})])
def test_a_bad_scenario_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "world.json"
    file.write_bytes(content)
    with pytest.raises(UnknownScenario, match=r"world\.json"):
        load_scenario(str(file), 0, 0)


def test_an_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(UnknownScenario, match="demo, contract"):
        load_scenario("nonsense", 0, 0)
