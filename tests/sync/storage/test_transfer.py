"""The whole store as a file: nothing is lost on the way, and a damaged file changes nothing."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection
from filelock import FileLock
from msgspec.structs import replace

from sync.core.account.marks import Note
from sync.core.change.changes import Noted, ReplyMoved, ReplyWritten
from sync.core.change.delta import as_delta
from sync.core.replies.reply import make_reply_id
from sync.core.replies.steps import Cancelled
from sync.core.stored.log_row_body import checksum
from sync.directory import get_generation, load_closing_words
from sync.models import (
    Account,
    AccountSession,
    Change,
    Checkpoint,
    HubInstance,
    HubSettings,
    Observation,
    StoredMark,
    Worker,
)
from sync.storage.export_file import BadDocument, Document, ExportedAccount, Owned, make_document, read_document, signed
from sync.storage.locks.directory_lock import lock_file
from sync.storage.private_file import write_private
from sync.storage.transfer import HubRuns, export_document, import_document
from sync.store import configured_store
from tests.sync.builders import a_comment, a_notice, a_work, an_account
from tests.sync.builders import a_conversation as a_conversation_item
from tests.sync.builders import a_message as a_message_item
from tests.sync.core.replies.builders import a_reply
from tests.sync.histories import NOW, a_conversation, a_message, load, write_changes, write_history
from tests.sync.holder import a_holder

pytestmark = pytest.mark.django_db
new_view = configured_store().new_view


def two_shops() -> None:
    write_history(
        "roses",
        {"conversations": [a_conversation(1), a_conversation(2)], "messages": [a_message(1)]},
        {"messages": [a_message(1), a_message(2, content="换货吗？")]},
    )
    write_history("tea", {"conversations": [a_conversation(1)]})
    Account.objects.filter(pk="roses").update(alias="Roses", group="flowers", color="#3F4FD0", config={"pace": 2})


def without_epochs(content: bytes) -> dict[str, Any]:
    """Nor checksums, which cover them."""
    document: dict[str, Any] = json.loads(content)
    for account in document["accounts"]:
        account["data"].pop("epoch", None)
        del account["checksum"]
    return document


def changed(content: bytes, change: Any) -> bytes:
    document = json.loads(content)
    change(document)
    return json.dumps(document).encode()


def rewritten(content: bytes, change: Any) -> bytes:
    """By somebody who knows of the checksums."""
    document = json.loads(content)
    change(document)
    for name, entry in (("accounts", ExportedAccount), ("owners", Owned)):
        document[name] = [msgspec.to_builtins(signed(msgspec.convert(one, entry))) for one in document[name]]
    return json.dumps(document).encode()


def test_the_owners_closing_words_go_along_unless_there_are_some() -> None:
    two_shops()
    assert "settings" not in json.loads(export_document(new_view))
    HubSettings.objects.create(closing_words=["在的"])
    exported = export_document(new_view)
    HubSettings.objects.all().delete()
    import_document(exported, NOW, new_view)
    assert load_closing_words() == ("在的",)
    HubSettings.objects.update(closing_words=["好"])
    import_document(exported, NOW, new_view)
    assert load_closing_words() == ("好",)


def test_closing_words_that_cannot_be_are_refused_with_their_place() -> None:
    two_shops()
    HubSettings.objects.create(closing_words=["在的", "在吗？"])
    with pytest.raises(BadDocument, match=r"asks.* at `\$\.settings\.closing_words\[1\]`"):
        import_document(export_document(new_view), NOW, new_view)
    HubSettings.objects.update(closing_words=["在的"])
    tampered = changed(export_document(new_view), lambda it: it["settings"].update(closing_words=[]))
    with pytest.raises(BadDocument, match=r"checksum.* at `\$\.settings`"):
        import_document(tampered, NOW, new_view)


def test_what_this_database_cannot_hold_is_refused_with_its_place() -> None:
    """SQLite holds NUL, PostgreSQL does not."""
    two_shops()
    exported = rewritten(export_document(new_view), lambda it: it["owners"][0].update(config={"note": "a\0b"}))
    Account.objects.all().delete()
    if connection.vendor == "postgresql":
        with pytest.raises(BadDocument, match=r"at `\$\.owners\['roses'\]`"):
            import_document(exported, NOW, new_view)
    else:
        import_document(exported, NOW, new_view)
        assert Account.objects.get(pk="roses").config == {"note": "a\0b"}


def test_a_fresh_installation_exports_what_it_imported() -> None:
    two_shops()
    exported = export_document(new_view)
    Account.objects.all().delete()
    done = import_document(exported, NOW, new_view)
    assert done.created == ["roses", "tea"]
    assert without_epochs(export_document(new_view)) == without_epochs(exported)
    view, row = load("roses"), Account.objects.get(pk="roses")
    assert view.messages["m2"].item.content == "换货吗？"
    assert (row.alias, row.color, row.config, row.version) == ("Roses", "#3F4FD0", {"pace": 2}, view.version)


def test_notes_on_people_come_along() -> None:
    two_shops()
    write_changes("roses", Noted(user_id="fan", text="老客户", by="ann"))
    exported = export_document(new_view)
    Account.objects.all().delete()
    import_document(exported, NOW, new_view)
    assert load("roses").mark("people", "fan").note == Note("老客户", NOW, "ann")
    assert StoredMark.objects.get(account_id="roses", kind="people").body == {"note": ["老客户", NOW, "ann"]}


def test_replies_come_along_and_what_was_on_its_way_is_not_sent_again_from_here() -> None:
    two_shops()
    old, new = (a_reply(number, id=make_reply_id("roses", f"{number:032x}"), target="c1") for number in (1, 2))
    write_changes("roses", ReplyWritten(reply=old), ReplyMoved(reply_id=old.id, step=Cancelled()))
    write_changes("roses", ReplyWritten(reply=new))
    exported = export_document(new_view)
    import_document(exported, NOW, new_view)
    assert {i: reply.state for i, reply in load("roses").replies.items()} == {old.id: "cancelled", new.id: "unknown"}
    assert "cancelled" in exported.decode()
    assert '"replies"' not in msgspec.json.encode(msgspec.to_builtins(as_delta(load("tea")))).decode()


def test_the_history_is_another_one_and_the_version_never_goes_back() -> None:
    two_shops()
    exported = export_document(new_view)
    before = write_history("roses", {"messages": [a_message(1), a_message(2), a_message(3)]})
    import_document(exported, NOW, new_view)
    view, row = load("roses"), Account.objects.get(pk="roses")
    assert sorted(view.messages) == ["m1", "m2"]
    assert (view.version, view.seq) == (row.version, row.seq) == (before.version, before.seq)
    assert view.epoch not in ("", before.epoch)
    assert len({view.epoch, load("tea").epoch}) == 2


def test_the_account_goes_on_from_what_was_imported() -> None:
    two_shops()
    exported = export_document(new_view)
    Account.objects.all().delete()
    import_document(exported, NOW, new_view)
    view = write_history("roses", {"messages": [a_message(1), a_message(2), a_message(3)]})
    assert sorted(view.messages) == ["m1", "m2", "m3"]
    assert view.version == 3


def test_an_account_that_the_file_does_not_name_stays_without_data() -> None:
    write_history("roses", {"messages": [a_message(1)]})
    exported = export_document(new_view)
    write_history("tea", {"messages": [a_message(1)]})
    Observation.objects.create(
        account_id="tea", surface="messages", entry="", canary="ok", complete=True, start=1, end=2
    )
    AccountSession.objects.create(account_id="tea", sealed=b"x")
    assert import_document(exported, NOW, new_view).emptied == ["tea"]
    view = load("tea")
    assert (len(view.messages), view.version, view.started_at) == (0, 1, None)
    assert Observation.objects.count() == 0
    assert AccountSession.objects.filter(account_id="tea").exists()


def test_the_owners_word_on_an_existing_account_stands() -> None:
    two_shops()
    exported = export_document(new_view)
    worker = Worker.objects.create(name="w1")
    Account.objects.filter(pk="roses").update(alias="New name", worker=worker, lease_epoch=5)
    import_document(exported, NOW, new_view)
    row = Account.objects.get(pk="roses")
    assert (row.alias, row.worker, row.lease_epoch) == ("New name", worker, 5)


def test_an_account_of_which_nothing_is_known_yet_is_carried_over() -> None:
    Account.objects.create(pk="new", name="New")
    exported = export_document(new_view)
    Account.objects.all().delete()
    import_document(exported, NOW, new_view)
    assert Account.objects.get(pk="new").version == 0
    assert without_epochs(export_document(new_view)) == without_epochs(exported)


def test_hubs_learn_of_an_import() -> None:
    two_shops()
    exported = export_document(new_view)
    before = get_generation()
    import_document(exported, NOW, new_view)
    assert get_generation() > before


def refuse_messages(document: dict[str, Any]) -> None:
    document["accounts"][0]["data"]["messages"][1]["item"]["content"] = 7


def forget_owners(document: dict[str, Any]) -> None:
    document["owners"] = []
    document["accounts"][1]["account_id"] = "coffee"


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (lambda content: content[: len(content) // 2], "truncated"),
        (lambda content: b"", "truncated"),
        (lambda content: b"\x00" * 100, "malformed"),
        (lambda content: content.replace("换".encode(), b"\xff"), "utf-8"),
        (lambda content: b'{"format":"imhub-export","owners":' + b"[" * 100_000, "owners"),
        (lambda content: changed(content, refuse_messages), "$.accounts[0].data.messages[1].item.content"),
        (lambda content: changed(content, lambda d: d.update(version=2)), "$.version"),
        (lambda content: changed(content, lambda d: d.pop("accounts")), "accounts"),
        (lambda content: changed(content, lambda d: d["accounts"].append(d["accounts"][0])), "$.accounts"),
        (lambda content: changed(content, lambda d: d["accounts"][0].update(version=-1)), "$.accounts[0].version"),
        (lambda content: changed(content, lambda d: d["accounts"][0].update(seq=2**70)), "$.accounts[0].seq"),
        (lambda content: changed(content, lambda d: d["owners"][1].update(alias="x")), "$.owners['tea']"),
        (lambda content: changed(content, lambda d: d["accounts"][1].update(seq=9)), "$.accounts['tea']"),
        (lambda content: changed(content, lambda d: d.pop("owners")), "owners"),
        (lambda content: rewritten(content, lambda d: d["owners"][1].update(platform="other")), "$.owners"),
        (lambda content: rewritten(content, forget_owners), "$.owners"),
    ],
)
def test_a_damaged_file_is_refused_whole_with_the_place_of_the_fault(damage: Any, place: str) -> None:
    two_shops()
    exported = export_document(new_view)
    rows = list(Change.objects.values()), list(Checkpoint.objects.values()), list(Account.objects.values())
    with pytest.raises(BadDocument) as refused:
        import_document(damage(exported), NOW, new_view)
    assert place in str(refused.value)
    assert (list(Change.objects.values()), list(Checkpoint.objects.values()), list(Account.objects.values())) == rows


def test_an_account_id_that_nobody_may_have_is_refused_with_everything_else() -> None:
    two_shops()

    def rename(document: dict[str, Any]) -> None:
        document["accounts"][1]["account_id"] = document["owners"][1]["account_id"] = "all"

    exported = rewritten(export_document(new_view), rename)
    Account.objects.all().delete()
    with pytest.raises(BadDocument, match=r"\$\.owners\['all'\]"):
        import_document(exported, NOW, new_view)
    assert not Account.objects.exists()


def test_nothing_is_imported_while_a_hub_holds_the_data_directory() -> None:
    two_shops()
    with FileLock(lock_file()), pytest.raises(HubRuns):
        import_document(export_document(new_view), NOW, new_view)
    import_document(export_document(new_view), NOW, new_view)


def test_nothing_is_imported_while_a_hub_elsewhere_holds_the_database(tmp_path: Path) -> None:
    two_shops()
    with a_holder(tmp_path) as holder, pytest.raises(HubRuns, match=f"process {holder.pid} on "):
        import_document(export_document(new_view), NOW, new_view)
    HubInstance.objects.create(id="h", name="a hub that was killed", started_at=0, seen_at=NOW)
    import_document(export_document(new_view), NOW, new_view)


def test_the_file_is_for_its_user_only_and_replaces_an_older_one(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text("older")
    write_private(file, b"{}")
    assert file.read_bytes() == b"{}"
    assert os.listdir(tmp_path) == ["export.json"]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.fixture(scope="module")
def exported() -> bytes:
    """One account with an item of every kind, and its owner."""
    account = an_account(
        conversations=[a_conversation_item()],
        messages=[a_message_item("1", content="换货吗？")],
        contents=[a_work()],
        comments=[a_comment("1")],
        notifications=[a_notice("1")],
    )
    config = {"pace": 0.05, "max_works": 9}
    owned = Owned(account_id=account.view.account_id, platform="douyin", name="花店", config=config)
    return msgspec.json.encode(make_document([account.view], [owned]), order="deterministic")


def test_what_was_written_is_read_back_equal(exported: bytes) -> None:
    document = read_document(exported)
    again = read_document(json.dumps(json.loads(exported), indent=2, sort_keys=True).encode())
    assert msgspec.json.encode(document) == exported
    assert again == document


def test_the_order_of_keys_does_not_matter_in_a_part_either() -> None:
    document = make_document([], [], parts={"weather": {"rain": {"to": 2, "from": 1}, "days": [2, 1]}})
    content = msgspec.json.encode(document)
    assert read_document(json.dumps(json.loads(content), sort_keys=True).encode()) == document
    with pytest.raises(BadDocument, match="checksum"):
        read_document(content.replace(b"[2,1]", b"[1,2]"))


def test_a_file_of_earlier_versions_is_read_whose_keys_counted_as_they_stood() -> None:
    owned = Owned(account_id="acc", platform="douyin", name="花店", config={"pace": 0.05, "max_works": 9})
    older = replace(owned, checksum=checksum(msgspec.json.encode(owned), ()).hex())
    assert older != signed(owned)
    document = Document(format="imhub-export", version=1, accounts=[], owners=[older])
    assert read_document(msgspec.json.encode(document)).owners == [older]
    assert read_document(msgspec.json.encode(replace(document, owners=[signed(owned)]))).owners == [signed(owned)]


@pytest.mark.parametrize("bit", range(8))
def test_whatever_bit_of_a_file_flips_it_says_the_same_or_is_refused(exported: bytes, bit: int) -> None:
    whole = read_document(exported)
    refused = 0
    for at in range(bit, len(exported), 5):
        damaged = bytearray(exported)
        damaged[at] ^= 1 << bit
        try:
            assert read_document(bytes(damaged)) == whole
        except BadDocument:
            refused += 1
    assert refused > len(exported) // 5 * 0.95


def test_wherever_a_file_is_cut_off_it_is_refused(exported: bytes) -> None:
    for length in range(0, len(exported), 7):
        with pytest.raises(BadDocument):
            read_document(exported[:length])


def test_everything_that_a_view_carries_goes_there_and_back() -> None:
    """Whatever fields it may get."""
    two_shops()
    before = {name: load(name) for name in ("roses", "tea")}
    document = export_document(new_view)
    Account.objects.all().delete()
    import_document(document, NOW, new_view)
    for name, view in before.items():
        assert msgspec.structs.replace(load(name), epoch=view.epoch) == view
        assert msgspec.structs.replace(as_delta(load(name)), epoch=view.epoch) == as_delta(view)
