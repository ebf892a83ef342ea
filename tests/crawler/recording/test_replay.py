"""Recordings on disk: what is printed of them, and what is none."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler import replay
from crawler.recording.recorder import Recordings
from tests.crawler.builders import NOW


def record(folder: Path) -> Path:
    recorder = Recordings(folder, lambda: NOW).open("douyin", "acc-1", frozenset(), read_notices=False)
    recorder.note("begin", surface="profile")
    recorder.note("memory", of="profile", objects=[{"douyin_id": "抖音号：abc1", "nickname": "x", "followers": "3"}])
    recorder.note("end", surface="profile", entry="creator:/", canary="ok", complete=True, ended=[], given={})
    recorder.note("im", path="/v1/x", status=200, bytes="")
    [file] = folder.glob("*.jsonl")
    return file


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["replay", *arguments])
    return replay.main()


def test_every_account_of_a_folder_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = record(tmp_path)
    file.write_text(file.read_text("utf-8") + '{"at": 1, "kind": "fra', "utf-8")  # The worker was killed.
    assert run(monkeypatch, str(tmp_path)) == 0
    told = capsys.readouterr().out
    assert "profile (creator:/creator-micro/home): canary ok" in told
    assert "im: PageChanged: the answer names no command" in told
    assert "acc-1" not in told


@pytest.mark.parametrize("line", ["no JSON\n", '{"kind": "recording", "format": 99}\n', '{"kind": "im"}\n', ""])
def test_what_is_no_recording_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (tmp_path / "a.jsonl").write_text(line, "utf-8")
    assert run(monkeypatch, str(tmp_path)) == 1
    assert capsys.readouterr().err.startswith("a.jsonl")


def test_a_platform_that_is_not_known_is_named(tmp_path: Path) -> None:
    head: dict[str, Any] = {"at": 1, "kind": "recording", "format": 1, "platform": "elsewhere", "account": "a"}
    (tmp_path / "a.jsonl").write_text(json.dumps(head) + "\n", "utf-8")
    with pytest.raises(replay.BadRecording, match="elsewhere"):
        replay.replay(tmp_path / "a.jsonl")


def test_an_empty_folder_has_no_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, str(tmp_path)) == 1
