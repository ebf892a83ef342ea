import pytest

from sync.protocol.ids import check_item_id, is_account_id, is_of_another, is_worker_id, make_id, owner_of, resolve_id


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        ("conversations", "conv_a_7"),
        ("messages", "msg_a_7"),
        ("contents", "cont_a_7"),
        ("comments", "comm_a_7"),
        ("notifications", "notif_a_7"),
    ],
)
def test_an_id_names_kind_account_and_what_the_platform_calls_it(collection: str, expected: str) -> None:
    assert make_id(collection, "a", "7") == expected
    assert resolve_id(collection, "a", "7") == expected
    assert resolve_id(collection, "a", expected) == expected


def test_the_id_of_another_account_is_just_text_here() -> None:
    assert resolve_id("messages", "a", "msg_b_7") == "msg_a_msg_b_7"


ACCOUNTS = {"shop", "shop_2", "x" * 64}


@pytest.mark.parametrize(
    ("item_id", "owner"),
    [
        ("conv_shop_9", "shop"),
        ("conv_shop_2_9", "shop_2"),  # the longest that exists
        ("conv_shop_3_9", "shop"),
        ("msg_shop_2", "shop"),
        ("comm_shop_2_", "shop_2"),
        (f"notif_{'x' * 64}_9", "x" * 64),
        ("conv_tea_9", None),  # no such account
        ("conv_shop", None),
        ("conv__shop_9", None),
        ("chat_shop_9", None),
        ("shop_9", None),
        ("7301", None),
    ],
)
def test_an_id_of_our_form_belongs_to_the_longest_account_that_fits(item_id: str, owner: str | None) -> None:
    assert owner_of(item_id, ACCOUNTS) == owner
    assert is_of_another(item_id, "shop", ACCOUNTS) == (owner not in (None, "shop"))


@pytest.mark.parametrize("text", ["a", "A.b-c_1", "0", "x" * 64])
def test_account_ids_fit_a_path_and_a_header(text: str) -> None:
    assert is_account_id(text)
    assert is_worker_id(text)


@pytest.mark.parametrize("text", ["", "all", "_a", ".a", "a b", "a/b", "店", "a\n", "x" * 65, "a,b", "a=b"])
def test_other_account_ids_are_refused(text: str) -> None:
    assert not is_account_id(text)


@pytest.mark.parametrize("text", ["", "x" * 256, "a b", "a\tb", "a\u3000b", "a\x00", "..", ".", "/a", "a/", "\u202e"])
def test_a_text_that_cannot_stand_in_a_path_is_no_item_id(text: str) -> None:
    assert check_item_id(text) is not None


@pytest.mark.parametrize("text", ["x", "conv_a_0:1:77:88", "消息", "x" * 255, "a/b", "a%b"])
def test_other_item_ids_are_taken_as_they_are(text: str) -> None:
    assert check_item_id(text) is None
