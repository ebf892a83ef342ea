"""The owner's forms on the accounts page: an error stands at its field, with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext

from im_api.about import supported_platforms
from im_api.queries import AuthorizedAccount
from im_api.queries.account_overview import TINTS
from im_api.queries.owner import (
    LEVELS,
    Grantee,
    is_account_id,
    list_computers,
    suggest_account_id,
)
from inbox import formatting

MAX_LABEL: Final = 60
MAX_NAME: Final = 120
MAX_ID: Final = 64


class OwnerForm(forms.Form):
    """Fields say in words what they are for, and which of them is wrong."""

    use_required_attribute = True

    def add_text(self, name: str, label: str, hint: str = "", *, most: int = MAX_LABEL, required: bool = False) -> None:
        too_long = gettext("At most %(n)s characters.") % {"n": most}
        messages = {"required": gettext("Nothing stands here yet."), "max_length": too_long}
        self.fields[name] = forms.CharField(
            label=label, help_text=hint, max_length=most, required=required, error_messages=messages
        )

    def add_choice(self, name: str, label: str, choices: list[tuple[str, str]], hint: str = "") -> None:
        messages = {"invalid_choice": gettext("Choose one of the list.")}
        self.fields[name] = forms.ChoiceField(
            label=label, help_text=hint, choices=choices, required=False, error_messages=messages
        )

    def add_group(self) -> None:
        self.add_text("group", gettext("Group"), gettext("Accounts of a group stand together."))
        self.fields["group"].widget.attrs["list"] = "groups"

    def add_worker(self) -> None:
        """Add the choice of the worker where there are some."""
        computers = list_computers()
        if computers:
            self.add_choice("worker", gettext("Computer that reads it"), [("", gettext("None")), *computers])
            self.initial["worker"] = computers[0][0] if len(computers) == 1 else ""

    def describe(self) -> None:
        """Connect each field with its hint and its error, for people who hear the form. Call it last."""
        for name, field in self.fields.items():
            described = [f"id_{name}-hint"] if field.help_text else []
            if self.is_bound and name in self.errors:
                described.append(f"id_{name}-error")
            if described and not isinstance(field.widget, forms.RadioSelect):
                field.widget.attrs["aria-describedby"] = " ".join(described)


class AddForm(OwnerForm):
    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        platforms = [(name, formatting.format_platform(name)) for name in supported_platforms()]
        self.add_text(
            "user_name",
            gettext("Name of the account"),
            gettext("As the account is called there."),
            most=MAX_NAME,
            required=True,
        )
        if len(platforms) > 1:
            self.add_choice("platform", gettext("Platform"), platforms)
        self.add_group()
        self.add_text(
            "user_id",
            gettext("Short name for scripts"),
            gettext("Letters, digits, _ . and -. It cannot be changed later. Empty: one is chosen."),
            most=MAX_ID,
        )
        self.add_worker()

    def clean_user_id(self) -> str:
        wanted = str(self.cleaned_data["user_id"]).strip()
        if not wanted:
            return suggest_account_id(self.data.get("platform") or supported_platforms()[0])
        if not is_account_id(wanted):
            raise forms.ValidationError(
                gettext("Only letters, digits, _ . and -; the first is a letter or a digit; and not “all”.")
            )
        return wanted

    def account_fields(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "user_id": given["user_id"],
            "user_name": given["user_name"].strip(),
            "platform": given.get("platform") or supported_platforms()[0],
            "group": given["group"].strip() or None,
        }


class SettingsForm(OwnerForm):
    def __init__(self, authorized: AuthorizedAccount, data: Any = None) -> None:
        account = authorized.account
        initial = {"alias": account.alias or "", "group": account.group or "", "color": (account.color or "").upper()}
        super().__init__(data, initial=initial)
        self.add_text("alias", gettext("What we call it"), gettext("Empty: %(name)s") % {"name": account.name})
        self.add_group()
        own = (account.color or "").upper()
        colors = [("", gettext("By itself")), *((tint, tint) for tint in TINTS)]
        if own and own not in TINTS:
            colors.append((own, own))
        self.add_choice("color", gettext("Colour of its square"), colors)

    @property
    def colors(self) -> list[tuple[str, str, int | None, bool]]:
        """(value, word, tint, is chosen) of each square to choose from."""
        chosen = (self.data if self.is_bound else self.initial).get("color", "")
        choices: Any = self.fields["color"]
        return [
            (value, word, TINTS.index(value) if value in TINTS else None, value == chosen)
            for value, word in choices.choices
        ]

    def account_fields(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {name: given[name].strip() or None for name in ("alias", "group", "color")}


class PeopleForm(OwnerForm):
    def __init__(self, people: list[Grantee], data: Any = None) -> None:
        initial = {f"person-{person.user_id}": person.level for person in people}
        super().__init__(data, initial=initial)
        names = (gettext("does not see it"), gettext("may read"), gettext("may read and act"))
        levels = [(str(level), name) for level, name in zip(LEVELS, names, strict=True)]
        for person in people:
            self.add_choice(f"person-{person.user_id}", person.name, levels)

    def levels(self) -> Mapping[int, Any]:
        return {int(name.removeprefix("person-")): level for name, level in self.cleaned_data.items()}
