from rest_framework.request import Request
from rest_framework.response import Response

from im_api import queries, shapes
from im_api.params import Params
from im_api.queries import CommentFilter, ContentFilter, NotificationFilter, Reading
from im_api.shapes.works import ContentType, NotificationType
from im_api.views.base import ApiViewSet


class ContentViewSet(ApiViewSet):
    def list(self, request: Request) -> Response:  # noqa: ARG002
        params = self.params
        where = ContentFilter(
            type=params.choice("content_type", ContentType), is_new=params.flag("is_new"), q=params.text("q")
        )
        listed = queries.list_contents(
            self.principal, params.required("account_id"), params.text("platform"), where, params.page("contents")
        )
        return self.answer_page("contents", listed, lambda reading, entry: shapes.work(reading, entry.item.id))

    def retrieve(self, request: Request, item_id: str) -> Response:  # noqa: ARG002
        reading, work = self._get(item_id)
        return self.answer(work, [reading])

    def stats(self, request: Request, item_id: str) -> Response:  # noqa: ARG002
        reading, work = self._get(item_id)
        return self.answer(work.stats, [reading])

    def _get(self, item_id: str) -> tuple[Reading, shapes.WorkShape]:
        reading, known = queries.get_content(self.principal, item_id, self.params.text("account_id"))
        return reading, shapes.work(reading, known)


class DiscussionViewSet(ApiViewSet):
    def list(self, request: Request) -> Response:  # noqa: ARG002
        params = self.params
        listed = queries.list_comments(
            self.principal,
            params.required("account_id"),
            params.text("platform"),
            _comment_filter(params),
            params.page("discussions"),
        )
        return self.answer_page("discussions", listed, shapes.discussion)

    def retrieve(self, request: Request, item_id: str) -> Response:  # noqa: ARG002
        reading, entry = queries.get_comment(self.principal, item_id, self.params.text("account_id"))
        return self.answer(shapes.discussion(reading, entry), [reading])

    def replies(self, request: Request, item_id: str) -> Response:  # noqa: ARG002
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
        q=params.text("q"),
    )


class NotificationViewSet(ApiViewSet):
    def list(self, request: Request) -> Response:  # noqa: ARG002
        params = self.params
        where = NotificationFilter(type=params.choice("type", NotificationType), is_read=params.flag("is_read"))
        listed = queries.list_notifications(
            self.principal, params.required("account_id"), where, params.page("notifications")
        )
        return self.answer_page("notifications", listed, shapes.notification)

    def retrieve(self, request: Request, item_id: str) -> Response:  # noqa: ARG002
        reading, entry = queries.get_notification(self.principal, item_id, self.params.text("account_id"))
        return self.answer(shapes.notification(reading, entry), [reading])
