"""Admin pages of grants, and of the tokens of API clients."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache

from im_api.models import ApiToken, Grant, SavedReply

User = get_user_model()


class GrantOfAccount(admin.TabularInline):
    """On the page of an account."""

    model = Grant
    extra = 1
    verbose_name_plural = _lazy("Operators: who sees this account (owners see all)")


class GrantOfUser(admin.TabularInline):
    """On the page of a user."""

    model = Grant
    extra = 1
    verbose_name_plural = _lazy("Accounts this user sees (an owner, that is staff, sees all)")


# Who may do what is told by grants and by being staff; groups would promise more.
admin.site.unregister((User, Group))


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ("username", "is_active", "is_staff", "sees", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "first_name", "last_name", "email")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            _lazy("What they may do"),
            {
                "fields": ("is_active", "is_staff", "is_superuser"),
                "description": _lazy(
                    "Operators are active and nothing else: they see the accounts named below. Staff are "
                    "owners: they see every account. Superusers also open all of these pages."
                ),
            },
        ),
        (
            _lazy("Who they are"),
            {"fields": ("first_name", "last_name", "email", "last_login"), "classes": ("collapse",)},
        ),
    )
    readonly_fields = ("last_login",)
    filter_horizontal = ()

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return (GrantOfUser,) if obj is not None else ()

    @admin.display(description=_lazy("sees"))
    def sees(self, user: Any) -> str:
        if user.is_staff:
            return _("all accounts")
        return ", ".join(grant.account_id for grant in user.grants.all()) or _("none")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("grants")


@admin.register(SavedReply)
class SavedReplyAdmin(admin.ModelAdmin):
    """Written in the inbox. Here somebody else's may be looked at, and deleted."""

    list_display = ("title", "owner", "shared", "account", "updated_at")
    list_filter = ("shared", "owner", "account")
    list_select_related = ("owner", "account")
    search_fields = ("title", "text")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ApiTokenForm(forms.ModelForm):
    def clean_expires_at(self) -> datetime | None:
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise ValidationError(_("This moment has passed: the token would never work."))
        return expires_at


class IssuingRequest(HttpRequest):
    """A request that made a token, while its key is still known."""

    issued_key: str


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Made and revoked, never changed: what a client was given once is what it has."""

    form = ApiTokenForm
    list_display = ("name", "user", "state", "created_at", "expires_at", "last_used_at")
    list_filter = ("user",)
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    empty_value_display = _lazy("never")
    fields = ("user", "name", "expires_at")

    @admin.display(description=_lazy("state"))
    def state(self, token: ApiToken) -> str:
        if token.expires_at is not None and token.expires_at <= timezone.now():
            return _("expired")
        return _("good") if token.user.is_active else _("its user is blocked")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        token, key = ApiToken.issue(obj.user, obj.name, obj.expires_at)
        cast(IssuingRequest, request).issued_key = key
        obj.pk = token.pk

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return _show_key(request, obj, cast(IssuingRequest, request).issued_key)


@never_cache
def _show_key(request: HttpRequest, token: ApiToken, key: str) -> HttpResponse:
    """Rendered at once, without a redirect: so it is in no cookie, no session and no database."""
    context = {
        **admin.site.each_context(request),
        "title": _("The token “%(name)s” of %(user)s") % {"name": token.name, "user": token.user},
        "secret": key,
        "says": _("It is shown this once and kept nowhere. A client sends it with every request:"),
        "command": f"Authorization: Token {key}",
        "opts": token._meta,
    }
    return TemplateResponse(request, "admin/secret.html", context)
