"""Puts the words of tables and of the core into the language of the reader.

Tables and the core speak English and know no translation; the admin looks their words up in its own catalogue. What
stands here as a constant is for the catalogue, which gathers constants only.
"""

from __future__ import annotations

from typing import Any, Final

from django.apps import apps
from django.db.models import Field
from django.utils.translation import gettext_lazy as _

APPS: Final = ("sync", "im_api", "alerts")

STATES: Final = (
    _("Not known: no hub runs here"),
    _("Banned by the platform"),
    _("Paused"),
    _("Not started yet"),
    _("Waiting for its login code to be scanned"),
    _("Needs a new login"),
    _("Needs a login"),
    _("No worker assigned"),
    _("Its worker is not running"),
    _("Stopped by an error"),
    _("Trying again after an error"),
    _("Waiting for its turn"),
    _("Running"),
    _("Online"),
    _("Not running"),
)
FIELDS: Final = (
    _("account id"),
    _("platform"),
    _("name"),
    _("platform user id"),
    _("status"),
    _("worker"),
    _("alias"),
    _("group"),
    _("color"),
    _("config"),
    _("created at"),
    _("updated at"),
    _("max accounts"),
    _("account"),
    _("surface"),
    _("entry"),
    _("complete"),
    _("looks"),
    _("items"),
    _("canary"),
    _("start"),
    _("end"),
    _("user"),
    _("level"),
    _("expires at"),
    _("last used at"),
    _("owner"),
    _("title"),
    _("text"),
    _("shared"),
    _("closing words"),
    _("label"),
    _("kind"),
    _("shown"),
    _("is enabled"),
    _("error"),
    _("destination"),
    _("event"),
    _("state"),
    _("tries"),
    _("body"),
    _("done at"),
)
HELP: Final = (
    _("What people call its computer."),
    _("How many accounts it may crawl at once. 0: as many as it says itself."),
    _("Cannot be changed later."),
    _("The account's own number on the platform. Another login is refused."),
    _("What operators call it."),
    _("For example #3F4FD0."),
    _("Pace and addresses for the worker. Empty: defaults."),
)
CHOICES: Final = (
    _("active"),
    _("paused"),
    _("pending"),
    _("banned"),
    _("may read"),
    _("may read and answer"),
    _("alert"),
    _("webhook"),
    _("device"),
    _("sign of life"),
    _("waiting"),
    _("delivered"),
    _("failed"),
)
MODELS: Final = (
    _("account"),
    _("accounts"),
    _("worker"),
    _("workers"),
    _("change"),
    _("changes"),
    _("observation"),
    _("observations"),
    _("grant"),
    _("grants"),
    _("api token"),
    _("api tokens"),
    _("saved reply"),
    _("saved replies"),
    _("hub settings"),
    _("destination"),
    _("destinations"),
    _("delivery"),
    _("deliveries"),
)
# Of Django's own pages, which it has not in Chinese.
DJANGO: Final = (
    _("Model name"),
    _("Add link"),
    _("Change or view list link"),
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("Password-based authentication"),
    _(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able to "
        "authenticate using other backends, such as Single Sign-On or LDAP."
    ),
)
# Of the library that counts failed logins: it brings no Chinese.
FAILED_LOGINS: Final = (
    _("access attempt"),
    _("access attempts"),
    _("User Agent"),
    _("IP Address"),
    _("Username"),
    _("HTTP Accept"),
    _("Path"),
    _("Attempt Time"),
    _("GET Data"),
    _("POST Data"),
    _("Failed Logins"),
)


def translate_tables() -> None:
    """Let the names of our tables, their fields, hints and choices be read in the language of the reader.

    Migrations do not see it: in English every word stays as it is.
    """
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            options: Any = model._meta
            options.verbose_name = _(str(options.verbose_name))
            options.verbose_name_plural = _(str(options.verbose_name_plural))
            for field in options.get_fields():
                if isinstance(field, Field):
                    _translate_field(field)


def _translate_field(field: Any) -> None:
    field.verbose_name = _(str(field.verbose_name))
    if field.help_text:
        field.help_text = _(str(field.help_text))
    if field.choices:
        field.choices = [(value, _(str(label))) for value, label in field.choices]
