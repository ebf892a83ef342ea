"""The admin site as a whole: its name, and what one room shows on the page of another."""

from datetime import datetime
from typing import cast

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _lazy

from im_api.admin import GrantOfAccount
from sync.admin import AccountAdmin

admin.site.site_header = "IM Hub"
admin.site.site_title = "IM Hub"
admin.site.index_title = _lazy("Accounts, workers and people")
# The lists need its space.
admin.site.enable_nav_sidebar = False

AccountAdmin.inlines = (GrantOfAccount,)


@admin.register(AccessAttempt)
class FailedLoginsAdmin(admin.ModelAdmin):
    """People who mistyped a password, or guess at one. Deleting a row lets that person try again at once."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "locked_until", "user_agent")
    search_fields = ("username", "ip_address")
    fields = (
        "username",
        "ip_address",
        "failures_since_start",
        "attempt_time",
        "locked_until",
        "path_info",
        "user_agent",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        return False

    @admin.display(description=_lazy("locked until"), empty_value=cast(str, _lazy("not locked")))
    def locked_until(self, attempt: AccessAttempt) -> datetime | None:
        """Return until when nobody may sign in there under that name, or None."""
        ends = attempt.attempt_time + settings.AXES_COOLOFF_TIME
        locked = attempt.failures_since_start >= settings.AXES_FAILURE_LIMIT and ends > timezone.now()
        return ends if locked else None
