"""Workers of one machine give the same name of it, and those of two machines never do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crawler.computer.machine import get_host_id

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the system is asked otherwise there")

ID = "0123456789abcdef0123456789abcdef"
BOOT = "01234567-89ab-cdef-0123-456789abcdef"


def a_machine(folder: Path, name: str, files: dict[str, str]) -> Path:
    root = folder / name
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def boot_id(number: str) -> dict[str, str]:
    return {"proc/sys/kernel/random/boot_id": f"{number}\n"}


def test_a_machine_is_named_by_its_number_which_stays_here(tmp_path: Path) -> None:
    root = a_machine(tmp_path, "a", {"etc/machine-id": f"{ID}\n", **boot_id(BOOT)})
    again = a_machine(tmp_path, "b", {"etc/machine-id": f"{ID}\n", **boot_id(BOOT.replace("0", "f"))})
    assert get_host_id(root, {}) == get_host_id(again, {})
    assert len(get_host_id(root, {})) == 32
    assert get_host_id(root, {}) != ID


@pytest.mark.parametrize("said", ["", "uninitialized", "0" * 32, "machine", "ü" * 32])
def test_what_is_no_number_names_no_machine(said: str, tmp_path: Path) -> None:
    one, other = (a_machine(tmp_path, name, {"etc/machine-id": said}) for name in "ab")
    assert get_host_id(one, {}) == ""
    for root, number in ((one, BOOT), (other, BOOT.replace("0", "f"))):
        a_machine(tmp_path, root.name, boot_id(number))
    assert "" != get_host_id(one, {}) != get_host_id(other, {}) != ""


@pytest.mark.parametrize(
    ("files", "environment"),
    [
        ({".dockerenv": ""}, {}),
        ({"run/.containerenv": ""}, {}),
        ({}, {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}),
    ],
)
def test_containers_of_one_image_on_two_machines_are_not_one(
    files: dict[str, str], environment: dict[str, str], tmp_path: Path
) -> None:
    image = {"etc/machine-id": ID, **files}
    first = a_machine(tmp_path, "first", {**image, **boot_id(BOOT)})
    beside = a_machine(tmp_path, "beside", {**image, **boot_id(BOOT)})
    elsewhere = a_machine(tmp_path, "elsewhere", {**image, **boot_id(BOOT.replace("0", "f"))})
    assert get_host_id(first, environment) == get_host_id(beside, environment)
    assert get_host_id(first, environment) != get_host_id(elsewhere, environment)
