"""The forms of the account pages."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from sync.models import Account, Worker
from sync.protocol.account_config import find_unknown_keys, find_wrong_value, list_keys
from sync.protocol.platforms import get_label
from sync.storage.account_ids import check_new_account_id

# The square of an account that has no colour of its own. Browsers' colour fields cannot be empty.
NO_COLOR: Final = "#4b5563"
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def label_platform(name: str) -> str:
    """Return what the platform is called in the language of the reader."""
    return get_label(name, get_language() or "en")


def list_platforms() -> list[tuple[str, str]]:
    """Return the platforms, each with what it is called."""
    return [(name, label_platform(name)) for name in settings.PLATFORMS]


class ColorField(forms.CharField):
    """A colour like #3F4FD0, chosen in the browser. Empty: the account has none of its own."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"type": "color"})
        super().__init__(**{"required": False, "max_length": 16, **options, "widget": widget})

    def prepare_value(self, value: Any) -> Any:
        """Show the grey of no colour: a browser's colour field cannot be empty."""
        return value or NO_COLOR

    def clean(self, value: Any) -> str:
        """Return the colour, empty for the grey of none. Raises ValidationError."""
        text = str(super().clean(value))
        if text and not _COLOR.fullmatch(text):
            raise forms.ValidationError(_("A colour looks like #3F4FD0."))
        return "" if text.lower() == NO_COLOR else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


_SWITCHES: Final = ("fans_count", "count_automatic")
"""Keys of the configuration that the form shows as switches."""


REPLY_MODES: Final = (
    ("", _lazy("As the worker can: in its window, or not at all")),
    ("off", _lazy("Not from here")),
    ("window", _lazy("In a window of the worker, where a person presses Enter")),
    ("send", _lazy("By the worker itself")),
)


class AccountForm(forms.ModelForm):
    """Everything that the owner says of an account."""

    platform = forms.ChoiceField(label=_lazy("platform"), choices=lambda: list_platforms())
    fans_count = forms.BooleanField(
        label=_lazy("Fans who answer fans wait for us"),
        required=False,
        help_text=_lazy("Otherwise only comments on our works and replies to us need a reply."),
    )
    count_automatic = forms.BooleanField(
        label=_lazy("Automatic answers count as answers"),
        required=False,
        help_text=_lazy("Otherwise words that nobody wrote, such as a welcome, leave people waiting for an answer."),
    )
    reply_mode = forms.ChoiceField(
        label=_lazy("How replies are sent"),
        required=False,
        choices=REPLY_MODES,
        help_text=_lazy(
            "Platforms refuse, mute or log out accounts that software writes for, some after few messages; nobody"
            " outside knows how many are safe. Sending is slow and bounded, and stops at the first check."
        ),
    )
    color = ColorField(label=_lazy("Colour"), help_text=_lazy("Of its square in the inbox. Grey: none of its own."))

    class Meta:
        model = Account
        fields = "__all__"
        widgets = {"config": forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"})}  # noqa: RUF012

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._stored = dict(self.instance.config) if self.instance.pk else {}
        self.initial["reply_mode"] = self._stored.get("reply_mode") or ""
        for name in _SWITCHES:
            self.initial[name] = self._stored.get(name) is True

    def clean_config(self) -> Any:
        """Return the configuration. Raises ValidationError with the keys that nobody reads."""
        config = self.cleaned_data["config"] or {}
        if not isinstance(config, dict):
            raise forms.ValidationError(_("This is an object in braces, with a value for each key."))
        platform = self.cleaned_data.get("platform", self.instance.platform)
        if unknown := find_unknown_keys(config, platform, self._stored):
            names = {"unknown": ", ".join(unknown), "known": ", ".join(list_keys(platform))}
            raise forms.ValidationError(_("There is no key %(unknown)s. Possible are: %(known)s.") % names)
        if fault := find_wrong_value(config):
            raise forms.ValidationError(_("A value is wrong: %(fault)s"), params={"fault": fault})
        return config

    def clean(self) -> Any:
        """Put the switches into the configuration, where they were moved."""
        cleaned = super().clean() or self.cleaned_data
        for name in (*_SWITCHES, "reply_mode"):
            if name in self.changed_data and isinstance(cleaned.get("config"), dict):
                rest = {key: value for key, value in cleaned["config"].items() if key != name}
                cleaned["config"] = {**rest, name: cleaned[name]} if cleaned[name] else rest
        return cleaned

    def clean_id(self) -> str:
        """Return the id of a new account. Raises ValidationError."""
        account_id: str = self.cleaned_data["id"]
        if fault := check_new_account_id(account_id):
            raise forms.ValidationError(f"{fault}. Choose another id.")
        return account_id


class AssignForm(forms.Form):
    """The choice of a worker, or of none."""

    worker = forms.ModelChoiceField(
        Worker.objects.all(),
        label=_lazy("worker"),
        required=False,
        empty_label=_lazy("no worker"),
        help_text=_lazy("It crawls these accounts from now on."),
    )
