"""Makes worlds of lively shops. Pure: the same seed and the same `now_s` give the same world, ids included."""

from itertools import cycle, islice
from random import Random

from demo.ids import conversation_id, make_client_id, make_snowflake
from demo.texts import COMMENTS, DIALOGUES, NICKNAMES, OWN_REPLIES, REGIONS, REPLIES, WORK_KINDS, Dialogue, Shop
from demo.world import DemoAccount, DemoComment, DemoConversation, DemoMessage, DemoNotice, DemoPerson, DemoWork, World

HOUR = 3600
DAY = 24 * HOUR
GREETING = "我们已互相关注，可以开始聊天了"
FOLDED = 11
"""The place of the conversation that its owner folded away: nobody waits in it."""
CALLED = "王姐（老客）"
"""What the owners call one of their customers, who is known by another name."""


def make_people(rng: Random, count: int) -> list[DemoPerson]:
    """Return `count` people. Names repeat after the list's end; uids have 11 to 15 digits."""
    names = list(islice(cycle(NICKNAMES), count))
    return [_make_person(rng, i, name) for i, name in enumerate(names)]


def _make_person(rng: Random, index: int, nickname: str) -> DemoPerson:
    uid = str(rng.randrange(10 ** rng.randint(10, 14), 10**15 // 2) + index)
    return DemoPerson(
        uid=uid, nickname=nickname, region=rng.choice(REGIONS), signature=rng.choice(("", "", "慢慢来", "生活明朗"))
    )


class ShopMaker:
    """Fills one account with the works, comments, conversations and notices of `shop`, all before `now_s` (epoch s)."""

    def __init__(self, shop: Shop, people: list[DemoPerson], rng: Random, now_s: int) -> None:
        self.shop, self.people, self.rng, self.now_s = shop, people, rng, now_s
        owner = DemoPerson(shop.uid, shop.nickname, shop.short_id, shop.signature, shop.region)
        self.account = DemoAccount(
            key=shop.key, owner=owner, followers=rng.randint(800, 60_000), following=rng.randint(20, 300)
        )

    def make(self, conversations: int) -> DemoAccount:
        """Return the account, filled, with so many private conversations."""
        self.add_works()
        for work in self.account.works[:12]:
            self.add_comments(work, self.rng.randint(1, 9))
        self.add_special_works()
        self.add_old_comments(3)
        for index in range(conversations):
            self.add_conversation(index)
        folded = self.account.conversations[FOLDED]
        folded.is_folded = folded.is_muted = True
        self.add_group()
        self.add_likes_and_follows(12)
        return self.account

    def add_works(self) -> None:
        """Add the shop's works, the newest a few hours old."""
        at = self.now_s - self.rng.randint(3 * HOUR, 9 * HOUR)
        for index, title in enumerate(self.shop.works):
            self.account.works.append(self.make_work(title, at, index))
            at -= self.rng.randint(DAY, 5 * DAY)

    def make_work(self, title: str, at: int, index: int) -> DemoWork:
        """Return a work of the epoch second `at`. `index` counts from the newest."""
        plays = self.rng.randint(300, 90_000)
        return DemoWork(
            aweme_id=make_snowflake(at, self.rng),
            title=title,
            created_s=at,
            kind=WORK_KINDS[index % len(WORK_KINDS)],
            duration_ms=self.rng.randint(8_000, 95_000),
            plays=plays,
            likes=plays // self.rng.randint(12, 40),
            shares=plays // self.rng.randint(200, 900),
            collects=plays // self.rng.randint(80, 300),
        )

    def add_special_works(self) -> None:
        """Make one work private, one deleted, and one that only the picker lists.

        The oldest, beyond page 1, has comments too.
        """
        works = self.account.works
        works[3].is_private = True
        works[5].is_deleted = True
        works[-2].in_list = False
        self.add_comments(works[-1], 4)

    def add_comments(self, work: DemoWork, count: int) -> None:
        """Add `count` comments with replies under `work`."""
        lines = self.rng.sample(COMMENTS + self.shop.questions, count)
        for line in lines:
            comment = self.add_comment(work.aweme_id, line, self.rng.randint(work.created_s, self.now_s - 60))
            self.add_replies(comment)
        self.account.comments[-1].is_liked = True
        if count > 6:
            pinned = next(c for c in self.account.comments if c.aweme_id == work.aweme_id and c.parent_cid is None)
            pinned.is_pinned = True

    def add_comment(self, aweme_id: str, text: str, at: int) -> DemoComment:
        """Add a fan's comment of the epoch second `at`, with its notice."""
        comment = DemoComment(
            cid=make_snowflake(at, self.rng),
            aweme_id=aweme_id,
            author_uid=self.rng.choice(self.people).uid,
            text=text,
            created_s=at,
            likes=self.rng.choice((0, 0, 0, 1, 2, 5, 18)),
        )
        if self.rng.random() < 0.06:
            comment.text, comment.images = "", 1
        self.account.comments.append(comment)
        self.add_notice(comment)
        return comment

    def add_notice(self, comment: DemoComment) -> None:
        """Add the notice of a fan's comment."""
        if self.now_s - comment.created_s < 4 * DAY:
            self.account.notices.append(self.make_comment_notice(comment, with_aweme=True))

    def make_comment_notice(self, comment: DemoComment, *, with_aweme: bool) -> DemoNotice:
        """Return the notice of `comment`, with or without its work."""
        return DemoNotice(
            nid=make_snowflake(comment.created_s, self.rng),
            kind="comment",
            created_s=comment.created_s,
            actor_uid=comment.author_uid,
            aweme_id=comment.aweme_id,
            cid=comment.cid,
            with_aweme=with_aweme,
            has_read=self.now_s - comment.created_s > DAY,
        )

    def add_replies(self, parent: DemoComment) -> None:
        """Add replies under a level-1 comment, some by the owner."""
        count = self.rng.choice((0, 0, 0, 1, 1, 2, 3, 12))
        at, before = parent.created_s, ""
        for index in range(count):
            at = min(at + self.rng.randint(120, 5 * HOUR), self.now_s - 30)
            by_owner = index == 0 and self.rng.random() < 0.6
            reply = DemoComment(
                cid=make_snowflake(at, self.rng),
                aweme_id=parent.aweme_id,
                author_uid=self.account.owner.uid if by_owner else self.rng.choice(self.people).uid,
                text=self.rng.choice(OWN_REPLIES if by_owner else REPLIES),
                created_s=at,
                parent_cid=parent.cid,
                answered_cid=before if before and self.rng.random() < 0.3 else None,
            )
            before = reply.cid
            self.account.comments.append(reply)

    def add_old_comments(self, count: int) -> None:
        """Add comments on works too old for either list.

        Only notices name them, every other one with the work in it.
        """
        for index in range(count):
            work = self.make_work(f"很久以前的作品 {index + 1} #回忆", self.now_s - (200 + 30 * index) * DAY, index)
            work.in_list = work.in_picker = False
            self.account.works.append(work)
            at = self.now_s - self.rng.randint(HOUR, 3 * DAY)
            comment = self.add_comment(work.aweme_id, f"翻到这条了，{COMMENTS[index]}", at)
            self.account.notices[-1].with_aweme = index % 2 == 0
            self.account.notices[-1].cid = comment.cid

    def add_conversation(self, index: int) -> None:
        """Add a private conversation; the first ones are the newest."""
        partner = self.people[index]
        lines: Dialogue = self.rng.choice(DIALOGUES + self.shop.dialogues)
        if index == 2:
            lines = sum((self.rng.choice(DIALOGUES) for _ in range(14)), ())
        end = self.now_s - 90 - int(index**2.1 * 1500) - self.rng.randint(0, 900)
        conversation = DemoConversation(
            id=conversation_id(self.account.owner.uid, partner.uid),
            short_id=make_snowflake(end - DAY, self.rng),
            updated_ms=0,
            partner_uid=partner.uid,
            kind="stranger" if index % 6 == 4 else "friend",
        )
        conversation.messages = self.make_messages(lines, partner.uid, end)
        conversation.updated_ms = conversation.messages[-1].created_ms
        conversation.unread = self.count_unanswered(conversation) if index < 9 else 0
        self.account.conversations.append(conversation)

    def make_messages(self, lines: Dialogue, partner_uid: str, end_s: int) -> list[DemoMessage]:
        """Return the messages of a dialogue that ends at the epoch second `end_s`."""
        at_ms = (end_s - sum(40 for _ in lines)) * 1000
        messages = []
        if self.rng.random() < 0.3:
            messages.append(self.make_message(partner_uid, at_ms - 60_000, GREETING))
            messages[0].kind = "system"
        for line in lines:
            at_ms += self.rng.randint(9_000, 40_000)
            sender = partner_uid if line[0] == "<" else self.account.owner.uid
            messages.append(self.make_message(sender, at_ms, line[1:]))
        if lines[-1][0] == "<" and self.rng.random() < 0.25:
            messages.append(self.make_message(partner_uid, at_ms + 3_000, "比心"))
            messages[-1].kind = "sticker"
        return messages

    def make_message(self, sender_uid: str, at_ms: int, text: str) -> DemoMessage:
        """Return a text message of the time `at_ms` (ms UTC)."""
        return DemoMessage(make_snowflake(at_ms // 1000, self.rng), sender_uid, at_ms, make_client_id(self.rng), text)

    def count_unanswered(self, conversation: DemoConversation) -> int:
        """Return the number of messages after the owner's last one."""
        count = 0
        for message in reversed(conversation.messages):
            if message.sender_uid == self.account.owner.uid or message.kind == "system":
                break
            count += 1
        return count

    def add_group(self) -> None:
        """Add a group conversation."""
        members = [p.uid for p in self.people[:5]]
        at_ms = (self.now_s - 5 * HOUR) * 1000
        messages = [
            self.make_message(uid, at_ms + i * 30_000, t)
            for i, (uid, t) in enumerate(zip(members, REPLIES, strict=False))
        ]
        short_id = make_snowflake(self.now_s - 40 * DAY, self.rng)
        group = DemoConversation(
            short_id, short_id, messages[-1].created_ms, "", "group", f"{self.shop.nickname}老顾客群", members
        )
        group.messages = messages
        self.account.conversations.append(group)

    def add_likes_and_follows(self, count: int) -> None:
        """Add `count` notices of likes and follows."""
        for index in range(count):
            at = self.now_s - self.rng.randint(600, 5 * DAY)
            liked = index % 3 != 0
            self.account.notices.append(
                DemoNotice(
                    nid=make_snowflake(at, self.rng),
                    kind="like" if liked else "follow",
                    created_s=at,
                    actor_uid=self.rng.choice(self.people).uid,
                    aweme_id=self.account.works[index % 4].aweme_id if liked else "",
                    has_read=self.now_s - at > DAY,
                )
            )


def make_shops(shops: tuple[Shop, ...], conversations: tuple[int, ...], rng: Random, now_s: int) -> World:
    """Return a world with one account per shop and so many conversations each, and a group on top.

    All accounts share the same customers. `now_s` is epoch seconds.
    """
    people = make_people(rng, max(conversations) + 25)
    world = World(people={p.uid: p for p in people})
    for shop, count in zip(shops, conversations, strict=True):
        customers = rng.sample(people, count + 10)
        customers[9].nickname = customers[3].nickname
        customers[13].remark = CALLED
        world.accounts[shop.key] = ShopMaker(shop, customers, rng, now_s).make(count)
    return world
