"""All that is said of every state of an account, in both languages, and when: `python -m tests.every_state` draws it.

tests/data/every_state.json has the words, tests/data/real_causes.json what the trial of real causes measured. The
trial leaves its figures in build/real_causes_*.json: `python -m tests.every_state FILES` takes them in and draws the
table of docs/account-states.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field

from tests.e2e.causes import list_causes

ROOT: Final = Path(__file__).resolve().parents[1]
DATA: Final = ROOT / "tests" / "data"
PAGE: Final = ROOT / "docs" / "account-states.md"
MEASURED: Final = DATA / "real_causes.json"
ISOLATES = {0x2068: None, 0x2069: None}
_BEGIN: Final = "<!-- all that is said of every state -->\n"
_END: Final = "<!-- end -->"
_ADDRESS: Final = re.compile(r"https?://[\w.:]+/for/\w+")
_HEAD: Final = ("what was done: after how many seconds", "API", "card", "banner", "foot", "alert")


class Said(Struct, frozen=True):
    """What one language says: the state and its reason on the card, what can be done, the step to do now, the button;
    the banner; the foot; the line of an alert."""

    state: str
    why: str = ""
    hint: str = ""
    now: str = ""
    button: str = ""
    banner: str = ""
    foot: str = ""
    alert: str = ""

    @property
    def card(self) -> str:
        """Return what the card says, in its order: the step to do now after an arrow, the button in brackets."""
        step, button = f"→ {self.now}" if self.now else "", f"[{self.button}]" if self.button else ""
        return " · ".join(text for text in (self.state, self.why, self.hint, step, button) if text)


class Told(Struct, frozen=True):
    """What the API says."""

    status: str
    login_status: str
    worker_status: str
    worker_error: str | None


class StateRow(Struct, frozen=True):
    """`cause`: the function of tests/inbox/test_every_state.py that brings it about."""

    cause: str
    api: Told
    en: Said
    zh: Said = field(name="zh-hans")


class Measured(Struct, frozen=True):
    """The trial saw a row of the table so many seconds after a cause, an account of tests/e2e/causes.py. `api`: what
    the API said then."""

    account: str
    row: str
    seconds: int
    api: Told


EVERY_STATE: Final = msgspec.json.decode((DATA / "every_state.json").read_bytes(), type=list[StateRow])


def draw() -> str:
    """Return the table."""
    measured = msgspec.json.decode(MEASURED.read_bytes(), type=list[Measured])
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    for row in EVERY_STATE:
        seen = [one for one in measured if one.row == row.cause]
        api = "<br>".join(dict.fromkeys(_told(one.api) for one in seen)) or _told(row.api)
        both = [_both(row.en, row.zh, name) for name in ("card", "banner", "foot", "alert")]
        lines.append(_line([_causes(row.cause, seen), api, *both]))
    return "\n".join(lines) + "\n"


def _causes(row: str, seen: Sequence[Measured]) -> str:
    """Return what was done, each with its seconds; without figures all that may be done."""
    causes = {cause.account: cause for cause in list_causes()}
    if not seen:
        return "<br>".join(f"{cause.by}: –" for cause in causes.values() if any(row in step for step in cause.steps))
    return "<br>".join(f"{causes[one.account].by}: {one.seconds}" for one in seen)


def _told(api: Told) -> str:
    """Return what the API said. Addresses are those of the trial."""
    error = f": {api.worker_error}" if api.worker_error else ""
    said = f"{api.status}, {api.login_status}, {api.worker_status}{error}"
    return _ADDRESS.sub("…", said).replace("|", "/")


def _both(en: Said, zh: Said, name: str) -> str:
    return "<br>".join(filter(None, (getattr(en, name), getattr(zh, name))))


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def read_drawn() -> str:
    """Return the table that the page has."""
    return PAGE.read_text("utf-8").partition(_BEGIN)[2].partition(_END)[0]


def read_short() -> set[tuple[str, str, bool]]:
    """Return the rows of the page's first table, as `in_short` has them."""
    lines = PAGE.read_text("utf-8").partition(_BEGIN)[0].splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")]
    return {(en, zh, needs == "●") for _, en, zh, needs, _ in rows[1:]}


def in_short(row: StateRow) -> tuple[str, str, bool]:
    """Return what the card says in both languages, in one line each, and whether a person is needed."""
    en, zh = (_joined(said, stop) for said, stop in ((row.en, ". "), (row.zh, "。")))
    return en, zh, bool(row.en.alert)


def _joined(said: Said, stop: str) -> str:
    return stop.join(text.rstrip(".。") for text in (said.state, said.why, said.hint) if text)


def take_in(files: Iterable[Path]) -> None:
    """Let what a trial measured take the place of what an earlier one did, account by account."""
    known = msgspec.json.decode(MEASURED.read_bytes(), type=list[Measured]) if MEASURED.exists() else []
    for file in files:
        new = msgspec.json.decode(file.read_bytes(), type=list[Measured])
        tried = {one.account for one in new}
        known = [one for one in known if one.account not in tried] + new
    places = {cause.account: place for place, cause in enumerate(list_causes())}
    known.sort(key=lambda one: places[one.account])
    MEASURED.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=1) + b"\n")


def main() -> None:
    take_in(Path(name) for name in sys.argv[1:])
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    PAGE.write_text(before + _BEGIN + draw() + _END + rest.partition(_END)[2], "utf-8")


if __name__ == "__main__":
    main()
