"""A view that was kept as an image is the same view, and holds each text and each order once."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from sync.core.account.view import View
from sync.core.change.delta import as_delta
from sync.core.lists.needle import make_needle
from sync.core.maps import FEW
from sync.core.stored.image import decode_image, encode_image
from sync.core.stored.log_row_body import BadBody, checksum, decode_body
from sync.storage import checkpoint_body
from sync.storage.checkpoint_body import code_name, decode_checkpoint, encode_checkpoint
from tests.sync.builders import a_comment, a_conversation, a_message, a_notice, a_view, a_work, an_account

COLUMNS = ("acc", 1, 12, 1_790_000_000_000)


def a_full_view() -> View:
    return an_account(
        conversations=[a_conversation(), a_conversation("78")],
        messages=[a_message(str(number), content=f"换货吗 {number}？") for number in range(5)],
        contents=[a_work()],
        comments=[a_comment("1"), a_comment("2")],
        notifications=[a_notice("1")],
    ).view


def kept(view: View) -> View:
    image = decode_image(encode_image(view, b"code"))
    return image.view("acc", version=view.version, seq=view.seq, at=view.changed_at or 0)


def read(body: bytes, new: View | None = None) -> Any:
    view = a_full_view()
    return decode_checkpoint(body, COLUMNS, new or a_view(), seq=view.seq, at=view.changed_at or 0)


def test_a_kept_view_is_the_same_and_is_searched_alike() -> None:
    view = a_full_view()
    again = kept(view)
    assert again == view
    folded = make_needle("吗 3").folded
    found = [[s.texts.find(folded, lambda _: None) for s in of.conversation_states.values()] for of in (view, again)]
    assert found[0] == found[1] != []


def test_the_image_of_a_map_does_not_tell_how_large_it_once_was() -> None:
    fans = [a_comment(str(n), parent_comment_id="1", author_id=f"fan{n}") for n in range(2, FEW + 3)]
    account = an_account(contents=[a_work()], comments=[a_comment("1"), *fans])
    account.upsert(removed={"comments": [fan.platform_id for fan in fans[:3]]})
    (thread,) = account.view.comment_threads.values()
    assert len(thread.speakers.fans) < FEW
    assert not isinstance(thread.speakers.fans, dict), "it was more, and is a trie still"
    assert encode_image(kept(account.view), b"code") == encode_image(account.view, b"code")


def test_a_message_is_found_by_its_own_words_beside_a_notice_of_the_same_id_and_time() -> None:
    message, notice = a_message("1", id="same", content="hello"), a_notice("1", id="same", created_at=None)
    account = an_account(
        conversations=[a_conversation()], messages=[replace(message, created_at=None)], notifications=[notice]
    )
    view = kept(account.view)
    assert view == account.view
    key = view.conversation_states["conv_acc_77"].texts.find("hello", lambda length: None)
    assert key is not None
    assert key[-1] == "same"


def test_names_and_equal_orders_of_a_kept_view_are_one_object() -> None:
    again = kept(a_full_view())
    names = {id(entry.item.sender_name) for entry in again.messages.values()}
    assert len(names) == len({entry.item.sender_name for entry in again.messages.values()})
    state = next(state for state in again.conversation_states.values() if state.held)
    assert state.order is state.held
    assert all(key[-1] is again.messages[key[-1]].item.id for key in again.message_order)


def test_a_checkpoint_is_read_with_its_indexes_by_the_code_that_wrote_it() -> None:
    view = a_full_view()
    assert read(encode_checkpoint(view, COLUMNS)) == (view, False)


@pytest.mark.parametrize("change", ["code", "setting"])
def test_other_code_or_another_setting_makes_the_indexes_anew(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    view = a_full_view()
    body = encode_checkpoint(view, COLUMNS)
    new = a_view()
    if change == "code":
        monkeypatch.setattr(checkpoint_body, "code_name", lambda: b"other")
    else:
        new = msgspec.structs.replace(new, fresh_ms=0)
    again, is_outdated = read(body, new)
    assert is_outdated
    assert as_delta(again) == as_delta(view)
    assert again.fresh_ms == new.fresh_ms


def test_what_an_image_knows_is_read_like_any_other_body() -> None:
    view = a_full_view()
    assert decode_body(encode_checkpoint(view, COLUMNS), COLUMNS) == as_delta(view)


def test_an_image_that_was_written_wrong_is_refused() -> None:
    data = encode_image(a_full_view(), code_name())
    for wrong in (data[:-3], data[:1], data[:40] + data[41:]):
        with pytest.raises(BadBody):
            read(checksum(wrong, COLUMNS) + wrong)


def test_the_name_of_the_code_follows_its_text_alone() -> None:
    assert code_name() == code_name()
    assert len(code_name()) == blake2b(digest_size=16).digest_size
