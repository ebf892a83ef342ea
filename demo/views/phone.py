"""The phone: it scans a code, chooses an account, confirms."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.login import Code
from demo.views.html import Html, not_found, render
from demo.views.visitor import Visitor, get_visitor


def get_code(request: Request) -> tuple[Visitor, Code | None]:
    """Return the visitor and the code in the address, None if there is no such code."""
    visitor = get_visitor(request)._replace(account=None)
    return visitor, visitor.site.logins.codes.get(request.path_params["token"])


async def show(request: Request) -> Response:
    """Show the phone's page. Opening it is scanning."""
    visitor, code = get_code(request)
    if code is None:
        return not_found(visitor)
    code.scanned = True
    state = visitor.site.logins.get_state(code, visitor.links.now_ms, phone_away=True)
    if state == "scanned":
        return render("phone.html", visitor, title="手机", accounts=make_choices(visitor), token=code.token)
    if code.account and not code.verified and visitor.site.switches[code.account].second_step:
        visitor.site.logins.ask_second_step(code)
        text = f"短信：验证码 {code.sms}，请在电脑上输入"
        return render("phone_done.html", visitor, title="手机", text=text)
    text = "已在电脑上登录" if state == "confirmed" or code.used else "二维码已失效，请在电脑上换一个再扫"
    return render("phone_done.html", visitor, title="手机", text=text)


def make_choices(visitor: Visitor) -> Html:
    """Return the accounts to choose from, as HTML."""
    rows = []
    for index, account in enumerate(visitor.site.world.accounts.values()):
        avatar = visitor.links.media("avatar-100x100", account.owner.uid)
        checked = " checked" if index == 0 else ""
        rows.append(
            f'<label><input type="radio" name="account" value="{account.key}"{checked}><img src="{avatar}" alt="">'
            f"<span><b>{account.owner.nickname}</b><small>{account.owner.short_id}</small></span></label>"
        )
    return Html("".join(rows))


async def confirm(request: Request) -> Response:
    """Confirm the code for the chosen account."""
    visitor, code = get_code(request)
    chosen = parse_qs((await request.body()).decode("utf-8", "replace")).get("account", [""])[0]
    if code is None or chosen not in visitor.site.world.accounts:
        return not_found(visitor)
    if visitor.site.logins.get_state(code, visitor.links.now_ms, phone_away=True) != "expired":
        code.account = chosen
    return await show(request)


ROUTES = [Route("/phone/{token}", show), Route("/phone/{token}", confirm, methods=["POST"])]
