"""Reading frames: how much of them the event loop reads itself, and what tells one snapshot from another."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from sync.protocol.frames import Decoded, FrameError, decode_from_worker, encode_frame
from sync.protocol.messages import DataSync, Heartbeat, Snapshot
from sync.worker import frame_reader
from sync.worker.frame_reader import (
    LONGEST_PAUSE_S,
    SMALL_CHARS,
    BusyPause,
    FrameReader,
    FrameTooLarge,
    ReadFrame,
    digest_of_parts,
    read_frame,
)
from tests.sync.builders import NOW, a_sync
from tests.sync.worker.stage import Stage, account_info


def a_frame(text: str = "hello", **changes: object) -> str:
    snapshot = Snapshot(platform="douyin", data={"messages": Raw(f'["{text}"]'.encode())})
    return encode_frame(replace(a_sync(snapshot=snapshot), **changes), timestamp=NOW)


def digest(text: str) -> bytes:
    return read_frame(text, 10**6).digest


@given(st.text(st.characters(), max_size=50))
def test_the_size_of_a_frame_is_that_of_its_bytes(text: str) -> None:
    size = len(text.encode(errors="surrogatepass"))
    with suppress(FrameError):
        assert read_frame(text, size).size == size
    with pytest.raises(FrameTooLarge, match=f"a frame of {size} bytes"):
        read_frame(text, size - 1)


def test_the_digest_is_of_the_items_and_what_stands_beside_them_not_of_the_time() -> None:
    assert digest(a_frame()) == digest(a_frame(timestamp=NOW + 1))
    assert digest(a_frame()) != digest(a_frame("hallo"))
    data = {"messages": Raw(b'["hello"]')}
    assert digest(a_frame()) != digest(a_frame(snapshot=Snapshot(platform="douyin", data=data, partial=["messages"])))
    assert digest(encode_frame(Heartbeat(worker_id="w"), timestamp=NOW)) == b""


def test_the_digest_of_parts_depends_on_their_order() -> None:
    assert digest_of_parts([b"1", b"2"]) != digest_of_parts([b"2", b"1"])


async def test_large_frames_are_read_in_a_thread_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, threads = FrameReader(), list[str]()

    def decode(text: str) -> Decoded:
        threads.append(threading.current_thread().name)
        return decode_from_worker(text)

    monkeypatch.setattr(frame_reader, "decode_from_worker", decode)
    read = await reader.read(a_frame(), 10**6)
    reader.close()
    assert isinstance(read.decoded.message, DataSync)
    assert [name.startswith("frames") for name in threads] == [True]


async def test_the_event_loop_reads_a_small_frame_itself_and_never_more_of_one_in_a_turn() -> None:
    """However large the frames are and whatever is in them."""
    stage = Stage(account_info("a"))
    large: list[int] = []

    async def read_large(text: str, max_bytes: int) -> ReadFrame:
        large.append(len(text))
        return read_frame(text, max_bytes)

    stage.ports = replace(stage.ports, read_large=read_large)
    connection = stage.open()
    sizes = [SMALL_CHARS // 2, SMALL_CHARS, SMALL_CHARS + 1, 3 * SMALL_CHARS]
    for size in sizes:
        await connection.receive("x" * size)
    assert large == [size for size in sizes if size > SMALL_CHARS]


def test_whoever_is_told_busy_and_goes_on_sending_is_read_ever_more_rarely() -> None:
    pause = BusyPause()
    assert [pause.after(was_busy=True) for _ in range(6)] == [0.1, 0.2, 0.4, 0.8, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    pause = BusyPause()
    alternating = [pause.after(was_busy=number % 2 == 1) for number in range(40)]
    assert alternating[-1] == pytest.approx(LONGEST_PAUSE_S * 0.75)
    assert set(alternating[::2]) == {0.0}


def test_a_worker_that_was_busy_once_is_read_as_before_soon_after() -> None:
    pause = BusyPause()
    for _ in range(9):
        pause.after(was_busy=True)
    for _ in range(9):
        assert pause.after(was_busy=False) == 0.0
    assert pause.after(was_busy=True) == 0.1
