"""The owner's form of the computer that reads an account: who moves it to another one is told what that risks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext

from im_api.queries import AuthorizedAccount
from im_api.queries.login.computer_choices import ComputerChoice, list_choices, may_move
from inbox.formatting import format_platform
from inbox.pages.account_forms import OwnerForm


class MovingForm(OwnerForm):
    """`risk`: what the owner reads before he moves the account to another computer."""

    def __init__(self, authorized: AuthorizedAccount, data: Any = None) -> None:
        account = authorized.account
        self._choices = {choice.name: choice for choice in list_choices(authorized)}
        super().__init__(data, initial={"worker": account.worker or "", "may_move": may_move(account.config)})
        platform = format_platform(account.platform)
        self.risk = [_risk(platform)] if any(one.is_elsewhere for one in self._choices.values()) else []
        computers = [(name, format_choice(choice)) for name, choice in self._choices.items()]
        self.add_choice("worker", gettext("Computer that reads it"), [("", gettext("None")), *computers])
        if self.risk:
            label = gettext("I have read what it risks to move it to another computer")
            self.fields["agreed"] = forms.BooleanField(label=label, required=False)
        self.fields["may_move"] = forms.BooleanField(
            label=gettext("It may move to another computer by itself"),
            help_text=gettext("When nothing on its own computer can read it any more. The same risk."),
            required=False,
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = self._choices.get(given.get("worker", ""))
        if chosen is not None and chosen.is_elsewhere and not given.get("agreed"):
            self.add_error("agreed", gettext("To another computer it moves only if you agree."))
        return given

    @property
    def worker(self) -> str | None:
        """Return the worker that was chosen; None for none."""
        return self.cleaned_data["worker"] or None

    def config(self) -> dict[str, Any]:
        """Return the keys of the account's config, null for the usual value."""
        return {"may_move": self.cleaned_data["may_move"] or None}


def format_choice(choice: ComputerChoice) -> str:
    """Return the computer in words, with what speaks for it or against it."""
    facts = [choice.label]
    if choice.is_current:
        facts.append(gettext("reads it now"))
    elif not choice.is_elsewhere:
        facts.append(gettext("the same computer"))
    if not choice.is_online:
        facts.append(gettext("not running"))
    elif choice.is_full and not choice.is_current:
        facts.append(gettext("no place left"))
    return " · ".join(facts)


def _risk(platform: str) -> str:
    return gettext(
        "On another computer the login is used from another address. %(platform)s may end it, or ask for a check, and"
        " then the account has to be logged in again there."
    ) % {"platform": platform}
