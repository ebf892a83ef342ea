"""The addresses of the API, each with an optional slash at its end.

An id may contain any printable character, `/` too: routes of an action on an item stand before the item itself, and
the item takes all that is left of the path. An id may also end like such a route (`…/read`): see `_choose`. The last
pattern takes all of /api/: include these urls last.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, re_path

from im_api.openapi.views import DocsViewSet, SchemaViewSet
from im_api.route_table import ABOUT_THE_HUB, METHODS, PREFIX, ROOT, ROUTES, Route
from im_api.views.base import ApiViewSet
from im_api.views.general import UnknownViewSet

View = Callable[..., HttpResponseBase]

_LISTED: Final = tuple(
    (f"/{PREFIX}/{route.path}", ", ".join(method.upper() for method in METHODS if method in route.actions))
    for route in ROUTES
)


def _regex(path: str) -> str:
    return path.replace("{account_id}", "(?P<account_id>[^/]+)").replace("{id}", r"(?P<item_id>[\s\S]+?)")


def _pattern(
    path: str, view: type[ApiViewSet], actions: dict[str, Any], name: str | None = None, **settings: object
) -> URLPattern:
    return re_path(rf"^{path}/?\Z", view.as_view(dict(actions), **settings), name=name)


def _route_pattern(route: Route) -> URLPattern:
    head, _, tail = route.path.rpartition("{id}")
    item = next((one for one in ROUTES if tail and one.path == f"{head}{{id}}"), None)
    view: View = route.view.as_view(dict(route.actions))
    if item is not None:
        view = _choose(view, set(route.actions), tail, item)
    return re_path(rf"^{PREFIX}/{_regex(route.path)}/?\Z", view)


def _choose(action: View, methods: set[str], tail: str, item: Route) -> View:
    """Return the view of an action on an item, which gives way to the view of an `item` whose id ends like `tail`.

    The path means such an id if its slash is encoded (`%2F`). Where it is not, the item answers if it is there, and the
    action has no such method or, to a GET, no item with the shorter id.
    """
    whole: View = item.view.as_view(dict(item.actions))
    encoded = f"%2f{tail[1:]}".encode()

    @wraps(action)
    def choose(request: HttpRequest, item_id: str, **rest: str) -> HttpResponseBase:
        method = "get" if request.method == "HEAD" else str(request.method).lower()
        raw: bytes = getattr(request, "scope", {}).get("raw_path") or b""
        if raw.removesuffix(b"/").lower().endswith(encoded):
            return whole(request, item_id=item_id + tail)
        answer = action(request, item_id=item_id, **rest)
        missed = 404 if method == "get" and method in methods else 405
        if answer.status_code == missed and method in item.actions:
            other = whole(request, item_id=item_id + tail)
            answer = other if other.status_code != 404 else answer
        return answer

    return choose


_refused: Final[dict[str, Any]] = dict.fromkeys(METHODS, "refuse")

urlpatterns = [
    *map(_route_pattern, ROUTES),
    _pattern(*ROOT, routes=_LISTED),
    *(_pattern(*route) for route in ABOUT_THE_HUB),
    _pattern("api/schema", SchemaViewSet, {"get": "retrieve"}, name="api-schema"),
    _pattern("api/docs", DocsViewSet, {"get": "retrieve"}, name="api-docs"),
    re_path(r"^api(?:/[\s\S]*)?\Z", UnknownViewSet.as_view(_refused)),
]
