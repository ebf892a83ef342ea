"""The base of every view: the principal, the envelope, the headers, conditional requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any, ClassVar, Final, NamedTuple, TypeVar, cast

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from im_api.access import Principal, get_access
from im_api.conditional import is_known, make_etag
from im_api.errors import BadRequest, NotReady
from im_api.event_loop import check_client, require_thread
from im_api.params import read_query
from im_api.parsers import JSONParser
from im_api.queries import (
    USER,
    Actor,
    AuthorizedAccount,
    HubBusy,
    HubNotReady,
    Listed,
    catch_up,
    format_origin,
    has_reached,
    versions_of,
)
from im_api.queries.scope import reading
from im_api.renderers import Negotiation, encode
from im_api.shapes import Envelope
from im_api.shapes.query_strings import QueryString

T = TypeVar("T")
Q = TypeVar("Q", bound=QueryString)

VARY: Final = "Authorization, Cookie, Accept"
CACHE_CONTROL: Final = "private, no-cache"
VERSION_HEADERS: Final = ("IMHub-Version", "IMHub-Seq")
WAIT_S: Final = 0.5
POLL_S: Final = 0.01
_MAX_DIGITS: Final = 18


class IsOwner(BasePermission):
    """Staff."""

    message = "Only the owner may do this"

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_staff)


class Answered(NamedTuple):
    """The result of a handler: an answer that no framework has seen yet.

    `headers`: the versions of the accounts that it is made of. `tagged`: what the ETag is made of, if not of all of
    the answer.
    """

    envelope: Envelope
    headers: Mapping[str, str]
    tagged: Any
    status: int

    def encode(self) -> tuple[bytes, str]:
        """Return the body and its entity tag."""
        body = encode(self.envelope)
        return body, make_etag(body if self.tagged is None else encode(self.tagged))


class AnsweredResponse(Response):
    """Carries a handler's answer as a response. `tagged` as there."""

    tagged: Any = None

    @classmethod
    def of(cls, answered: Answered) -> AnsweredResponse:
        """Return the response that says this."""
        response = cls(answered.envelope, answered.status)
        for name, value in answered.headers.items():
            response.headers[name] = value
        response.tagged = answered.tagged
        return response


class ApiViewSet(ViewSet):
    """Base of all resources. `principal` is set for the handlers.

    A handler of GET in a view that `is_shared` takes nothing from its request but `principal` and `query`, so that it
    can be asked without one (`ask_plainly`).
    """

    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    content_negotiation_class = Negotiation
    parser_classes = (JSONParser,)
    is_shared: ClassVar[bool] = False
    """Reads are made of accounts alone: not of the time, the worker at this moment, or who asks."""
    cache_control: ClassVar[str] = CACHE_CONTROL
    principal: Principal
    _parameters: Mapping[str, str]

    def ask_plainly(self, action: str, principal: Principal, parameters: Mapping[str, str], **ids: str) -> Answered:
        """Return what the handler of this name answers to somebody whose credential was checked already.

        `parameters`: of the query string. Raises whatever the handler does.
        """
        self.principal, self._parameters = principal, parameters
        answered: Answered = getattr(self, action)(None, **ids)
        return answered

    @property
    def actor(self) -> Actor:
        """Return who writes, and with what from where, in words for people."""
        token_hash = cast(str | None, self.request.auth)  # as our authentication classes return
        means = "browser" if token_hash is None else f"token {get_access().name_of_token(token_hash)}"
        return Actor(f"{USER}{self.principal.username}", format_origin(means, self.request.META["REMOTE_ADDR"]))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.principal = cast(Principal, request.user)  # what our authentication classes return
        self._parameters = request._request.GET  # read here so that every route refuses too many of them
        wanted = request.META.get("HTTP_IMHUB_MIN_VERSION")
        # Who may ask without saying who they are sees no account that could have a version.
        if wanted is not None and request.user is not None:
            _wait_for(self.principal, _parse_versions(wanted))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, Answered):
            response = AnsweredResponse.of(response)
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Vary"] = VARY
        response.headers["Cache-Control"] = self.cache_control
        response._has_been_logged = True  # errors.py logs what deserves it
        if response.status_code == 200 and request.method in ("GET", "HEAD"):
            _tag(request, response)
        return response

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, HubNotReady):
            exc = NotReady("The hub is still loading")
        elif isinstance(exc, HubBusy):
            exc = NotReady(f"Try again: {exc}")
        return super().handle_exception(exc)

    def query(self, wanted: type[Q]) -> Q:
        """Return the query string as a Struct of this type. Raises BadRequest with the name of the parameter."""
        return read_query(self._parameters, wanted)

    def body(self, wanted: type[T]) -> T:
        """The body of the request as a Struct of this type. Raises BadRequest with the place of the fault."""
        request = self.request
        parser = self.get_content_negotiator().select_parser(request, self.get_parsers())
        if parser is None and request.content_type:
            raise UnsupportedMediaType(request.content_type)
        # Not `request.data`: to it a chunked body, which tells no length, is an empty one.
        body = request._request.body
        if parser is None or not body:
            raise BadRequest("A JSON body is needed, with Content-Type: application/json")
        return cast(T, parser.parse(BytesIO(body), request.content_type, {"wanted": wanted}))

    # -- answers

    def answer(
        self, data: Any, accounts: Iterable[AuthorizedAccount] = (), *, tagged: Any = None, status: int = 200
    ) -> Answered:
        """`tagged`: what the ETag is made of, if not of all of the answer."""
        if self.is_shared and (gathered := reading.get()) is not None:
            gathered.is_shared = True
        versions = versions_of(accounts)
        headers = {} if versions is None else dict(zip(VERSION_HEADERS, versions, strict=True))
        return Answered(Envelope(data), headers, tagged, status)

    def answer_page(self, name: str, listed: Listed[T], shape: Callable[[AuthorizedAccount, T], Any]) -> Answered:
        rows = [shape(authorized, row) for authorized, row in listed.rows]
        return self.answer(page_of(name, rows, listed.cursor), listed.accounts)


def page_of(name: str, rows: list[Any], cursor: str | None) -> dict[str, Any]:
    return {name: rows, "cursor": cursor, "has_more": cursor is not None}


# -- conditional requests


def _tag(request: Request, response: Any) -> None:
    """Sets the ETag; 304 if the client has it already. A page for people has none: the token of its form moves."""
    if not isinstance(response, Response) or response.accepted_renderer.format != "json":
        return
    tagged = getattr(response, "tagged", None)
    body = response.render().content if tagged is None else encode(tagged)
    response.headers["ETag"] = make_etag(body)
    # On the event loop the answer is kept as a whole, and the 304 is made of it.
    if reading.get() is None and is_known(request.META.get("HTTP_IF_NONE_MATCH"), response.headers["ETag"]):
        response.render()
        response.status_code = 304
        response.content = b""
        response.headers.pop("Content-Type", None)


# -- versions


def _parse_versions(header: str) -> dict[str, int]:
    """`<account>=<n>, ...`. Raises BadRequest."""
    versions = {}
    for part in header.split(","):
        account_id, equals, number = part.strip().rpartition("=")
        if not equals or not account_id or not number.isascii() or not number.isdigit() or len(number) > _MAX_DIGITS:
            raise BadRequest("IMHub-Min-Version must be <account>=<n>, ...")
        versions[account_id] = int(number)
    return versions


def _wait_for(principal: Principal, wanted: dict[str, int]) -> None:
    """Raises NotReady if this hub does not reach these versions in time."""
    if has_reached(principal, wanted):
        return
    require_thread("waiting needs a thread")
    catch_up(wanted)
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        time.sleep(POLL_S)
        check_client()
        if has_reached(principal, wanted):
            return
    raise NotReady("This hub does not know the wanted version yet")
