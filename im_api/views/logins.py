from collections.abc import Sequence
from typing import Any

from django.conf import settings
from rest_framework.request import Request

from im_api.queries import get_liveness
from im_api.queries.login import logins
from im_api.queries.login.computers import redeem_code
from im_api.queries.login.links import make_link
from im_api.shapes.accounts import user
from im_api.shapes.logins import LoginCodeBody, LoginLinkShape, login
from im_api.shapes.pairing import PairBody, paired
from im_api.views.base import Answered, ApiViewSet, IsOwner


class PairViewSet(ApiViewSet):
    """Open to everybody: the code is the credential."""

    authentication_classes = ()
    permission_classes = ()
    cache_control = "no-store"

    def pair(self, request: Request) -> Answered:
        given = redeem_code(self.body(PairBody).code, request.META["REMOTE_ADDR"])
        return self.answer(paired(given))


class LoginViewSet(ApiViewSet):
    """A login code is a key to the account while it lives: no answer here is kept anywhere."""

    cache_control = "no-store"

    def get_permissions(self) -> Sequence[Any]:
        """Whoever acts for an account may log it in; only the owner logs it out."""
        return [*super().get_permissions(), *([IsOwner()] if self.action == "log_out" else [])]

    def show(self, request: Request, item_id: str) -> Answered:
        authorized, current = logins.get_login(self.principal, item_id)
        return self.answer(login(authorized, current), [authorized])

    def begin(self, request: Request, item_id: str) -> Answered:
        authorized, current = logins.begin_login(self.principal, item_id)
        return self.answer(login(authorized, current), [authorized])

    def hand_in_code(self, request: Request, item_id: str) -> Answered:
        authorized, current = logins.hand_in_code(self.principal, item_id, self.body(LoginCodeBody).code)
        return self.answer(login(authorized, current), [authorized])

    def make_link(self, request: Request, item_id: str) -> Answered:
        authorized, link = make_link(self.principal, item_id)
        public = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
        shape = LoginLinkShape(account_id=item_id, url=f"{public}/scan/{link.secret}", expires_at=link.expires_at)
        return self.answer(shape, [authorized])

    def log_out(self, request: Request, item_id: str) -> Answered:
        authorized = logins.log_out(self.principal, item_id, self.actor.origin)
        return self.answer(user(authorized, get_liveness(item_id)), [authorized])
