"""Pictures, drawn on the spot from their names. Their addresses are signed and expire."""

import colorsys
import hashlib
from html import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from demo.views.visitor import Visitor, get_visitor
from demo.wire.common import sign

FONTS = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"


async def picture(request: Request) -> Response:
    """Answer a picture; 403 for a signature that is wrong or expired."""
    visitor = get_visitor(request)
    expires, signature = request.query_params.get("x-expires", "0"), request.query_params.get("x-signature")
    fresh = expires.isdigit() and int(expires) * 1000 > visitor.links.now_ms
    if not fresh or signature != sign(request.url.path, int(expires)):
        return PlainTextResponse("expired\n", 403)
    kind, name = request.path_params["kind"], request.path_params["name"]
    headers = {"cache-control": "private, max-age=600"}
    return Response(draw(visitor, kind, name), media_type="image/svg+xml", headers=headers)


def draw(visitor: Visitor, kind: str, name: str) -> str:
    """Return the SVG of a picture of this kind and name."""
    if kind.startswith("avatar"):
        return draw_avatar(name, visitor.site.world.person(name).nickname)
    found = visitor.site.find_work(name.partition("-")[0])
    return draw_cover(name, found[1].title if found else "")


def draw_avatar(seed: str, nickname: str) -> str:
    """Return an avatar: the first character of the name on a gradient."""
    letter = f'<text x="50" y="66" font-size="46" text-anchor="middle">{escape(nickname[:1] or "?")}</text>'
    return draw_svg(100, 100, seed, letter)


def draw_cover(seed: str, title: str) -> str:
    """Return a cover: the title on a gradient."""
    words = title.split("#")[0].strip() or "图片"
    lines = [escape(words[at : at + 9]) for at in range(0, min(len(words), 36), 9)]
    spans = "".join(f'<tspan x="36" dy="{62 if i else 0}">{line}</tspan>' for i, line in enumerate(lines))
    circles = "".join(
        f'<circle cx="{n % 540}" cy="{n // 7 % 720}" r="{60 + n % 120}" opacity=".08"/>' for n in numbers(seed, 5)
    )
    return draw_svg(540, 720, seed, f'{circles}<text x="36" y="420" font-size="46" font-weight="700">{spans}</text>')


def draw_svg(width: int, height: int, seed: str, content: str) -> str:
    """Return white content on a gradient of the seed's own colors."""
    light, dark = colors(seed)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><defs>'
        f'<linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop stop-color="{light}"/>'
        f'<stop offset="1" stop-color="{dark}"/></linearGradient></defs>'
        f'<rect width="{width}" height="{height}" fill="url(#g)"/>'
        f'<g fill="#fff" font-family="{FONTS}">{content}</g></svg>'
    )


def numbers(seed: str, count: int) -> list[int]:
    """Return `count` numbers of 0 to 255 that depend on `seed` only."""
    return [int.from_bytes(hashlib.sha256(f"{seed}/{i}".encode()).digest()[:4]) for i in range(count)]


def colors(seed: str) -> tuple[str, str]:
    """Return the two colors of a gradient."""
    hue = numbers(seed, 1)[0] % 360 / 360
    return hex_color(hue, 0.62, 0.66), hex_color((hue + 0.08) % 1, 0.5, 0.42)


def hex_color(hue: float, lightness: float, saturation: float) -> str:
    """Return a color as `#rrggbb`."""
    return "#" + "".join(f"{int(c * 255):02x}" for c in colorsys.hls_to_rgb(hue, lightness, saturation))


ROUTES = [Route("/p3.douyinpic.com/aweme/{kind}/{name}.jpeg", picture)]
