"""The addresses of the API, each with an optional slash at its end.

An id may contain any printable character, `/` too: routes of an action on an item stand before the item itself, and
the item takes all that is left of the path. The last pattern takes all of /api/: include these urls last.
"""

from __future__ import annotations

from typing import Any, Final

from django.urls import URLPattern, re_path

from im_api.openapi.views import DocsViewSet, SchemaViewSet
from im_api.route_table import ABOUT_THE_HUB, METHODS, PREFIX, ROOT, ROUTES
from im_api.views.base import ApiViewSet
from im_api.views.general import UnknownViewSet

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


_refused: Final[dict[str, Any]] = dict.fromkeys(METHODS, "refuse")

urlpatterns = [
    *(_pattern(f"{PREFIX}/{_regex(route.path)}", route.view, route.actions) for route in ROUTES),
    _pattern(*ROOT, routes=_LISTED),
    *(_pattern(*route) for route in ABOUT_THE_HUB),
    _pattern("api/schema", SchemaViewSet, {"get": "retrieve"}, name="api-schema"),
    _pattern("api/docs", DocsViewSet, {"get": "retrieve"}, name="api-docs"),
    re_path(r"^api(?:/[\s\S]*)?\Z", UnknownViewSet.as_view(_refused)),
]
