"""The owner's form of how replies of an account are sent: whoever lets the computer send agrees to what that risks."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from msgspec import to_builtins
from msgspec.structs import replace

from im_api.queries import AuthorizedAccount
from im_api.queries.sending.standing import Budget, Pace, budget_of
from inbox.formatting import format_platform
from inbox.pages.account_forms import OwnerForm

MOST: Final = 1_000
LAST_HOUR: Final = 23
KINDS: Final = ("messages", "comments")


class SendingForm(OwnerForm):
    """`risk`: what the owner reads before he lets the computer send."""

    def __init__(self, authorized: AuthorizedAccount, data: Any = None) -> None:
        account = authorized.account
        self._stored = account.config
        self._budget = budget_of(account.config)
        mode = account.config.get("reply_mode")
        super().__init__(data, initial={"mode": mode or "", "agreed": mode == "send", **_numbers(self._budget)})
        self.risk = _risk(format_platform(account.platform))
        self._add_mode()
        for kind, hour, day in (
            ("messages", gettext("Messages in an hour, at most"), gettext("Messages in a day, at most")),
            ("comments", gettext("Comments in an hour, at most"), gettext("Comments in a day, at most")),
        ):
            self._add_number(f"{kind}_per_hour", hour, 1, MOST)
            self._add_number(f"{kind}_per_day", day, 1, MOST)
        hint = gettext("At night only somebody is answered who wrote within 10 minutes. The same hour twice: no night.")
        self._add_number("night_from", gettext("Night, from hour"), 0, LAST_HOUR, hint)
        self._add_number("night_until", gettext("Night, until hour"), 0, LAST_HOUR)

    def _add_mode(self) -> None:
        choices = [
            ("", gettext("As its computer can: in a window, else on the platform")),
            ("off", gettext("On the platform only: nothing is sent from here")),
            ("window", gettext("In its window: the computer writes, a person presses Enter")),
            ("send", gettext("From here: the computer writes and sends")),
        ]
        self.add_choice("mode", gettext("How one answers as it"), choices)
        label = gettext("I have read what it risks, and let the computer send")
        self.fields["agreed"] = forms.BooleanField(label=label, required=False)

    def _add_number(self, name: str, label: str, least: int, most: int, hint: str = "") -> None:
        wrong = gettext("A number from %(least)s to %(most)s.") % {"least": least, "most": most}
        messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)
        self.fields[name] = forms.IntegerField(
            label=label, help_text=hint, min_value=least, max_value=most, error_messages=messages
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("mode") == "send" and not given.get("agreed"):
            self.add_error("agreed", gettext("The computer sends only if you agree."))
        return given

    def config(self) -> dict[str, Any]:
        """Return the keys of the account's config, null for the usual value."""
        given = self.cleaned_data
        paces: dict[str, Pace] = {
            kind: replace(
                getattr(self._budget, kind), per_hour=given[f"{kind}_per_hour"], per_day=given[f"{kind}_per_day"]
            )
            for kind in KINDS
        }
        budget = Budget(**paces, night=(given["night_from"], given["night_until"]))
        return {
            "reply_mode": given["mode"] or None,
            "budget": None if budget == Budget() else to_builtins(budget),
        }


def _numbers(budget: Budget) -> dict[str, int]:
    numbers = {"night_from": budget.night[0], "night_until": budget.night[1]}
    for kind in KINDS:
        pace: Pace = getattr(budget, kind)
        numbers |= {f"{kind}_per_hour": pace.per_hour, f"{kind}_per_day": pace.per_day}
    return numbers


def _risk(platform: str) -> list[str]:
    return [
        gettext(
            "Nobody outside knows how many replies %(platform)s lets pass. Tools were refused, muted or logged out"
            " after few. It may restrict this account, and nobody can undo that for you."
        )
        % {"platform": platform},
        gettext(
            "The computer writes only what one of you wrote here, at a person's pace, and stops at once where the"
            " platform wants to see a person. In the window a person presses each time, which risks least."
        ),
    ]
