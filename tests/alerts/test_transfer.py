"""The owner's choices of alerts go with an export; their addresses do not."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from django.test import Client

from alerts import book, owner
from alerts.core.choices import Choices
from alerts.models import AlertChoices, Destination
from alerts.transfer import AlertsPart
from sync.hub import Hub
from sync.sealing import seal_again
from sync.storage.export_file import BadDocument, ExportedPart, signed
from sync.storage.transfer import export_document, import_document
from sync.store import configured_store
from tests.im_api.conftest import NOW
from tests.inbox.test_owner import hub, in_words, lin, mei
from tests.inbox.test_owner import owner as owner_client

__all__ = ["hub", "lin", "mei", "owner_client"]

CANARY = "canary7f3asecret"
CHOICES = Choices(minutes=45, opens=510, quiet_to=420, language="en")


def new_view(account_id: str) -> Any:
    return configured_store().new_view(account_id)


def an_export() -> bytes:
    book.save_choices(CHOICES)
    owner.add_people("老板", f"bark://{CANARY}@api.day.app/{CANARY}", NOW)
    Destination.objects.create(kind="program", label="CRM", shown="https://crm.test", events=["message.created"],
                               sealed=CANARY.encode(), created_at=NOW)  # fmt: skip
    owner.set_watch(f"https://watch.test/{CANARY}", NOW)
    Destination.objects.create(kind="device", label="phone", sealed=CANARY.encode(), created_at=NOW)
    return export_document(new_view)


@pytest.mark.django_db
def test_choices_and_places_go_to_another_hub_without_an_address(settings: Any) -> None:
    exported = an_export()
    assert CANARY.encode() not in exported
    AlertChoices.objects.all().delete()
    Destination.objects.all().delete()
    import_document(exported, NOW + 1, new_view)
    assert book.load_choices() == CHOICES
    rows = Destination.objects.values_list("kind", "label", "shown", "events", "is_enabled", "error")
    assert list(rows) == [
        ("people", "老板", "Bark", [], False, "address"),
        ("program", "CRM", "https://crm.test", ["message.created"], False, "address"),
        ("watch", "https://watch.test", "https://watch.test", [], False, "address"),
    ]
    import_document(exported, NOW + 2, new_view)
    assert Destination.objects.count() == 3
    _, lost = seal_again(settings.SESSION_KEY)
    assert lost == [], "a new key forgets none of them"


@pytest.mark.django_db
def test_what_the_owner_chose_here_stands() -> None:
    exported = an_export()
    book.save_choices(Choices(minutes=5))
    before = list(Destination.objects.values())
    import_document(exported, NOW + 1, new_view)
    assert book.load_choices() == Choices(minutes=5)
    assert list(Destination.objects.values()) == before


@pytest.mark.django_db
def test_without_choices_an_export_has_no_such_part() -> None:
    assert "parts" not in json.loads(export_document(new_view))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"choices": {"minutes": 0}}, r"make no sense \(minutes\) - at `choices` - in `\$.parts\['alerts'\].content`"),
        ({"choices": {"minutes": "soon"}}, "Expected `int`"),
        ({"places": [{"kind": "device", "label": "x"}]}, "Invalid enum value 'device'"),
        ({"places": [{"kind": "people", "label": ""}]}, r"no place for alerts - at `places\[0\]`"),
        ({"places": [{"kind": "program", "label": "x", "events": ["nothing"]}]}, "no place for alerts"),
        ({"addresses": []}, "unknown field `addresses`"),
    ],
)
def test_a_part_that_makes_no_sense_is_refused_whole(damage: dict[str, Any], reason: str) -> None:
    document = json.loads(an_export())
    document["parts"]["alerts"] = msgspec.to_builtins(signed(ExportedPart(content=damage)))
    Destination.objects.all().delete()
    with pytest.raises(BadDocument, match=reason):
        import_document(json.dumps(document).encode(), NOW, new_view)
    assert not Destination.objects.exists()


@pytest.mark.django_db
def test_a_part_that_was_changed_or_is_unknown_is_refused() -> None:
    document = json.loads(an_export())
    document["parts"]["alerts"]["content"]["choices"]["minutes"] = 46
    with pytest.raises(BadDocument, match=r"its checksum is another one - at `\$.parts\['alerts'\]`"):
        import_document(json.dumps(document).encode(), NOW, new_view)
    document["parts"] = {"weather": msgspec.to_builtins(signed(ExportedPart(content={})))}
    with pytest.raises(BadDocument, match="this version knows no such part"):
        import_document(json.dumps(document).encode(), NOW, new_view)


def test_the_owner_is_told_to_add_the_addresses_again(owner_client: Client, hub: Hub) -> None:
    part = AlertsPart()
    part.put({"places": [{"kind": "people", "label": "老板", "shown": "Bark"}]}, NOW)
    page = in_words(owner_client.get("/alerts"))
    assert "its address cannot be read any more; remove it and add it again" in page
    assert owner.try_out(Destination.objects.get().pk, NOW) is False
