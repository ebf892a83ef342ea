"""The IM host: protobuf answers, and the socket by which pages hear of news."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from demo.events import DemoEvent, Happened
from demo.site import Site
from demo.views.sending import create_conversation, send_message
from demo.views.visitor import Endpoint, Member, get_visitor, refuse
from demo.wire import im, notices
from demo.wire.common import NEED_LOGIN, Json, Links
from demo.wire.protobuf import Asked, Fields
from demo.world import DemoAccount, DemoConversation

BATCH = 25
HISTORY = 50
Made = Fields | Response
Answer = Callable[[Member, Asked], Made | Awaitable[Made]]


def protobuf(cmd: int, answer: Answer) -> Endpoint:
    """Return an endpoint that answers a command. Others than members get status 8, kicked ones JSON."""

    async def endpoint(request: Request) -> Response:
        visitor = get_visitor(request)
        asked = Asked(await request.body()).inner(8).inner(im.BODY_NUMBERS.get(cmd, cmd))
        if visitor.account is None:
            return _bytes(im.response(cmd, None, "0", status=NEED_LOGIN))
        if visitor.switches.kicked:
            return JSONResponse({"decision": "KICK"})
        await asyncio.sleep(visitor.switches.slow_s)
        if (refused := refuse(visitor.switches.im_answers)) is not None:
            return refused
        member = Member(visitor.site, visitor.links, visitor.account, visitor.switches, request)
        made = answer(member, asked)
        body = await made if isinstance(made, Awaitable) else made
        return body if isinstance(body, Response) else _bytes(im.response(cmd, body, visitor.account.owner.uid))

    return endpoint


def _bytes(body: bytes) -> Response:
    return Response(body, media_type="application/x-protobuf")


def init(m: Member, asked: Asked) -> Fields:
    """Answer the list of conversations, a page a call, newest first."""
    offset = asked.number(2) * BATCH
    conversations = [] if m.switches.empty_lists else m.account.list_conversations()
    has_more = m.switches.endless_pages or offset + BATCH < len(conversations)
    batch = conversations[offset : offset + BATCH]
    if m.switches.json_renamed:
        return {21: "the list stands under another number"}
    return im.init(m.site.world, m.account, batch, m.links, has_more=has_more)


def increments(m: Member, asked: Asked) -> Fields:
    """Answer what came since the version that the page has: ms UTC here."""
    since = asked.number(1)
    return im.increments(m.site.world, m.account, since, m.links) if since else {1: {1: m.links.now_ms}}


def infos(m: Member, _asked: Asked) -> Fields:
    """Answer settings and read places of all conversations."""
    return im.infos(m.account, [] if m.switches.empty_lists else m.account.list_conversations())


def strangers(m: Member, _asked: Asked) -> Fields:
    """Answer the box of strangers."""
    found = [] if m.switches.empty_lists else [c for c in m.account.list_conversations() if c.kind == "stranger"]
    return im.strangers(m.site.world, m.account, found, m.links)


def history(m: Member, asked: Asked) -> Fields:
    """Answer the messages of a conversation before the anchor, or the newest."""
    conversation = m.account.get_conversation(asked.text(1))
    if conversation is None or m.switches.empty_lists:
        return {3: False}
    end = asked.number(5) or len(conversation.messages) + 1
    return im.history(m.site.world, conversation, range(max(1, end - HISTORY), end), m.links)


def mark_read(m: Member, asked: Asked) -> Fields:
    """Take it that the owner read a conversation in this browser. The site counts these calls, and
    those of them that hid something from the owner."""
    conversation = m.account.get_conversation(asked.text(1))
    m.site.count(m.account, "mark_read")
    if conversation is not None and conversation.unread:
        m.site.count(m.account, "mark_read_of_unread")
    if conversation is not None:
        m.site.act(m.account, DemoEvent("read", conversation_id=conversation.id))
    return {}


async def socket(websocket: WebSocket) -> None:
    """Tell the page what happens on its account, until it goes away. Heartbeats are not answered."""
    visitor = get_visitor(websocket)
    if visitor.account is None or visitor.switches.no_socket:
        await websocket.close(4401 if visitor.account is None else 4503)
        return
    await websocket.accept(subprotocol="pbbp2" if "pbbp2" in websocket.scope["subprotocols"] else None)
    queue: asyncio.Queue[Happened] = asyncio.Queue()
    listeners = visitor.site.listeners[visitor.account.key]
    listeners.add(queue)
    sender = asyncio.create_task(send_frames(websocket, visitor.site, visitor.account, visitor.links, queue))
    try:
        while True:
            await websocket.receive()
    except (WebSocketDisconnect, RuntimeError):
        pass  # receive() after the disconnect raises the latter
    finally:
        listeners.discard(queue)
        sender.cancel()


async def send_frames(
    websocket: WebSocket, site: Site, account: DemoAccount, links: Links, queue: "asyncio.Queue[Happened]"
) -> None:
    """Send each event in `queue` that the pages hear of, for ever; every other frame squeezed."""
    squeezed = False
    while True:
        happened = await queue.get()
        payload = make_push(site, account, happened, links._replace(now_ms=site.clock()))
        if payload is not None and not site.switches[account.key].lost_frames:
            squeezed = not squeezed
            await websocket.send_bytes(im.frame(payload, squeezed=squeezed))
        notice = make_notice(site, account, happened, links._replace(now_ms=site.clock()))
        if notice is not None:
            await websocket.send_bytes(im.frame(json.dumps(notice).encode(), "text/json"))


def make_push(site: Site, account: DemoAccount, happened: Happened, links: Links) -> bytes | None:
    """Return the notification of an event of a conversation, or None."""
    conversation = account.get_conversation(happened.conversation_id)
    if conversation is None:
        return None
    owner = account.owner.uid
    if happened.kind == "read":
        return im.response(im.READ, im.marked_read(account, conversation), owner)
    if happened.kind in ("fold", "unfold"):
        command = im.changed_setting(conversation, links.now_ms)
        return im.response(im.NEW, {2: conversation.id, 3: 1, 4: 1, 5: command}, owner)
    place = next((place for place, x in enumerate(conversation.messages, 1) if x.server_id == happened.id), 0)
    if not place:
        return None
    if happened.kind == "recall":
        return im.response(im.NEW, recalled(conversation, place), owner)
    return im.response(im.NEW, im.new_message(site.world, account, conversation, place, links), owner)


def recalled(conversation: DemoConversation, place: int) -> Fields:
    """Return the notification that a message was taken back."""
    return {2: conversation.id, 3: 1, 4: 1, 5: im.recall(conversation, conversation.messages[place - 1])}


def make_notice(site: Site, account: DemoAccount, happened: Happened, links: Links) -> Json | None:
    """Return the notification of a notice, or None. What it looks like on the platform is not known."""
    notice = next((n for n in account.notices if happened.nid and n.nid == happened.nid), None)
    if notice is None:
        return None
    made = notices.notice(site.world, account, notice, links)
    return {"kind": "notice", "notice": made, "group": notices.GROUPS[notice.kind]}


def make_routes(prefix: str) -> list[BaseRoute]:
    """Return the routes under `prefix`. Paths come with and without a slash at their end."""
    posts: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "/v1/message/get_message_by_init": protobuf(im.INIT, init),
        "/v1/message/get_user_message": protobuf(im.INCREMENTS, increments),
        "/v2/conversation/get_info_list": protobuf(im.INFOS, infos),
        "/v1/stranger/get_conversation_list": protobuf(im.STRANGERS, strangers),
        "/v1/message/get_by_conversation": protobuf(im.HISTORY, history),
        "/v1/conversation/mark_read": protobuf(im.MARK_READ, mark_read),
        "/v1/message/send": protobuf(im.SEND, send_message),
        "/v2/conversation/create": protobuf(im.CREATE, create_conversation),
    }
    routes: list[BaseRoute] = [
        Route(f"{prefix}/im{path}{slash}", answer, methods=["POST"])
        for path, answer in posts.items()
        for slash in ("", "/")
    ]
    return [*routes, WebSocketRoute(f"{prefix}/im/ws/v2", socket)]
