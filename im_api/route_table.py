"""Every route of the API: its path, its view, and the view's method for each HTTP method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from im_api.views.accounts import AccountViewSet
from im_api.views.base import ApiViewSet
from im_api.views.conversations import ConversationViewSet
from im_api.views.general import AboutViewSet, RootViewSet, StatusViewSet
from im_api.views.logins import LoginViewSet, PairViewSet
from im_api.views.messages import MessageViewSet
from im_api.views.metrics import MetricsViewSet
from im_api.views.people import PersonViewSet
from im_api.views.replies import SavedReplyViewSet
from im_api.views.sending import ReplyViewSet
from im_api.views.threads import ThreadViewSet
from im_api.views.unified import UnifiedViewSet
from im_api.views.works import ContentViewSet, DiscussionViewSet, NotificationViewSet

PREFIX: Final = "api/im"
READ: Final[dict[str, Any]] = {"put": "mark_read", "delete": "mark_unread"}
DONE: Final[dict[str, Any]] = {"put": "mark_done", "delete": "mark_undone"}
METHODS: Final = ("get", "post", "put", "patch", "delete")


class Route(NamedTuple):
    """`path` below /api/im/, `{id}` in it is the item's id; `actions`: HTTP method -> method of the view."""

    path: str
    view: type[ApiViewSet]
    actions: dict[str, Any]


ROUTES: Final = (
    Route("health", AboutViewSet, {"get": "health"}),
    Route("version", AboutViewSet, {"get": "version"}),
    Route("pair", PairViewSet, {"post": "pair"}),
    Route("accounts", AccountViewSet, {"get": "list", "post": "create"}),
    Route("accounts/{id}/login", LoginViewSet, {"get": "show", "post": "begin"}),
    Route("accounts/{id}/login/code", LoginViewSet, {"post": "hand_in_code"}),
    Route("accounts/{id}/login/link", LoginViewSet, {"post": "make_link"}),
    Route("accounts/{id}/logout", LoginViewSet, {"post": "log_out"}),
    Route("accounts/{id}/coverage", AccountViewSet, {"get": "coverage"}),
    Route("accounts/{id}/sending", AccountViewSet, {"get": "sending"}),
    Route(
        "accounts/{id}", AccountViewSet, {"get": "retrieve", "put": "update", "patch": "update", "delete": "destroy"}
    ),
    Route("conversations", ConversationViewSet, {"get": "list", "post": "create"}),
    Route("conversations/{id}/messages", MessageViewSet, {"get": "list_of_conversation"}),
    Route("conversations/{id}/read", ConversationViewSet, READ),
    Route("conversations/{id}/pin", ConversationViewSet, {"put": "pin", "delete": "unpin"}),
    Route("conversations/{id}/mute", ConversationViewSet, {"put": "mute", "delete": "unmute"}),
    Route("conversations/{id}/done", ConversationViewSet, DONE),
    Route("conversations/{id}/restore", ConversationViewSet, {"put": "restore"}),
    Route("conversations/{id}", ConversationViewSet, {"get": "retrieve", "delete": "destroy"}),
    Route("messages", MessageViewSet, {"get": "list", "post": "send"}),
    Route("messages/{id}/read", MessageViewSet, READ),
    Route("messages/{id}/recall", MessageViewSet, {"put": "recall"}),
    Route("messages/{id}/restore", MessageViewSet, {"put": "restore"}),
    Route("messages/{id}/status", MessageViewSet, {"put": "set_status"}),
    Route("messages/{id}", MessageViewSet, {"get": "retrieve", "delete": "destroy"}),
    Route("contents", ContentViewSet, {"get": "list"}),
    Route("contents/{id}/stats", ContentViewSet, {"get": "stats"}),
    Route("contents/{id}/read", ContentViewSet, {"put": "mark_read"}),
    Route("contents/{id}", ContentViewSet, {"get": "retrieve"}),
    Route("discussions", DiscussionViewSet, {"get": "list", "post": "send"}),
    Route("discussions/{id}/replies", DiscussionViewSet, {"get": "replies"}),
    Route("discussions/{id}/read", DiscussionViewSet, READ),
    Route("discussions/{id}/done", DiscussionViewSet, DONE),
    Route("discussions/{id}/restore", DiscussionViewSet, {"put": "restore"}),
    Route("discussions/{id}", DiscussionViewSet, {"get": "retrieve", "delete": "destroy"}),
    Route("notifications", NotificationViewSet, {"get": "list"}),
    Route("notifications/{id}/read", NotificationViewSet, {"put": "mark_read"}),
    Route("notifications/{id}", NotificationViewSet, {"get": "retrieve"}),
    Route("unified-messages", UnifiedViewSet, {"get": "list"}),
    Route("unified-messages/stats", UnifiedViewSet, {"get": "stats"}),
    Route("unified-messages/read-many", UnifiedViewSet, {"put": "read_many"}),
    Route("unified-messages/{id}/read", UnifiedViewSet, {"put": "mark_read"}),
    Route("threads", ThreadViewSet, {"get": "list"}),
    Route("people/{account_id}/{id}/note", PersonViewSet, {"get": "note", "put": "write_note"}),
    Route("replies", ReplyViewSet, {"get": "list", "post": "create"}),
    Route("replies/{id}/retry", ReplyViewSet, {"post": "retry"}),
    Route("replies/{id}", ReplyViewSet, {"get": "retrieve", "delete": "destroy"}),
    Route("saved-replies", SavedReplyViewSet, {"get": "list", "post": "create"}),
    Route("saved-replies/{id}", SavedReplyViewSet, {"get": "retrieve", "put": "update", "delete": "destroy"}),
)
ROOT: Final = Route(PREFIX, RootViewSet, {"get": "list"})
ABOUT_THE_HUB: Final = (
    Route("api/v1/status", StatusViewSet, {"get": "status"}),
    Route("metrics", MetricsViewSet, {"get": "scrape"}),
)


def get_routes() -> Iterator[Route]:
    """All that clients may rely on, with the whole path of each."""
    yield from (route._replace(path=f"{PREFIX}/{route.path}") for route in ROUTES)
    yield from (ROOT, *ABOUT_THE_HUB)
