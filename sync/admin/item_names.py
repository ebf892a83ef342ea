"""Names items for people: "the conversation with 林间小路" rather than an id."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sync.core.account.inbox_rows import conversation_partner, is_group
from sync.core.account.marks import ALL_ITEMS, MarkKind
from sync.core.account.view import View
from sync.protocol.ids import make_id
from sync.protocol.text import isolate

ALL: Final[dict[MarkKind, Any]] = {
    "conversations": gettext_lazy("all conversations"),
    "messages": gettext_lazy("all messages"),
    "contents": gettext_lazy("all works"),
    "comments": gettext_lazy("all comments"),
    "notifications": gettext_lazy("all notices"),
    "people": gettext_lazy("all people"),
}
UNNAMED: Final[dict[MarkKind, Any]] = {
    "conversations": gettext_lazy("the conversation %(id)s"),
    "messages": gettext_lazy("the message %(id)s"),
    "contents": gettext_lazy("the work %(id)s"),
    "comments": gettext_lazy("the comment %(id)s"),
    "notifications": gettext_lazy("the notice %(id)s"),
    "people": gettext_lazy("the person %(id)s"),
}


def name_item(view: View | None, collection: MarkKind, item_id: str) -> str:
    """Return the item in words, with the name of its person or its title; its id where these are not known.

    `view`: the account as it is now; None: no hub runs here.
    """
    if item_id == ALL_ITEMS:
        return str(ALL[collection])
    named = _NAMERS[collection](view, item_id) if view is not None else None
    return named or str(UNNAMED[collection]) % {"id": item_id}


def _name_conversation(view: View, item_id: str) -> str | None:
    state = view.conversation_states.get(view.find("conversations", item_id) or "")
    if state is None or not (name := conversation_partner(view, state).name):
        return None
    if is_group(view, state):
        return _("the group “%(name)s”") % {"name": isolate(name)}
    return _("the conversation with %(name)s") % {"name": isolate(name)}


def _name_message(view: View, item_id: str) -> str | None:
    entry = view.messages.get(view.find("messages", item_id) or "")
    conversation = _name_conversation(view, entry.item.conversation_id) if entry is not None else None
    return _("a message in %(conversation)s") % {"conversation": conversation} if conversation else None


def _name_work(view: View, item_id: str) -> str | None:
    entry = view.contents.get(view.find("contents", item_id) or "")
    title = entry.item.title if entry is not None else None
    return _("the work “%(title)s”") % {"title": isolate(title)} if title else None


def _name_comment(view: View, item_id: str) -> str | None:
    entry = view.comments.get(view.find("comments", item_id) or "")
    name = entry.item.author_name if entry is not None else None
    return _("the comment of %(name)s") % {"name": isolate(name)} if name else None


def _name_notice(view: View, item_id: str) -> str | None:
    entry = view.notifications.get(view.find("notifications", item_id) or "")
    name = entry.item.trigger_name if entry is not None else None
    return _("the notice about %(name)s") % {"name": isolate(name)} if name else None


def _name_person(view: View, user_id: str) -> str | None:
    state = view.conversation_states.get(make_id("conversations", view.account_id, user_id))
    name = conversation_partner(view, state).name if state is not None else None
    return isolate(name) if name else None


_NAMERS: Final = {
    "conversations": _name_conversation,
    "messages": _name_message,
    "contents": _name_work,
    "comments": _name_comment,
    "notifications": _name_notice,
    "people": _name_person,
}
