"""The owner's settings for all accounts: one page, for there is one row."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _lazy

from sync.core.closing_words import LONGEST_WORD, MOST_WORDS, Fault, find_fault
from sync.models import HubSettings

WORDS: Final[dict[Fault, Any]] = {
    "empty": _lazy("Line %(number)s is empty: write one word in each line."),
    "long": _lazy("Line %(number)s is longer than %(longest)s characters: such a text says more than thanks."),
    "letterless": _lazy("Line %(number)s has no letter: emoji and stickers close a talk in any case."),
    "asks": _lazy("Line %(number)s has a question mark: a question always waits."),
    "many": _lazy("These are %(number)s words, and at most %(most)s are possible."),
}


class ClosingWordsField(forms.CharField):
    """A list of words, one in each line. Empty: no word closes a talk."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 20, "cols": 30})
        super().__init__(**{"required": False, **options, "widget": widget})

    def prepare_value(self, value: Any) -> Any:
        """Show the list in lines; what somebody typed, as it was typed."""
        return value if isinstance(value, str) or value is None else "\n".join(value)

    def clean(self, value: Any) -> list[str]:
        """Return the words, each once. Raises ValidationError with the line of the fault."""
        text = str(super().clean(value))
        words = [line.strip() for line in text.splitlines()] if text else []
        if (fault := find_fault(words)) is not None:
            raise forms.ValidationError(say(fault))
        return list(dict.fromkeys(words))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), "\n".join(str(data).split("\r\n")))


def say(fault: tuple[int, Fault]) -> str:
    """Return the sentence of a fault of a list of closing words, in the language of the reader."""
    number, kind = fault
    counted = number if kind == "many" else number + 1
    return str(WORDS[kind]) % {"number": counted, "longest": LONGEST_WORD, "most": MOST_WORDS}


class HubSettingsForm(forms.ModelForm):
    """The settings."""

    closing_words = ClosingWordsField(
        label=_lazy("closing words"),
        help_text=_lazy(
            "One in each line. A message that says nothing but these, after our own message, ends the talk: it stays "
            "unread, and nobody waits for an answer. Case, spaces, punctuation and emoji do not matter; a question "
            "always waits. A change counts at once, for what is there already too, in every account."
        ),
    )

    class Meta:
        model = HubSettings
        fields = ("closing_words",)


@admin.register(HubSettings)
class HubSettingsAdmin(admin.ModelAdmin):
    """The page of the one row, which is stored when it is saved first."""

    form = HubSettingsForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> HubSettings | None:
        """Return the row, as it is meant where none is stored."""
        if object_id != str(HubSettings.ONLY):
            return None
        return HubSettings.objects.filter(pk=HubSettings.ONLY).first() or HubSettings()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the one page, whose own rule says who may see it."""
        return HttpResponseRedirect(reverse("admin:sync_hubsettings_change", args=[HubSettings.ONLY]))
