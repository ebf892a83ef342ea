from rest_framework.request import Request
from rest_framework.response import Response

from im_api import queries, shapes
from im_api.params import Params
from im_api.queries import AuthorizedAccount, Collection, CommentFilter, ContentFilter, NotificationFilter
from im_api.shapes.works import ContentType, NotificationType
from im_api.views.items import ItemViewSet


class ContentViewSet(ItemViewSet):
    collection: Collection = "contents"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.WorkShape:
        return shapes.work(authorized, known)

    def list(self, request: Request) -> Response:
        params = self.params
        where = ContentFilter(
            type=params.choice("content_type", ContentType), is_new=params.flag("is_new"), q=params.search("q")
        )
        listed = queries.list_contents(
            self.principal, params.required("account_id"), params.text("platform"), where, params.page("contents")
        )
        return self.answer_page("contents", listed, lambda authorized, entry: shapes.work(authorized, entry.item.id))

    def stats(self, request: Request, item_id: str) -> Response:
        authorized, known = queries.find_item(self.principal, "contents", item_id, self.params.text("account_id"))
        return self.answer(self.shape(authorized, known).stats, [authorized])


class DiscussionViewSet(ItemViewSet):
    collection: Collection = "comments"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.DiscussionShape:
        return shapes.discussion(authorized, queries.entry_in(authorized, "comments", known))

    def list(self, request: Request) -> Response:
        params = self.params
        listed = queries.list_comments(
            self.principal,
            params.required("account_id"),
            params.text("platform"),
            _comment_filter(params),
            params.page("discussions"),
        )
        return self.answer_page("discussions", listed, shapes.discussion)

    def replies(self, request: Request, item_id: str) -> Response:
        listed = queries.list_replies(
            self.principal,
            item_id,
            self.params.text("account_id"),
            _comment_filter(self.params),
            self.params.page("replies"),
        )
        return self.answer_page("discussions", listed, shapes.discussion)


def _comment_filter(params: Params) -> CommentFilter:
    return CommentFilter(
        content_id=params.text("content_id"),
        parent_comment_id=params.text("parent_comment_id"),
        is_read=params.flag("is_read"),
        is_new=params.flag("is_new"),
        q=params.search("q"),
    )


class NotificationViewSet(ItemViewSet):
    collection: Collection = "notifications"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.NotificationShape:
        return shapes.notification(authorized, queries.entry_in(authorized, "notifications", known))

    def list(self, request: Request) -> Response:
        params = self.params
        where = NotificationFilter(type=params.choice("type", NotificationType), is_read=params.flag("is_read"))
        listed = queries.list_notifications(
            self.principal, params.required("account_id"), where, params.page("notifications")
        )
        return self.answer_page("notifications", listed, shapes.notification)
