"""The demo's wire, read back by the crawler's own description of it: two descriptions of one platform."""

from typing import get_args

from crawler.platforms.douyin.im.news import ImNews, parse_frame, parse_response
from crawler.platforms.douyin.im.people import parse_people
from demo.site import Site
from demo.wire import im
from demo.wire.common import Links
from demo.world import DemoAccount, MessageKind


def read(body: bytes, links: Links) -> ImNews:
    return parse_response(body, links.now_ms)


def loaded(site: Site, alpha: DemoAccount, links: Links) -> ImNews:
    body = im.init(site.world, alpha, alpha.list_conversations(), links, has_more=False)
    return read(im.response(im.INIT, body, alpha.owner.uid), links)


def test_the_list_has_every_conversation_with_its_messages(site: Site, alpha: DemoAccount, links: Links) -> None:
    news = loaded(site, alpha, links)
    assert (news.owner_uid, news.has_more) == (alpha.owner.uid, False)
    assert {c.chat_id for c in news.conversations} == {c.id for c in alpha.conversations}
    there = {m.server_id: (m.text, m.sender_uid, m.created_ms) for c in alpha.conversations for m in c.messages}
    assert {m.platform_id: (m.content, m.sender.uid, m.created_at) for m in news.found.messages} == there


def test_the_platforms_two_counts_give_what_is_unread(site: Site, alpha: DemoAccount, links: Links) -> None:
    counts = {c.chat_id: (c.badge or 0) - (c.read_badge or 0) for c in loaded(site, alpha, links).conversations}
    assert counts == {c.id: c.unread for c in alpha.conversations}
    body = im.response(im.INFOS, im.infos(alpha, alpha.conversations), alpha.owner.uid)
    places = {c.chat_id: c.read_place for c in read(body, links).conversations}
    talk = alpha.conversations[3]
    came = [place for place, m in enumerate(talk.messages, 1) if m.sender_uid != alpha.owner.uid]
    assert talk.unread == 2
    assert sum(place > (places[talk.id] or 0) for place in came) == min(2, len(came))


def test_a_message_is_notified_with_the_place_before_it(site: Site, alpha: DemoAccount, links: Links) -> None:
    talk = alpha.conversations[0]
    payload = im.response(im.NEW, im.new_message(site.world, alpha, talk, 2, links), alpha.owner.uid)
    for frame in (im.frame(payload), im.frame(payload, squeezed=True)):
        news = parse_frame(frame, links.now_ms)
        assert news is not None
        assert [(m.platform_id, m.place) for m in news.found.messages] == [(talk.messages[1].server_id, 2)]
        assert news.previous == {talk.id: 1}


def test_a_recall_is_a_command_and_a_mark(site: Site, alpha: DemoAccount, links: Links) -> None:
    talk = alpha.conversations[0]
    victim = talk.messages[0]
    victim.is_recalled = True
    body = im.response(im.NEW, {2: talk.id, 5: im.recall(talk, victim)}, alpha.owner.uid)
    assert read(body, links).found.recalls == {victim.server_id}
    assert [m.platform_id for m in loaded(site, alpha, links).found.messages if m.is_recalled] == [victim.server_id]


def test_every_kind_of_the_demo_is_read_as_what_it_is(site: Site, alpha: DemoAccount, links: Links) -> None:
    talk, work = alpha.conversations[0], alpha.works[0].aweme_id
    message = talk.messages[0]
    read_as = {}
    for message.kind in get_args(MessageKind):
        message.about, message.duration_ms = work, 8_000
        body = im.history(site.world, talk, range(1, 2), links)
        [parsed] = read(im.response(im.HISTORY, body, alpha.owner.uid), links).found.messages
        address = (parsed.media_url or "").partition("?")[0].removeprefix(links.origin)
        read_as[message.kind] = (parsed.type, parsed.content, address, parsed.duration)
    words, photo = message.text, f"{work}-{message.server_id}"
    assert read_as == {
        "text": ("text", words, "", None),
        "sticker": ("sticker", words, "", None),
        "system": ("system", words, "", None),
        "image": ("image", None, f"/p3.douyinpic.com/aweme/photo/{photo}.jpeg", None),
        "voice": ("audio", None, f"/p3.douyinpic.com/aweme/voice/{message.server_id}.jpeg", 8.0),
        "card": ("card", f"[作品] {words}", "", None),
        "call": ("other", f"[通话] {words}", "", None),
        "profile": ("card", f"[名片] {words}", "", None),
        "new": ("other", "[不支持的消息]", "", None),
    }


def test_people_come_as_json_some_without_a_uid(site: Site, links: Links) -> None:
    people = [site.world.person(f"20000000000{n}") for n in (1, 2, 3)]
    batch = parse_people(im.user_info(site.world, [person.sec_uid for person in people], links))
    assert {(card.sec_uid, card.nickname) for card in batch.items} == {(p.sec_uid, p.nickname) for p in people}
    assert {card.uid for card in batch.items} >= {None}


def test_the_owners_remark_stands_beside_the_name(site: Site, links: Links) -> None:
    person = site.world.person("200000000001")
    person.remark = "王姐\u00a0（老客）"
    [card] = parse_people(im.user_info(site.world, [person.sec_uid], links)).items
    assert (card.nickname, card.remark) == (person.nickname, "王姐 （老客）")


def test_what_is_folded_away_is_said_in_the_list_and_by_a_command(site: Site, alpha: DemoAccount, links: Links) -> None:
    talk = alpha.conversations[0]
    talk.is_folded = True
    body = im.init(site.world, alpha, [talk], links, has_more=False)
    listed = read(im.response(im.INIT, body, alpha.owner.uid), links)
    assert [(one.chat_id, one.is_folded) for one in listed.conversations] == [(talk.id, True)]
    for is_folded in (True, False):
        talk.is_folded = is_folded
        pushed = {2: talk.id, 5: im.changed_setting(talk, links.now_ms)}
        assert read(im.response(im.NEW, pushed, alpha.owner.uid), links).found.folds == {talk.id: is_folded}
