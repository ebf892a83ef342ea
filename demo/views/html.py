"""Pages from templates. Values are escaped, except those of type Html."""

import json
from html import escape
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse

from demo.views.visitor import Visitor, get_visitor

PAGES = Path(__file__).parent.parent / "pages"


class Html(str):
    """Text that is HTML already, and is not escaped again."""


def render(
    name: str, visitor: Visitor, *, title: str, script: str = "", status: int = 200, **values: str
) -> HTMLResponse:
    """Return the page of a template, in the layout, with its script. Pages of members are counted."""
    if visitor.account is not None:
        visitor.site.count(visitor.account, "pages")
    content = fill(name, visitor, **values)
    context = json.dumps(page_context(visitor))
    module = Html(f'<script type="module" src="/static/{script}.js"></script>') if script else ""
    layer = make_layer(visitor)
    page = fill("layout.html", visitor, title=title, content=content, script=module, context=context, layer=layer)
    return HTMLResponse(page, status)


def make_layer(visitor: Visitor) -> Html:
    """Return what the platform lays over its pages: a frame of its check, which is hidden until somebody is checked."""
    size = "width:340px;height:220px" if visitor.switches.check else "display:none"
    layer = f'<iframe class="check" title="check" src="about:blank#rc-verifycenter/nocaptcha" style="{size}"></iframe>'
    if visitor.switches.kicked and visitor.account is not None:
        layer += '<div class="kicked card"><p>登录已失效</p><button class="semi-button">一键登录</button></div>'
    return Html(layer)


def page_context(visitor: Visitor) -> dict[str, object]:
    """Return what the scripts know from the start."""
    account = visitor.account
    return {
        "creator": visitor.links.creator,
        "www": visitor.links.www,
        "im": visitor.links.im,
        "renamed": visitor.switches.objects_renamed,
        "cached": visitor.switches.cached_names or visitor.switches.silent_im,
        "silent": visitor.switches.silent_im,
        "flash": visitor.switches.login_flash,
        "editor": visitor.switches.editor,
        "draft": visitor.switches.draft,
        "namesakeFirst": visitor.switches.namesake_first,
        "microApp": visitor.switches.micro_app,
        "owner": account.owner.uid if account else "",
        "ownerAvatar": visitor.links.media("avatar-100x100", account.owner.uid) if account else "",
    }


def fill(name: str, visitor: Visitor, **values: str) -> Html:
    """Return the template with its values."""
    links = visitor.links
    bases = {"creator": links.creator, "www": links.www, "im": links.im}
    owner = owner_values(visitor)
    safe = {k: v if isinstance(v, Html) else escape(v) for k, v in {**bases, **owner, **values}.items()}
    return Html(Template((PAGES / name).read_text("utf-8")).substitute(safe))


def owner_values(visitor: Visitor) -> dict[str, str]:
    """Return the values of templates that concern the account's owner; none for guests."""
    if visitor.account is None:
        return {}
    account = visitor.account
    return {
        "nickname": account.owner.nickname,
        "number": account.owner.short_id,
        "signature": account.owner.signature,
        "avatar": visitor.links.media("avatar-100x100", account.owner.uid),
        "fans": count_text(account.followers),
        "following": count_text(account.following),
        "likes": count_text(sum(w.likes for w in account.works)),
    }


def count_text(count: int) -> str:
    """Return a number as the platform shows it: `44`, but `1.2万`."""
    return str(count) if count < 10_000 else f"{count / 10_000:.1f}万"


def not_found(visitor: Visitor) -> HTMLResponse:
    """Return the page of an address that leads nowhere, with HTTP 404."""
    return render("gone.html", visitor, title="页面不存在", status=404)


async def unknown(request: Request, _error: Exception) -> HTMLResponse:
    """Answer an address that nothing serves."""
    return not_found(get_visitor(request)._replace(account=None))
