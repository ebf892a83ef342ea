"""Says in words what this computer still lacks, and what is fine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from crawler.computer.pairing import Pairing


class Finding(NamedTuple):
    """One thing that was looked at, in a sentence."""

    is_fine: bool
    words: str


def check_computer(
    pairing: Pairing | None,
    folder: Path,
    *,
    find_browser: Callable[[], str | None],
    reach_hub: Callable[[Pairing], str | None],
    is_autostarted: bool,
) -> list[Finding]:
    """Return what was found. `find_browser`: the path of a browser; `reach_hub`: None, or why it is not reached."""
    findings = [_of_browser(find_browser()), _of_folder(folder)]
    if pairing is None:
        return [*findings, Finding(False, "This computer is not paired: run the command with --pair CODE --hub URL.")]
    findings.append(Finding(True, f"This computer is paired as “{pairing.worker}”."))
    why = reach_hub(pairing)
    reached = Finding(True, f"The hub answers at {pairing.hub}.")
    findings.append(reached if why is None else Finding(False, f"The hub does not answer at {pairing.hub}: {why}."))
    if pairing.insecure:
        findings.append(
            Finding(True, "The way to the hub is not encrypted: logins stay on this computer, and are lost at its end.")
        )
    started = Finding(True, "It starts by itself after a restart of this computer.")
    findings.append(started if is_autostarted else Finding(False, "It does not start by itself after a restart."))
    return findings


def _of_browser(path: str | None) -> Finding:
    if path is None:
        return Finding(False, "There is no browser: install Google Chrome, Microsoft Edge or Chromium.")
    return Finding(True, f"The browser is {path}.")


def _of_folder(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Finding(False, f"Nothing can be written into {folder}: {error.strerror}.")
    return Finding(True, f"Its files are in {folder}.")


def format_findings(findings: list[Finding]) -> list[str]:
    """Return a line for each, what is missing last."""
    ordered = sorted(findings, key=lambda one: not one.is_fine)
    return [f"{'  ok  ' if one.is_fine else '  !!  '}{one.words}" for one in ordered]
