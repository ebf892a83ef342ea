"""Rows are rendered once for each of their versions."""

from functools import partial

from msgspec import Raw

from im_api.renderers import encode
from im_api.shapes.rendered import ROW_BYTES, RenderedRows


def test_a_row_is_made_again_when_anything_that_it_is_made_of_is_another() -> None:
    rows = RenderedRows()
    state, entry, equal = ["state"], ["entry"], ["entry"]
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert rows.get("feed", "a", "1", (state, entry), make) == Raw(b"0")
    assert rows.get("feed", "a", "1", (state, entry), make) == Raw(b"0")
    assert rows.get("feed", "a", "1", (state, equal), make) == Raw(b"1"), "equal is not the same"
    assert rows.get("feed", "a", "1", (state, None), make) == Raw(b"2")
    assert rows.get("feed", "b", "1", (state, None), make) == Raw(b"3")
    assert rows.get("message", "b", "1", (state, None), make) == Raw(b"4")
    assert rows.get("message", "b", "1", (["state"], None), make, by_value=True) == Raw(b"4")
    assert rows.get("message", "b", "1", (["other"], None), make, by_value=True) == Raw(b"5")


def test_rows_that_are_full_begin_anew() -> None:
    rows = RenderedRows(10 * (ROW_BYTES + 3))
    for number in range(100, 135):
        assert rows.get("feed", "a", str(number), (), partial(int, number)) == Raw(encode(number))
        assert rows.bytes <= 10 * (ROW_BYTES + 3)
    assert rows.bytes == 5 * (ROW_BYTES + 3)
