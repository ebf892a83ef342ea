"""The owner's choice of alerts as a form: which, after how long, at which times."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from alerts.owner import Choices, Fault, find_fault, format_clock, parse_clock
from inbox.pages.account_forms import OwnerForm

DAYS: Final = (
    gettext_noop("Mon"),
    gettext_noop("Tue"),
    gettext_noop("Wed"),
    gettext_noop("Thu"),
    gettext_noop("Fri"),
    gettext_noop("Sat"),
    gettext_noop("Sun"),
)
_CLOCKS: Final = ("opens", "closes", "quiet_from", "quiet_to")
_DAY_MIN: Final = 24 * 60


class ChoicesForm(OwnerForm):
    """Shows the stored choices, or what was entered, with what is wrong of it."""

    def __init__(self, choices: Choices, data: Any = None) -> None:
        super().__init__(data)
        self.add_check("tell_troubles", gettext("An account needs somebody"), choices.tell_troubles)
        self.add_check("tell_waits", gettext("Somebody waits too long for an answer"), choices.tell_waits)
        self.add_number("minutes", gettext("Too long is, in minutes of business hours"), choices.minutes)
        self.fields["days"] = forms.MultipleChoiceField(
            label=gettext("Business days"),
            choices=[(str(number), gettext(name)) for number, name in enumerate(DAYS)],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.initial["days"] = [str(day) for day in choices.days]
        self.add_clock("opens", gettext("Business hours from"), choices.opens)
        self.add_clock("closes", gettext("Business hours until"), choices.closes)
        self.add_check("has_quiet", gettext("Quiet hours, and one summary after them"), choices.has_quiet)
        self.add_clock("quiet_from", gettext("Quiet from"), choices.quiet_from)
        self.add_clock("quiet_to", gettext("Quiet until"), choices.quiet_to)
        languages = [(code, str(name)) for code, name in settings.LANGUAGES]
        self.add_choice("language", gettext("Language of alerts"), languages)
        self.initial["language"] = choices.language
        self.fields["language"].required = True

    def add_check(self, name: str, label: str, initial: bool) -> None:
        """Add a box to tick."""
        self.fields[name] = forms.BooleanField(label=label, required=False)
        self.initial[name] = initial

    def add_number(self, name: str, label: str, initial: int) -> None:
        """Add a whole number."""
        messages = {"required": gettext("Nothing stands here yet."), "invalid": gettext("A whole number is needed.")}
        self.fields[name] = forms.IntegerField(label=label, error_messages=messages)
        self.initial[name] = initial

    def add_clock(self, name: str, label: str, initial: int) -> None:
        """Add a time of day, as people write it."""
        messages = {"required": gettext("Nothing stands here yet.")}
        widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 5, "placeholder": "09:00"})
        self.fields[name] = forms.CharField(label=label, max_length=5, widget=widget, error_messages=messages)
        self.initial[name] = format_clock(initial)

    def clean(self) -> dict[str, Any]:
        """Check times, and that all of it makes sense together."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name in _CLOCKS:
            if name in cleaned:
                cleaned[name] = self._parse(name, cleaned[name])
        if not self.errors:
            cleaned["days"] = tuple(sorted(map(int, cleaned["days"])))
            fault = find_fault(Choices(**cleaned))
            if fault is not None:
                self.add_error(*say(fault))
        return cleaned

    def _parse(self, name: str, text: str) -> int | None:
        # Business hours may last until midnight.
        minute = _DAY_MIN if name == "closes" and text.strip() == "24:00" else parse_clock(text)
        if minute is None:
            self.add_error(name, gettext("A time of day is needed, such as 09:00."))
        return minute

    @property
    def choices(self) -> Choices:
        """Return what was chosen. The form is valid."""
        return Choices(**self.cleaned_data)


def say(fault: Fault) -> tuple[str, str]:
    """Return (field, sentence) for choices that make no sense."""
    return {
        "minutes": ("minutes", gettext("From 1 to 1440 minutes.")),
        "days": ("days", gettext("Choose at least one day.")),
        "business": ("closes", gettext("This must be later than the beginning.")),
        "quiet_empty": ("quiet_to", gettext("The quiet hours end where they begin.")),
        "quiet_all_day": (
            "quiet_to",
            gettext("These quiet hours leave nothing of the business hours. Are both times swapped?"),
        ),
    }[fault]
