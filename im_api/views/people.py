from rest_framework.request import Request

from im_api import shapes
from im_api.queries.people import find_person, write_note
from im_api.shapes.requests import NoteBody
from im_api.views.base import Answered, ApiViewSet
from sync.protocol.text import is_blank


class PersonViewSet(ApiViewSet):
    """`item_id`: the person, as any item of the account names it."""

    is_shared = True

    def note(self, request: Request, account_id: str, item_id: str) -> Answered:
        authorized, person = find_person(self.principal, account_id, item_id)
        return self.answer(shapes.note(authorized, person), [authorized])

    def write_note(self, request: Request, account_id: str, item_id: str) -> Answered:
        body = self.body(NoteBody)
        text = "" if is_blank(body.text) else body.text.strip()
        authorized, person = write_note(self.principal, self.actor, account_id, item_id, text)
        return self.answer(shapes.note(authorized, person), [authorized])
