"""www: home with bell and message entry, private messages, public works."""

import base64
import json
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from demo.views.html import Html, not_found, render
from demo.views.visitor import Endpoint, Member, data, get_visitor
from demo.wire import comments, im, notices, works
from demo.wire.common import Json, envelope
from demo.wire.works import beijing_text
from demo.world import DemoPerson

ENTRY = (
    '<div class="www-icon" data-e2e="im-entry" id="im-entry" aria-label="消息" role="button"><span>消息</span></div>'
)


async def home(request: Request) -> Response:
    """Show the home page, with bell and message entry for members."""
    visitor = get_visitor(request)
    if visitor.account is None:
        return render("www_guest.html", visitor, title="首页")
    return render("www.html", visitor, title="首页", script="www", feed=make_feed(request))


def make_feed(request: Request) -> Html:
    """Return other people's works: a crawler must not take them for the owner's."""
    visitor = get_visitor(request)
    cards = []
    for account in visitor.site.world.accounts.values():
        for work in account.list_works()[:4]:
            cover = visitor.links.media("cover", work.aweme_id)
            cards.append(
                f'<a class="feed-card" href="{visitor.links.www}/video/{work.aweme_id}"><img src="{cover}" alt=""></a>'
            )
    return Html("".join(cards[:12]))


async def chat(request: Request) -> Response:
    """Show the page of private messages, unless it is switched away."""
    visitor = get_visitor(request)
    if visitor.account is None or visitor.switches.www_chat == "home":
        return RedirectResponse(visitor.links.www + "/")
    if visitor.switches.www_chat == "gone":
        return not_found(visitor)
    if visitor.switches.www_chat == "moving":
        return render("moving.html", visitor, title="私信", script="moving")
    return render("chat.html", visitor, title="私信", script="chat")


async def video(request: Request) -> Response:
    """Show the page of a work. Open to everybody."""
    visitor = get_visitor(request)
    found = visitor.site.find_work(request.path_params["aweme_id"])
    if found is None or found[1].is_deleted or found[1].is_private:
        return not_found(visitor)
    account, work = found
    return render(
        "video.html",
        visitor,
        title=work.title,
        script="video",
        aweme_id=work.aweme_id,
        work_title=work.title,
        author=account.owner.nickname,
        published=beijing_text(work.created_s),
        cover=visitor.links.media("cover", work.aweme_id),
    )


async def user(request: Request) -> Response:
    """Show the page of a person. Open to everybody."""
    visitor = get_visitor(request)
    person = visitor.site.world.find_person(request.path_params["sec_uid"])
    if person is None:
        return not_found(visitor)
    writes = visitor.account is not None and visitor.account.owner.uid != person.uid
    return render(
        "user.html",
        visitor,
        title=person.nickname,
        script="user" if writes else "",
        entry=Html(ENTRY if writes else ""),
        write=make_write_button(person) if writes else Html(""),
        person=person.nickname,
        face=visitor.links.media("avatar-100x100", person.uid),
        short_id=person.short_id,
        about=person.signature or f"IP 属地：{person.region}",
    )


def make_write_button(person: DemoPerson) -> Html:
    """Return the button by which a member writes to a person."""
    known = f'data-uid="{person.uid}" data-sec="{person.sec_uid}" data-name="{escape(person.nickname)}"'
    return Html(f'<p><button class="semi-button primary" id="write" {known}>私信</button></p>')


async def share(request: Request) -> Response:
    """Lead from a share link to the page of the work."""
    visitor = get_visitor(request)
    return RedirectResponse(f"{visitor.links.www}/video/{request.path_params['aweme_id']}")


async def public_comments(request: Request) -> Response:
    """Answer E. Open to everybody."""
    visitor = get_visitor(request)
    query = request.query_params
    aweme_id = query.get("aweme_id", "")
    found = visitor.site.find_work(aweme_id)
    if found is None:
        return JSONResponse(envelope(visitor.links.now_ms, {"comments": None, "has_more": 0, "cursor": 0, "total": 0}))
    cursor, count = int(query.get("cursor", "0")), int(query.get("count", "20"))
    made = comments.comment_list(visitor.site.world, found[0], aweme_id, visitor.links, cursor, count)
    return JSONResponse(comments.as_www(made))


async def detail(request: Request) -> Response:
    """Answer L. Open to everybody."""
    visitor = get_visitor(request)
    found = visitor.site.find_work(request.query_params.get("aweme_id", ""))
    if found is None:
        return JSONResponse(envelope(visitor.links.now_ms, {"aweme_detail": None}))
    return JSONResponse(works.aweme_detail(*found, visitor.links))


def replies(m: Member) -> Json:
    """Answer D as www does."""
    cursor, count = m.number("cursor"), m.number("count", 20)
    made = comments.reply_list(m.site.world, m.account, m.text("comment_id"), m.links, cursor, count, m.switches)
    return comments.as_www(made)


def notice_list(m: Member) -> Json:
    """Answer the bell's list, a page a call. The site counts these calls: they mark what they answer as read."""
    if m.text("is_mark_read") == "1":
        m.site.count(m.account, "mark_notices_read")
    return notices.notice_list(
        m.site.world, m.account, m.number("max_time"), m.number("count", 10), m.links, m.switches
    )


def notice_detail(m: Member) -> Json:
    """Answer K. `id_list` is JSON in the query."""
    try:
        asked = [str(entry["notice_id_str"]) for entry in json.loads(m.text("id_list", "[]"))]
    except (ValueError, TypeError, KeyError):
        return envelope(m.links.now_ms, {"notice_list_v2": None}, code=5, message="参数不合法")
    return notices.notice_detail(m.site.world, m.account, asked, m.links, m.switches)


async def user_info(m: Member) -> Json:
    """Answer the cards of the people in the form: JSON beside the protobuf of the messages."""
    asked = parse_qs((await m.request.body()).decode("utf-8", "replace")).get("sec_user_ids", ["[]"])[0]
    return im.user_info(m.site.world, [str(one) for one in json.loads(asked)], m.links)


def cached(m: Member) -> Json:
    """Answer everything about private messages that pages may have already.

    It stands for a store of theirs, or a thread of their own: nobody outside sees where they have it from.
    """
    conversations = m.account.list_conversations()
    people = {uid for c in conversations for uid in (c.member_uids or [c.partner_uid])} | {m.account.owner.uid}
    sec_uids = [m.site.world.person(uid).sec_uid for uid in people]
    batch = im.init(m.site.world, m.account, conversations, m.links, has_more=False)
    packed = base64.b64encode(im.response(im.INIT, batch, m.account.owner.uid)).decode()
    return {"users": im.user_info(m.site.world, sec_uids, m.links)["data"], "init": packed}


def notice_ids(m: Member) -> Json:
    """Answer which notices there are.

    On the platform the page knows them from its own channel, which nobody has read.
    """
    listed = [] if m.switches.empty_lists else m.account.list_notices()
    counts = dict.fromkeys(("7", "8", "9", "10", "26", "-1"), 0)
    for notice in listed:
        counts[notices.GROUPS[notice.kind]] += not notice.has_read
    return {"ids": [n.nid for n in listed], "unread": counts}


PAGES: dict[str, Endpoint] = {
    "": home,
    "/": home,
    "/chat": chat,
    "/chat/": chat,
    "/user/{sec_uid:str}": user,
    "/video/{aweme_id:str}": video,
    "/share/video/{aweme_id:str}/": share,
    "/aweme/v1/web/comment/list/": public_comments,
    "/aweme/v1/web/comment/list/reply/": data(replies),
    "/aweme/v1/web/aweme/detail/": detail,
    "/aweme/v1/web/notice/": data(notice_list),
    "/aweme/v1/web/notice/detail/": data(notice_detail),
    "/page/notice-ids": data(notice_ids),
    "/page/cached": data(cached),
}


def make_routes(prefix: str) -> list[Route]:
    """Return the routes under `prefix`."""
    people = Route(f"{prefix}/www/aweme/v1/web/im/user/info/", data(user_info), methods=["POST"])
    return [people, *(Route(f"{prefix}/www{path}", endpoint) for path, endpoint in PAGES.items())]
