"""Pictures, drawn on the spot from their names. Their addresses are signed and expire."""

import colorsys
import hashlib
from html import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crawler.demo.views.visitor import Visitor, get_visitor
from crawler.demo.wire.common import sign


async def picture(request: Request) -> Response:
    visitor = get_visitor(request)
    expires, signature = request.query_params.get("x-expires", "0"), request.query_params.get("x-signature")
    fresh = expires.isdigit() and int(expires) * 1000 > visitor.links.now_ms
    if not fresh or signature != sign(request.url.path, int(expires)):
        return PlainTextResponse("expired\n", 403)
    kind, name = request.path_params["kind"], request.path_params["name"]
    headers = {"cache-control": "private, max-age=600"}
    return Response(draw(visitor, kind, name), media_type="image/svg+xml", headers=headers)


def draw(visitor: Visitor, kind: str, name: str) -> str:
    if kind.startswith("avatar"):
        return draw_avatar(name, visitor.site.world.person(name).nickname)
    found = visitor.site.find_work(name.partition("-")[0])
    return draw_cover(name, found[1].title if found else "")


def draw_avatar(seed: str, nickname: str) -> str:
    light, dark = colors(seed)
    letter = escape(nickname[:1] or "?")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{gradient(light, dark)}'
        f'<rect width="100" height="100" fill="url(#g)"/><text x="50" y="66" font-size="46" fill="#fff" '
        f'text-anchor="middle" font-family="Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif">{letter}</text></svg>'
    )


def draw_cover(seed: str, title: str) -> str:
    light, dark = colors(seed)
    words = title.split("#")[0].strip() or "图片"
    lines = "".join(
        f'<tspan x="36" dy="{62 if i else 0}">{escape(words[i * 9 : i * 9 + 9])}</tspan>' for i in range(min(4, len(words) // 9 + 1))
    )
    circles = "".join(
        f'<circle cx="{digest % 540}" cy="{digest // 7 % 720}" r="{60 + digest % 120}" fill="#fff" opacity=".08"/>'
        for digest in numbers(seed, 5)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 540 720">{gradient(light, dark)}<rect width="540" height="720" '
        f'fill="url(#g)"/>{circles}<text x="36" y="420" font-size="46" font-weight="700" fill="#fff" font-family="Noto Sans '
        f'CJK SC, PingFang SC, Microsoft YaHei, sans-serif">{lines}</text></svg>'
    )


def numbers(seed: str, count: int) -> list[int]:
    return [int.from_bytes(hashlib.sha256(f"{seed}/{i}".encode()).digest()[:4]) for i in range(count)]


def colors(seed: str) -> tuple[str, str]:
    hue = numbers(seed, 1)[0] % 360 / 360
    return hex_color(hue, 0.62, 0.66), hex_color((hue + 0.08) % 1, 0.5, 0.42)


def hex_color(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{int(c * 255):02x}" for c in colorsys.hls_to_rgb(hue, lightness, saturation))


def gradient(light: str, dark: str) -> str:
    return (
        '<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">'
        f'<stop stop-color="{light}"/><stop offset="1" stop-color="{dark}"/></linearGradient></defs>'
    )


ROUTES = [Route("/p3.douyinpic.com/aweme/{kind}/{name}.jpeg", picture)]
