"""The routes that are about no account: health, version, the hub's status, all unknown ones."""

from typing import Any, NoReturn

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from im_api import about, queries, shapes
from im_api.access import now_ms
from im_api.errors import NotFound
from im_api.shapes.answers import HealthShape, RouteRow, Routes, Version
from im_api.views.base import Answered, ApiViewSet, IsOwner


class AboutViewSet(ApiViewSet):
    """Open to everybody."""

    authentication_classes = ()
    permission_classes = ()

    def health(self, request: Request) -> Answered:
        return self.answer(HealthShape(version=about.hub_version(), timestamp=now_ms()))

    def version(self, request: Request) -> Answered:
        return self.answer(
            Version(
                api_version=about.API_VERSION,
                compatibility=about.COMPATIBILITY,
                supported_platforms=about.supported_platforms(),
            )
        )


class StatusViewSet(ApiViewSet):
    permission_classes = (IsAuthenticated, IsOwner)

    def status(self, request: Request) -> Response:
        return Response(shapes.status(queries.get_hub_overview(now_ms())))


class RootViewSet(ApiViewSet):
    """The routes of the API, for whoever looks around in a browser."""

    routes: tuple[tuple[str, str], ...] = ()

    def list(self, request: Request) -> Answered:
        return self.answer(Routes(routes=[RouteRow(path=path, methods=methods) for path, methods in self.routes]))


class UnknownViewSet(ApiViewSet):
    """Every other address below /api/."""

    def refuse(self, request: Request, **kwargs: Any) -> NoReturn:
        raise NotFound("There is no such route")

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> NoReturn:
        self.refuse(request)
