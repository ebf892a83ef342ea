"""Named worlds. Pure."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from demo.generator import make_shops
from demo.ids import conversation_id, make_client_id, make_snowflake
from demo.showcase import look_after
from demo.texts import SHOPS
from demo.world import DemoAccount, DemoComment, DemoConversation, DemoMessage, DemoNotice, DemoPerson, DemoWork, World

CONTRACT_START_S = 1_760_000_000
"""2025-10-09T08:53:20Z. `contract` does not know the clock, so its ids never change."""


class Scenario(NamedTuple):
    """A way to build a world, and how often its fans act (seconds, 0: never)."""

    build: Callable[[int, int], World]
    """(seed, now in epoch s) -> world."""
    fans_interval_s: float


class UnknownScenario(Exception):
    """Neither a name nor a readable world file; the message says which."""


def build_demo(seed: int, now_s: int) -> World:
    """Return a world of three lively shops that are looked after. `now_s` is epoch seconds."""
    world = make_shops(SHOPS, (24, 46, 18), Random(seed), now_s)
    look_after(world, Random(seed + 3), now_s)
    return world


def build_contract(_seed: int, _now_s: int) -> World:
    """Return a small world with known numbers, the same at every start."""
    world = World()
    for i in range(1, 41):
        world.add_person(DemoPerson(f"2000000000{i:02d}", f"粉丝{i:02d}", f"fan{i:02d}"))
    maker = ContractMaker(world)
    world.accounts["alpha"] = maker.alpha()
    world.accounts["beta"] = maker.beta()
    return world


class ContractMaker:
    """Makes the small world. Fan 1 talks with both accounts.

    The owners' uids stand on either side of the fans' in conversation ids.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = Random(0)
        self.at_s = CONTRACT_START_S

    def tick(self) -> int:
        """Return the next epoch second: everything has a time of its own."""
        self.at_s += 60
        return self.at_s

    def fan(self, number: int) -> str:
        """Return the uid of fan `number`."""
        return f"2000000000{number:02d}"

    def alpha(self) -> DemoAccount:
        """Return 5 works, 10 comments (7 on works that no list shows), 29 conversations, 10 messages in the first 5."""
        owner = DemoPerson("1000000000000001", "阿尔法小铺", "alpha2025", "演示账号")
        account = DemoAccount("alpha", owner, followers=44, following=12)
        self.add_works(account, 5)
        first = self.add_comment(account, account.works[0].aweme_id, 1, "请问还有货吗？")
        self.add_comment(account, account.works[1].aweme_id, 2, "太好看了[赞]")
        reply = self.add_comment(account, first.aweme_id, 0, "有的，主页橱窗可以拍")
        reply.parent_cid = first.cid
        for number in range(1, 8):
            self.add_orphan(account, number)
        turns = ("<>", "<>", "><", "<<", "<>")
        for number in range(1, 30):
            self.add_conversation(account, number, turns[number - 1] if number <= len(turns) else "")
        self.add_like_and_follow(account)
        return account

    def beta(self) -> DemoAccount:
        """Return 3 works, 4 comments, 6 conversations, 9 messages. It talks with fan 1 too, as alpha does."""
        owner = DemoPerson("90000000002", "贝塔手作", "beta2025", "演示账号")
        account = DemoAccount("beta", owner, followers=12_345, following=7)
        self.add_works(account, 3)
        for number, text in enumerate(("好治愈", "怎么买？", "", "坐标成都"), start=30):
            comment = self.add_comment(account, account.works[number % 3].aweme_id, number, text)
            comment.images = 0 if text else 1
        for number, turns in ((1, "<><"), (31, "<<"), (32, "<>"), (33, "<"), (34, ">"), (35, "")):
            self.add_conversation(account, number, turns)
        self.add_like_and_follow(account)
        return account

    def add_works(self, account: DemoAccount, count: int) -> None:
        """Add `count` works."""
        for index in range(count):
            at = self.tick() - (index + 1) * 86_400
            work = DemoWork(make_snowflake(at, self.rng), f"{account.owner.nickname}的作品 {index + 1} #演示", at)
            work.kind = "album" if index == 1 else "video"
            work.plays, work.likes = 1000 * (index + 1), 10 * (index + 1)
            account.works.append(work)

    def add_comment(self, account: DemoAccount, aweme_id: str, fan: int, text: str) -> DemoComment:
        """Add a comment of a fan."""
        at = self.tick()
        author = self.fan(fan) if fan else account.owner.uid
        comment = DemoComment(make_snowflake(at, self.rng), aweme_id, author, text, at)
        account.comments.append(comment)
        return comment

    def add_orphan(self, account: DemoAccount, number: int) -> None:
        """Add a comment on a work of the year before, named by a notice without the work."""
        old_work = make_snowflake(CONTRACT_START_S - (365 + number // 2) * 86_400, Random(number // 2))
        comment = self.add_comment(account, old_work, number, f"考古第 {number} 条")
        nid = make_snowflake(comment.created_s, self.rng)
        notice = DemoNotice(
            nid, "comment", comment.created_s, comment.author_uid, old_work, comment.cid, with_aweme=False
        )
        account.notices.append(notice)

    def add_conversation(self, account: DemoAccount, fan: int, turns: str) -> None:
        """Add a conversation. In `turns`, `<` is the fan's and `>` an own message.

        Unread are those after the last own one.
        """
        id, at = conversation_id(account.owner.uid, self.fan(fan)), self.tick()
        conversation = DemoConversation(id, make_snowflake(at, self.rng), at * 1000, self.fan(fan))
        for index, turn in enumerate(turns, start=1):
            at = self.tick()
            sender = self.fan(fan) if turn == "<" else account.owner.uid
            text = f"{account.key} 第 {fan} 组第 {index} 句"
            message = DemoMessage(
                make_snowflake(at, self.rng), sender, at * 1000 + index, make_client_id(self.rng), text
            )
            conversation.messages.append(message)
            conversation.updated_ms = message.created_ms
        conversation.unread = len(turns) - 1 - turns.rfind(">")
        account.conversations.append(conversation)

    def add_like_and_follow(self, account: DemoAccount) -> None:
        """Add one notice of each."""
        for kind, aweme_id in (("like", account.works[0].aweme_id), ("follow", "")):
            at = self.tick()
            notice = DemoNotice(make_snowflake(at, self.rng), "like", at, self.fan(9), aweme_id)
            notice.kind = "like" if kind == "like" else "follow"
            account.notices.append(notice)


SCENARIOS = {"demo": Scenario(build_demo, 6.0), "contract": Scenario(build_contract, 0.0)}


def load_scenario(name: str, seed: int, now_s: int) -> tuple[World, float]:
    """Return the world of a named scenario, or of the JSON file `name`, and how often its fans act (s, 0: never).

    Raises UnknownScenario.
    """
    if name in SCENARIOS:
        scenario = SCENARIOS[name]
        return scenario.build(seed, now_s), scenario.fans_interval_s
    try:
        return msgspec.json.decode(Path(name).read_bytes(), type=World), 0.0
    except OSError as error:
        raise UnknownScenario(f"{name}: no such scenario ({', '.join(SCENARIOS)}) and no such file") from error
    except msgspec.MsgspecError as error:
        raise UnknownScenario(f"{name}: {error}") from error
