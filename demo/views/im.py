"""The IM host: opaque bodies, and the socket by which pages are notified."""

import asyncio
import json
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from demo.events import DemoEvent, Happened
from demo.site import Site
from demo.views.visitor import Member, data, get_visitor
from demo.wire import im, notices
from demo.wire.common import Json, Links
from demo.world import DemoAccount, DemoConversation

BATCH = 20
HISTORY = 20


def protobuf(payload: Json) -> Response:
    """Return `payload` as an opaque answer."""
    return Response(im.opaque(payload), media_type="application/x-protobuf")


async def read_body(m: Member) -> dict[str, Any]:
    """Return what our own page asks; anything else asks for nothing in particular."""
    try:
        body = json.loads(await m.request.body() or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


async def init(m: Member) -> Response:
    """Answer G: the conversations, a batch a call, newest first; with the people on www."""
    body = await read_body(m)
    offset = int(body.get("offset", 0))
    conversations = [] if m.switches.empty_lists else m.account.list_conversations()
    batch = conversations[offset : offset + BATCH]
    return protobuf(
        {
            "conversations": [im.conversation(m.site.world, m.account, t, m.links) for t in batch],
            "users": user_infos(m, batch) if body.get("users") else {},
            "has_more": offset + BATCH < len(conversations),
        }
    )


def user_infos(m: Member, conversations: list[DemoConversation]) -> Json:
    """Return the cards of the people in `conversations`, and of the owner, by uid."""
    uids = {uid for t in conversations for uid in (t.member_uids or [t.partner_uid])} | {m.account.owner.uid}
    return {uid: im.user_info(m.site.world.person(uid), m.links) for uid in sorted(uids)}


async def strangers(m: Member) -> Response:
    """Answer H: the conversations with strangers."""
    conversations = [t for t in m.account.list_conversations() if t.kind == "stranger"]
    return protobuf({"conversations": [im.conversation(m.site.world, m.account, t, m.links) for t in conversations]})


async def history(m: Member) -> Response:
    """Answer I: the newest messages of a conversation, or those before `before`; oldest first."""
    body = await read_body(m)
    conversation = m.account.get_conversation(str(body.get("conversation_id")))
    if conversation is None or m.switches.empty_lists:
        return protobuf({"messages": [], "has_more": False})
    end = next(
        (i for i, x in enumerate(conversation.messages) if x.server_id == body.get("before")),
        len(conversation.messages),
    )
    start = max(0, end - HISTORY)
    if m.switches.reading_clears_badge:
        conversation.unread = 0
    found = [im.message(m.site.world, m.account, conversation, x, m.links) for x in conversation.messages[start:end]]
    return protobuf({"messages": found, "has_more": start > 0})


async def send(m: Member) -> Response:
    """Send a private message from the page."""
    body = await read_body(m)
    if m.switches.dm_blocked:
        return protobuf({"blocked": "由于对方的隐私设置，你无法发送消息"})
    event = DemoEvent("own_message", str(body.get("text", "")), conversation_id=str(body.get("conversation_id", "")))
    return protobuf({"server_id": m.site.act(m.account, event).id})


async def socket(websocket: WebSocket) -> None:
    """Notify the page of what happens on its account, until it goes away."""
    visitor = get_visitor(websocket)
    if visitor.account is None:
        await websocket.close(4401)
        return
    await websocket.accept()
    queue: asyncio.Queue[Happened] = asyncio.Queue()
    listeners = visitor.site.listeners[visitor.account.key]
    listeners.add(queue)
    sender = asyncio.create_task(send_pushes(websocket, visitor.site, visitor.account, visitor.links, queue))
    try:
        while True:
            await websocket.receive()
    except (WebSocketDisconnect, RuntimeError):
        pass  # receive() after the disconnect raises the latter
    finally:
        listeners.discard(queue)
        sender.cancel()


async def send_pushes(
    websocket: WebSocket, site: Site, account: DemoAccount, links: Links, queue: "asyncio.Queue[Happened]"
) -> None:
    """Send each event in `queue` that the pages know, for ever."""
    while True:
        happened = await queue.get()
        push = make_push(site, account, happened, links._replace(now_ms=site.clock()))
        if push:
            await websocket.send_bytes(im.opaque(push))


def make_push(site: Site, account: DemoAccount, happened: Happened, links: Links) -> Json | None:
    """Return the notification of an event, or None if pages get none."""
    if happened.conversation_id:
        conversation = account.get_conversation(happened.conversation_id)
        message = next((x for x in conversation.messages if x.server_id == happened.id), None) if conversation else None
        return message_push(site, account, conversation, happened.id, links) if conversation and message else None
    notice = next((n for n in account.notices if happened.nid and n.nid == happened.nid), None)
    if notice is None:
        return None
    made = notices.notice(site.world, account, notice, links)
    return {"kind": "notice", "notice": made, "group": notices.GROUPS[notice.kind]}


def message_push(
    site: Site, account: DemoAccount, conversation: DemoConversation, server_id: str, links: Links
) -> Json:
    """Return the notification of a new message: its conversation, the message and the people."""
    item = next(x for x in conversation.messages if x.server_id == server_id)
    people = conversation.member_uids or [conversation.partner_uid]
    return {
        "kind": "message",
        "conversation": im.conversation(site.world, account, conversation, links),
        "message": im.message(site.world, account, conversation, item, links),
        "push": im.push_message(site.world, account, conversation, item, links),
        "users": {uid: im.user_info(site.world.person(uid), links) for uid in people},
    }


def make_routes(prefix: str) -> list[BaseRoute]:
    """Return the routes under `prefix`."""
    posts = {
        "/v1/message/get_by_user_init": init,
        "/v2/message/get_by_user_init": init,
        "/v1/stranger/get_conversation_list": strangers,
        "/v1/message/get_by_conversation": history,
        "/v1/message/send": send,
    }
    routes: list[BaseRoute] = [Route(f"{prefix}/im{p}", data(answer), methods=["POST"]) for p, answer in posts.items()]
    return [*routes, WebSocketRoute(f"{prefix}/im/ws/v2", socket)]
