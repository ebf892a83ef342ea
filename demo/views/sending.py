"""Takes the messages and comments that pages send. Each request is noted in the ledger of the site."""

import asyncio
import json

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from demo.events import BadEvent, DemoEvent
from demo.ids import conversation_id
from demo.ledger import Sending
from demo.switches import SendOutcome, SentKind
from demo.views.visitor import Member
from demo.wire import im, sending
from demo.wire.common import NEED_LOGIN, Json, envelope
from demo.wire.protobuf import Asked, Fields
from demo.world import DemoConversation

ARRIVES = frozenset({"ok", "answer_lost", "reload_after"})
MADE = ARRIVES | {"self_visible"}


class CutOff(Response):
    """An answer of which only the beginning comes."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the head and a part, and end without the rest: the server then breaks the connection."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"512")]})
        await send({"type": "http.response.body", "body": b"", "more_body": True})


async def send_message(m: Member, asked: Asked) -> Fields | Response:
    """Send a private message from the page."""
    id, client_id = asked.text(1), asked.text(8)
    conversation = m.account.get_conversation(id)
    to_uid = conversation.partner_uid if conversation is not None else _other(m, id)
    if conversation is None and not m.site.world.person(to_uid).nickname:
        return sending.message_answer(sending.Answer(1), "", client_id)
    outcome = choose_outcome(m, conversation)
    await asyncio.sleep(m.switches.send_delay_s)
    made, text = "", str(json.loads(asked.text(4) or "{}").get("text", ""))
    if outcome in MADE:
        event = DemoEvent("own_message", text, conversation_id=id, client_id=client_id)
        event.uid = "" if conversation is not None else to_uid
        event.only_self = outcome == "self_visible"
        made = m.site.act(m.account, event).id
    note(m, "message", outcome, text, id=made, client_id=client_id, conversation_id=id, to_uid=to_uid)
    broken = await break_off(m, outcome)
    if broken is not None:
        return JSONResponse({"decision": "KICK"}) if outcome == "kick" else broken
    if outcome == "in_review":
        made = str(m.links.now_ms << 20)
    answer = sending.Answer(3, 8610, sending.BLOCKED) if m.switches.dm_blocked else sending.MESSAGES.get(outcome)
    return sending.message_answer(answer or sending.Answer(3), made, client_id)


def _other(m: Member, conversation_id: str) -> str:
    """Return the uid in a private conversation's id that is not the owner's."""
    uids = [uid for uid in conversation_id.split(":")[2:] if uid != m.account.owner.uid]
    return uids[0] if uids and uids[0].isdigit() else "0"


def choose_outcome(m: Member, conversation: DemoConversation | None) -> SendOutcome:
    """Return what becomes of a message that is sent now. Whoever never wrote gets one."""
    if m.switches.dm_blocked:
        return "check_failed"
    if conversation is not None and conversation.begun_by_owner and is_silent(conversation):
        return "stranger_limit"
    return m.site.use_outcome(m.account, "message")


def is_silent(conversation: DemoConversation) -> bool:
    """Return whether the other one never wrote, and was written to."""
    senders = {message.sender_uid for message in conversation.messages}
    return bool(senders) and conversation.partner_uid not in senders


def note(m: Member, kind: SentKind, outcome: SendOutcome, text: str, **about: str) -> None:
    """Write a sending into the ledger. `about`: its other ids."""
    path, arrived = m.request.url.path, outcome in ARRIVES and bool(about["id"])
    sent = Sending(
        account=m.account.key,
        kind=kind,
        text=text,
        at_ms=m.site.clock(),
        request=path,
        outcome=outcome,
        arrived=arrived,
    )
    m.site.note(msgspec.structs.replace(sent, **about))


async def break_off(m: Member, outcome: SendOutcome) -> Response | None:
    """Return what comes in place of an answer, or None if one comes. `kick` ends the session."""
    if outcome == "never":
        await _wait_until_gone(m.request)
        return Response()
    if outcome == "answer_lost":
        return CutOff()
    if outcome in ("reload_after", "reload_before"):
        return Response(headers={"x-demo-page": "reload"})
    if outcome == "check":
        m.site.set_switches(m.account.key, {"check": True})
        return Response(headers={"x-vc-bdturing-parameters": "demo"})
    if outcome == "kick":
        m.site.set_switches(m.account.key, {"kicked": True})
        return Response()
    return None


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def send_comment(m: Member) -> Json | Response:
    """Send a comment on a work, or under a comment (`comment_id`). Answers M."""
    body = await m.request.json()
    aweme_id, cid, text = (str(body.get(k) or "") for k in ("aweme_id", "comment_id", "text"))
    if not text.strip():
        return sending.comment_refused(5, "评论内容不能为空", m.links)
    outcome = find_refusal(m, aweme_id, cid) or m.site.use_outcome(m.account, "comment")
    await asyncio.sleep(m.switches.send_delay_s)
    outcome = find_refusal(m, aweme_id, cid) or outcome
    answered = m.account.get_comment(cid)
    to_uid = answered.author_uid if answered is not None else ""
    made = _add_comment(m, aweme_id, cid, text) if outcome in MADE else ""
    note(m, "comment", outcome, text, id=made, to_uid=to_uid, aweme_id=aweme_id, cid=cid)
    broken = await break_off(m, outcome)
    if outcome == "kick":
        m.site.logins.end_sessions(m.account.key)
        return envelope(m.links.now_ms, {}, code=NEED_LOGIN, message="用户未登录")
    if broken is not None:
        return broken
    if made or outcome == "in_review":
        return sending.comment_taken(made or str(m.links.now_ms << 20), m.links)
    return sending.comment_refused(*sending.COMMENTS.get(outcome, sending.NOT_TAKEN), m.links)


def _add_comment(m: Member, aweme_id: str, cid: str, text: str) -> str:
    owner = m.account.owner.uid
    event = DemoEvent("own_reply", text, cid=cid) if cid else DemoEvent("comment", text, uid=owner, aweme_id=aweme_id)
    try:
        return m.site.act(m.account, event).id
    except BadEvent:
        return ""


def find_refusal(m: Member, aweme_id: str, cid: str) -> SendOutcome | None:
    """Return why a comment cannot be taken as things are, or None."""
    work = m.account.get_work(aweme_id)
    if m.switches.too_fast:
        return "too_fast"
    if m.switches.private_work or (work and work.is_private):
        return "private_work"
    if cid and (m.switches.comment_deleted or m.account.get_comment(cid) is None):
        return "comment_deleted"
    return None


def create_conversation(m: Member, asked: Asked) -> Fields:
    """Answer the conversation with a person, as the page asks for it before the first message is sent."""
    uid = str(asked.number(2))
    known = m.account.get_conversation_with(uid)
    id = conversation_id(m.account.owner.uid, uid)
    made = known or DemoConversation(id, uid, m.links.now_ms, uid, begun_by_owner=True)
    return {1: im.conversation_info(m.site.world, m.account, made)}
