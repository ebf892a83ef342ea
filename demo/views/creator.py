"""The creator centre: pages, login codes, works, comments."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from demo.login import COOKIES, Code
from demo.views.html import not_found, render
from demo.views.qr import make_qr
from demo.views.sending import send_comment
from demo.views.visitor import Endpoint, Member, Visitor, data, get_visitor
from demo.wire import comments, works
from demo.wire.common import Json, envelope

HOME = "/creator-micro/home"
CHAT = "/creator-micro/data/following/chat"
V2 = "/web/api/third_party/aweme/api/comment/read/aweme/v1/web/comment/list"
FILTERS = {"0": "全部评论", "not_replied": "未回复"}
SESSION_S = 60 * 24 * 3600


async def login_page(request: Request) -> Response:
    """Show the login page; lead members to their home page."""
    visitor = get_visitor(request)
    if visitor.phone and visitor.phone not in visitor.site.world.accounts:
        return not_found(visitor)
    if visitor.account:
        return RedirectResponse(visitor.links.creator + HOME)
    return render("login.html", visitor, title="创作者中心", script="login")


async def comment_page(request: Request) -> Response:
    """Show the page of comments, unless it is switched away."""
    visitor = get_visitor(request)
    state = visitor.switches.comment_page
    if visitor.account is None or state == "home":
        return RedirectResponse(visitor.links.creator + ("/" if visitor.account is None else HOME))
    if state == "gone":
        return not_found(visitor)
    if state == "moving":
        return render("moving.html", visitor, title="评论管理", script="moving")
    if visitor.switches.new_comments:
        shown = FILTERS["not_replied" if visitor.switches.unanswered else "0"]
        return render("comments_new.html", visitor, title="评论管理", script="comments", filter=shown)
    return render("comments.html", visitor, title="评论管理", script="comments")


def page(name: str, title: str, script: str = "") -> Endpoint:
    """Return the endpoint of a page for members; others are led to the root."""

    async def endpoint(request: Request) -> Response:
        visitor = get_visitor(request)
        if visitor.account is None:
            return RedirectResponse(visitor.links.creator + "/")
        return render(name, visitor, title=title, script=script)

    return endpoint


async def new_code(request: Request) -> Response:
    """Answer a new login code."""
    visitor = get_visitor(request)
    code = visitor.site.logins.issue_code(visitor.links.now_ms, visitor.phone)
    address = f"{visitor.links.origin}/phone/{code.token}"
    lifetime = visitor.site.logins.lifetime_ms // 1000
    body = {"token": code.token, "qrcode": make_qr(address), "qrcode_index_url": address, "expires_in": lifetime}
    return JSONResponse(envelope(visitor.links.now_ms, {"data": body}))


async def check_code(request: Request) -> Response:
    """Answer the state of a code. Once confirmed, the answer carries the session's cookies."""
    visitor = get_visitor(request)
    code = visitor.site.logins.codes.get(request.query_params.get("token", ""))
    if code is None:
        return JSONResponse(envelope(visitor.links.now_ms, {"data": {"status": "expired"}}))
    away = bool(code.phone) and visitor.site.switches[code.phone].phone_away
    state = visitor.site.logins.get_state(code, visitor.links.now_ms, phone_away=away)
    if state == "confirmed" and visitor.site.switches[code.account].second_step:
        state = "verify" if visitor.site.logins.ask_second_step(code) else state
    body = {"status": state, "redirect_url": visitor.links.creator + HOME if state == "confirmed" else ""}
    response = JSONResponse(envelope(visitor.links.now_ms, {"data": body}))
    if state == "confirmed":
        set_session(response, visitor, code)
    return response


async def verify_sms(request: Request) -> Response:
    """Take the code of the short message, as the login page's second step sends it."""
    visitor = get_visitor(request)
    code = visitor.site.logins.codes.get(request.query_params.get("token", ""))
    if code is None or not code.sms or request.query_params.get("code") != code.sms:
        return JSONResponse(envelope(visitor.links.now_ms, {"data": {"error_code": 1202, "description": "验证码错误"}}))
    code.verified = True
    return JSONResponse(envelope(visitor.links.now_ms, {"data": {"error_code": 0}}))


def set_session(response: Response, visitor: Visitor, code: Code) -> None:
    """Set the session's cookies, bound to `/for/<account>`, so that one browser can hold several."""
    session = visitor.site.logins.open_session(code)
    for name in COOKIES:
        response.set_cookie(name, session, max_age=SESSION_S, path=visitor.links.prefix or "/", httponly=True)


async def log_out(request: Request) -> Response:
    """Delete the session's cookies."""
    visitor = get_visitor(request)
    response = RedirectResponse(visitor.links.creator + "/", 303)
    for name in COOKIES:
        response.delete_cookie(name, path=visitor.links.prefix or "/")
    return response


async def work_list_moved(request: Request) -> Response:
    """Redirect to the address without a slash, as the platform does."""
    return RedirectResponse(request.url.replace(path=request.url.path.rstrip("/")), 301)


def work_list(m: Member) -> Json:
    """Answer A."""
    return works.work_list(m.account, m.links, m.number("max_cursor"), m.number("count", 12), m.switches)


def item_list(m: Member) -> Json:
    """Answer B."""
    return works.item_list(m.account, m.links, m.text("cursor"), m.switches)


def comment_list(m: Member) -> Json:
    """Answer C."""
    cursor, count = m.number("cursor"), m.number("count", 10)
    unanswered = m.text("comment_select_options") == "not_replied"
    return comments.comment_list(
        m.site.world, m.account, m.text("aweme_id"), m.links, cursor, count, m.switches, unanswered=unanswered
    )


def reply_list(m: Member) -> Json:
    """Answer D."""
    cursor, count = m.number("cursor"), m.number("count", 10)
    return comments.reply_list(m.site.world, m.account, m.text("comment_id"), m.links, cursor, count, m.switches)


PAGES: dict[str, Endpoint] = {
    "/": login_page,
    HOME: page("home.html", "创作者中心", "home"),
    "/creator-micro/content/manage": page("works.html", "作品管理", "works"),
    "/creator-micro/interactive/comment": comment_page,
    CHAT: page("moving.html", "私信管理", "moving"),
}
ANSWERS: dict[str, Endpoint] = {
    "/passport/web/get_qrcode": new_code,
    "/passport/web/check_qrconnect": check_code,
    "/aweme/v1/creator/item/list": data(item_list),
    f"{V2}/select": data(comment_list),
    f"{V2}/reply": data(reply_list),
}


def make_routes(prefix: str) -> list[Route]:
    """Return the routes under `prefix`."""
    base = f"{prefix}/creator"
    lists = "/janus/douyin/creator/pc/work_list"
    routes = [Route(base + path, endpoint) for path, endpoint in PAGES.items()]
    for path, endpoint in ANSWERS.items():
        routes += [Route(base + path, endpoint), Route(f"{base}{path}/", endpoint)]
    return [
        *routes,
        Route(base, login_page),
        Route(base + lists, data(work_list)),
        Route(f"{base}{lists}/", work_list_moved),
        Route(f"{base}/aweme/v1/creator/comment/reply/", data(send_comment), methods=["POST"]),
        Route(f"{base}/passport/web/verify_sms/", verify_sms, methods=["POST"]),
        Route(f"{base}/logout", log_out, methods=["POST"]),
    ]
