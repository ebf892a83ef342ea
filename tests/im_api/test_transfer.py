"""Saved replies go with an export, to the users of the same names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User

from im_api.models import SavedReply
from im_api.queries.sending.saved_transfer import RepliesPart
from sync.models import Account
from sync.storage.export_file import BadDocument, ExportedPart, signed
from sync.storage.transfer import export_document, import_document
from sync.store import configured_store

pytestmark = pytest.mark.django_db

NOW = 1_900_000_000_000


def new_view(account_id: str) -> Any:
    return configured_store().new_view(account_id)


def an_export() -> bytes:
    ann, ben = User.objects.create(username="ann"), User.objects.create(username="ben")
    User.objects.create(username="olivia", is_staff=True, is_superuser=True)
    roses = Account.objects.create(pk="roses")
    SavedReply(owner=ann, title="问候", text="{昵称} 你好", shared=True).save()
    SavedReply(owner=ben, title="发货", text="明天", shared=True, account=roses).save()
    SavedReply(owner=ben, title="私", text="稍等").save()
    return export_document(new_view)


def held() -> list[tuple[Any, ...]]:
    columns = ("owner__username", "title", "text", "shared", "account")
    return list(SavedReply.objects.order_by("created_at", "pk").values_list(*columns))


def written_at() -> list[int]:
    """In seconds: a database keeps more of a second than an export."""
    return [int(row.created_at.timestamp()) for row in SavedReply.objects.order_by("created_at", "pk")]


def test_they_come_back_as_they_were_and_in_their_order() -> None:
    exported = an_export()
    before, times = held(), written_at()
    SavedReply.objects.all().delete()
    import_document(exported, NOW, new_view)
    assert (held(), written_at()) == (before, times)
    import_document(exported, NOW, new_view)
    assert held() == before, "what is here is not added again"


def test_what_was_written_within_a_thousandth_of_a_second_keeps_its_order_behind_what_is_still_here() -> None:
    ann = User.objects.create(username="ann")
    for n, title in enumerate(["早", "中", "晚"]):
        row = SavedReply(owner=ann, title=title, text="好")
        row.save()
        SavedReply.objects.filter(pk=row.pk).update(created_at=datetime(2026, 5, 1, 8, 0, 0, 250_100 + n, tzinfo=UTC))
    exported = export_document(new_view)
    SavedReply.objects.exclude(title="早").delete()
    import_document(exported, NOW, new_view)
    assert [row[1] for row in held()] == ["早", "中", "晚"]


def test_of_a_user_whom_nobody_knows_the_owner_gets_what_was_shared_and_nobody_the_rest() -> None:
    exported = an_export()
    User.objects.filter(username="ben").delete()
    import_document(exported, NOW, new_view)
    assert held() == [
        ("ann", "问候", "{昵称} 你好", True, None),
        ("olivia", "发货", "明天", True, "roses"),
    ]


def test_without_any_an_export_has_no_such_part_and_one_without_the_part_is_read() -> None:
    Account.objects.create(pk="roses")
    exported = export_document(new_view)
    assert "parts" not in json.loads(exported)
    import_document(exported, NOW, new_view)
    assert held() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": ""}, "length >= 1"),
        ({"title": " "}, r"no saved reply - at `saved_replies\[0\]` - in `\$.parts\['im_api'\].content`"),
        ({"text": "a\0b"}, "no saved reply"),
        ({"text": "x" * 2_001}, "length <= 2000"),
        ({"secret": 1}, "unknown field `secret`"),
    ],
)
def test_what_is_no_saved_reply_is_refused_whole(change: dict[str, Any], reason: str) -> None:
    document = json.loads(an_export())
    [first, *others] = document["parts"]["im_api"]["content"]["saved_replies"]
    damaged = ExportedPart(content={"saved_replies": [first | change, *others]})
    document["parts"]["im_api"] = msgspec.to_builtins(signed(damaged))
    SavedReply.objects.all().delete()
    with pytest.raises(BadDocument, match=reason):
        import_document(json.dumps(document).encode(), NOW, new_view)
    assert held() == []


def test_a_clock_that_went_ahead_puts_none_into_the_future() -> None:
    ann = User.objects.create(username="ann")
    RepliesPart().put({"saved_replies": [{"owner": "ann", "title": "x", "text": "y", "created_at": NOW * 2}]}, NOW)
    [row] = SavedReply.objects.filter(owner=ann)
    assert row.created_at.timestamp() * 1000 == NOW
