"""The page of settings is true of the code: it has every setting that is read, with its default, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from crawler.platforms.douyin.config import Config
from sync.protocol.account_config import CommonConfig, list_keys
from sync.protocol.platforms import list_addresses

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"
NAME = re.compile(r"\bIMHUB_[A-Z_]*[A-Z]\b")
CONFIG_KEY = re.compile(r"`([a-z][a-z_]+)`")
ROOMS = ("sync", "crawler", "im_api", "alerts", "inbox", "imhub", "demo")
RUNWORKER = ROOT / "crawler" / "management" / "commands" / "runworker.py"


def list_rows(name: re.Pattern[str] = NAME) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the names and the defaults of each row of the tables; one default may be of several names."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        names, default = line.split("|")[1:3] if line.startswith("| `") else ("", "")
        if found := name.findall(names):
            yield found, [part.strip() for part in default.split(", ")]


def list_readers() -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the name of each setting that settings.py reads, and its default where it has one."""
    for node in ast.walk(ast.parse((ROOT / "imhub" / "settings.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("env.get_", "get_key")):
            name, *rest = node.args
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield f"IMHUB_{name.value}", rest[0] if rest else None


def list_names_in_code() -> set[str]:
    """Return the names that any production module speaks of."""
    modules = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    return {name for file in modules for name in NAME.findall(file.read_text(encoding="utf-8"))}


def spell(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if value != "" else "(none)"


def test_the_page_has_every_setting_that_the_code_reads_and_no_other() -> None:
    shown = [name for names, _ in list_rows() for name in names]
    read = {name for name, _ in list_readers()} | {f"IMHUB_{name}" for name in list_addresses()}
    assert len(shown) == len(set(shown)) > 30
    assert set(shown) == read | list_names_in_code()


def test_the_page_names_the_defaults_of_the_code() -> None:
    shown = {name: default for names, defaults in list_rows() for name, default in zip(names, defaults, strict=False)}
    known = {name: node.value for name, node in list_readers() if isinstance(node, ast.Constant)}
    expected = {name: spell(value) for name, value in known.items()}
    assert len(expected) > 15
    assert {name: shown[name] for name in expected} == expected


def test_the_longest_snapshot_and_the_number_of_accounts_are_those_of_the_code() -> None:
    shown = {names[0]: defaults[0] for names, defaults in list_rows()}
    expressions = {name: ast.unparse(default) for name, default in list_readers() if default is not None}
    assert expressions["IMHUB_MAX_SNAPSHOT_BYTES"] == "64 * 1024 ** 2"
    assert shown["IMHUB_MAX_SNAPSHOT_BYTES"] == str(64 * 1024**2)
    assert f'or "{shown["IMHUB_WORKER_MAX_ACCOUNTS"]}"' in RUNWORKER.read_text(encoding="utf-8")


def test_the_page_has_every_key_of_an_accounts_config_with_its_default() -> None:
    rows = list(list_rows(CONFIG_KEY))
    assert sorted(name for names, _ in rows for name in names) == list_keys("douyin")
    shown = {name: default for names, defaults in rows for name, default in zip(names, defaults, strict=False)}
    fields = [*msgspec.structs.fields(CommonConfig), *msgspec.structs.fields(Config)]
    numbers = {field.name: field.default for field in fields if isinstance(field.default, bool | int | float)}
    assert len(numbers) > 10
    for name, default in numbers.items():
        expected = str(default).lower() if isinstance(default, bool) else f"{default:g}"
        assert shown[name] == expected, name


def test_the_readmes_lead_to_the_page_and_name_no_setting_that_it_has_not() -> None:
    page = set(NAME.findall(PAGE.read_text(encoding="utf-8")))
    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert "docs/settings.md" in text
        assert set(NAME.findall(text)) <= page
