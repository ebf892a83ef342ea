"""What a person sees of the worker."""

import io
import stat

import pytest
import segno
from rich.console import Console
from structlog.testing import capture_logs

from crawler.platforms.base import QrCode
from crawler.progress import LiveTable, QrFiles, open_display
from sync.protocol.messages import AccountStatus
from tests.crawler.builders import NOW, clock

STATUS = AccountStatus(
    account_id="a",
    worker_status="crawling",
    login_status="logged_in",
    last_crawl_time=NOW - 4_000,
    counts={"messages": 17, "comments": 3},
)
QR = QrCode(image=segno.make("https://login.example/1").png_data_uri(scale=4), expires_at=NOW + 150_000)


def a_terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=160)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_terminal_shows_a_row_per_account() -> None:
    console = a_terminal()
    table = LiveTable(QrFiles(), clock, console)
    table.show_link("connected")
    table.show_account("小店 [bold]", STATUS)
    console.print(table.render())
    text = written(console)
    for expected in ("hub: connected", "小店 [bold]", "crawling", "logged_in", "17", "4 s ago"):
        assert expected in text


def test_without_a_terminal_each_change_is_one_line() -> None:
    with capture_logs() as logs, open_display(clock, Console(file=io.StringIO())) as display:
        display.show_account("shop", STATUS)
        display.show_account("shop", STATUS)
    [line] = logs
    assert (line["account"], line["state"], line["messages"]) == ("a", "crawling", 17)


def test_a_login_code_is_drawn_in_a_terminal_and_saved_privately_until_the_login() -> None:
    console = a_terminal()
    with open_display(clock, console) as display:
        display.show_qr("a", QR)
        path = display._files._paths["a"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes().startswith(b"\x89PNG")
        display.hide_qr("a")
        assert not path.exists()
    shown = written(console)
    assert "account a" in shown
    assert "150 s" in shown
    assert "▀" in shown
    assert str(path) in shown


def test_what_ends_in_a_log_says_where_the_login_code_is_and_shows_none(capsys: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logs, open_display(clock, Console(file=io.StringIO())) as display:
        display.show_qr("a", QR)
        assert display._files._paths == {}
    assert [(line["event"], line["account"], line["seconds"]) for line in logs] == [
        ("the login code is on the accounts page of the hub", "a", 150)
    ]
    assert capsys.readouterr().err == ""


def test_no_login_code_outlives_the_display() -> None:
    with open_display(clock, a_terminal()) as display:
        display.show_qr("a", QR)
        path = display._files._paths["a"]
        assert path.exists()
    assert not path.exists()


@pytest.mark.parametrize("console", [a_terminal(), Console(file=io.StringIO())])
def test_no_login_code_is_shown_or_saved_where_a_phone_confirms_by_itself(
    console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_display(clock, console, shows_codes=False) as display:
        display.show_qr("a", QR)
        assert display._files._paths == {}
    assert capsys.readouterr().err == ""
    assert "scan" not in written(console)
    assert "▀" not in written(console)
