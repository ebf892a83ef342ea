from rest_framework.request import Request

from im_api import queries, shapes
from im_api.queries import AuthorizedAccount, Collection, CommentFilter, ContentFilter, NotificationFilter
from im_api.shapes.query_strings import (
    ContentsQuery,
    DiscussionsQuery,
    ItemQuery,
    NotificationsQuery,
    RepliesQuery,
)
from im_api.shapes.sending import DiscussionBody
from im_api.views.base import Answered
from im_api.views.items import ItemViewSet
from im_api.views.sending import new_discussion, send_reply


class ContentViewSet(ItemViewSet):
    collection: Collection = "contents"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.WorkShape:
        return shapes.work(authorized, known)

    def list(self, request: Request) -> Answered:
        query = self.query(ContentsQuery)
        where, page = query.as_filter(ContentFilter), query.page("contents")
        listed = queries.list_contents(self.principal, query.account_id, query.platform, where, page)
        return self.answer_page("contents", listed, lambda authorized, entry: shapes.work(authorized, entry.item.id))

    def stats(self, request: Request, item_id: str) -> Answered:
        account_id = self.query(ItemQuery).account_id
        authorized, known = queries.find_item(self.principal, "contents", item_id, account_id)
        return self.answer(self.shape(authorized, known).stats, [authorized])


class DiscussionViewSet(ItemViewSet):
    collection: Collection = "comments"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.DiscussionShape:
        return shapes.discussion(authorized, queries.entry_in(authorized, "comments", known))

    def list(self, request: Request) -> Answered:
        query = self.query(DiscussionsQuery)
        where, page = query.as_filter(CommentFilter), query.page("discussions")
        listed = queries.list_comments(self.principal, query.account_id, query.platform, where, page)
        return self.answer_page("discussions", listed, shapes.rendered_discussion)

    def send(self, request: Request) -> Answered:
        return send_reply(self, new_discussion(self.body(DiscussionBody)))

    def replies(self, request: Request, item_id: str) -> Answered:
        query = self.query(RepliesQuery)
        where, page = query.as_filter(CommentFilter), query.page("replies")
        listed = queries.list_replies(self.principal, item_id, query.account_id, where, page)
        return self.answer_page("discussions", listed, shapes.rendered_discussion)


class NotificationViewSet(ItemViewSet):
    collection: Collection = "notifications"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.NotificationShape:
        return shapes.notification(authorized, queries.entry_in(authorized, "notifications", known))

    def list(self, request: Request) -> Answered:
        query = self.query(NotificationsQuery)
        where, page = query.as_filter(NotificationFilter), query.page("notifications")
        listed = queries.list_notifications(self.principal, query.account_id, where, page)
        return self.answer_page("notifications", listed, shapes.notification)
