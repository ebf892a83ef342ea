"""The configuration of an account, as its owner writes it in the admin."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from sync.models import Account

PAGE = "/admin/sync/account/roses/change/"


@pytest.fixture
def owner(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("owner"))
    Account.objects.create(pk="roses", name="Roses", config={"pace": 2})
    return client


def save(client: Client, config: Any, **fields: Any) -> list[str]:
    """The faults that the page names."""
    inline = {"grants-TOTAL_FORMS": 0, "grants-INITIAL_FORMS": 0}
    facts = {"name": "Roses", "status": "active", "worker": "", "color": "#4b5563", **inline}
    shown = client.post(PAGE, {**facts, "config": json.dumps(config), **fields}).content.decode()
    return [unescape(one) for one in re.findall(r'<ul class="errorlist"[^>]*>\s*<li>(.*?)</li>', shown)]


def stored() -> Any:
    return Account.objects.get(pk="roses").config


def test_the_switch_of_an_account_is_part_of_its_configuration(owner: Client) -> None:
    assert save(owner, {"pace": 2}, fans_count="on") == []
    assert stored() == {"pace": 2, "fans_count": True}
    assert re.search(r'<input[^>]*name="fans_count"[^>]*checked', owner.get(PAGE).content.decode())
    assert save(owner, {"pace": 2, "fans_count": True}) == []
    assert stored() == {"pace": 2}
    assert save(owner, {"fans_count": True}) == []
    assert stored() == {"fans_count": True}


def test_a_key_that_nobody_reads_is_refused_by_name(owner: Client) -> None:
    (fault,) = save(owner, {"pace": 2, "pase": 3, "fans": True})
    assert fault.startswith(
        "There is no key fans, pase. Possible are: answer_s, budget, check_s, count_automatic, creator_url, "
    )
    assert save(owner, {"fans_count": 1}) == ["A value is wrong: Expected `bool`, got `int` - at `$.fans_count`"]
    (fault,) = save(owner, {"intervals": {"messages": 0}})
    assert fault == "A value is wrong: Expected `float` > 0.0 - at `$.intervals[...]`"
    assert save(owner, [1]) == ["This is an object in braces, with a value for each key."]
    assert stored() == {"pace": 2}


def test_a_row_of_an_earlier_version_with_such_a_key_goes_on(owner: Client) -> None:
    Account.objects.filter(pk="roses").update(config={"note": "x"})
    assert save(owner, {"note": "x"}, name="Red roses") == []
    assert (Account.objects.get(pk="roses").name, stored()) == ("Red roses", {"note": "x"})


def test_the_owner_chooses_how_replies_are_sent_after_reading_what_it_risks(owner: Client) -> None:
    page = owner.get(PAGE).content.decode()
    assert "Platforms refuse, mute or log out accounts that software writes for" in page
    assert save(owner, {"pace": 2}, reply_mode="send") == []
    assert stored() == {"pace": 2, "reply_mode": "send"}
    assert re.search(r'<option value="send" selected', owner.get(PAGE).content.decode())
    assert save(owner, {"pace": 2, "reply_mode": "send"}, reply_mode="") == []
    assert stored() == {"pace": 2}
    (fault,) = save(owner, {"reply_mode": "fast"})
    assert fault.startswith("A value is wrong: Invalid enum value 'fast'")
    (fault,) = save(owner, {"budget": {"night": [0, 24]}})
    assert fault.startswith("A value is wrong: Expected `int` <= 23")
