"""Recordings that earlier versions made give today what they gave then."""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.replay import replay
from tests.crawler.platforms.douyin.make_recording import KEPT, told

FILES = sorted(KEPT.glob("*.jsonl"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_recording_is_read_as_it_always_was(file: Path) -> None:
    replayed = json.loads(json.dumps(told(replay(file))))
    expected: dict[str, Any] = json.loads(file.with_suffix(".json").read_text("utf-8"))
    for name, items in expected["items"].items():
        assert replayed["items"][name] == items, name
    assert replayed == expected
    assert {"conversations", "messages", "contents", "comments", "notifications"} == {
        name for name, items in expected["items"].items() if items
    }


def test_there_is_one() -> None:
    assert FILES
