"""The browsers of a system are found before anything is installed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_bootstrap_starts_without_any_installed_package() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import bootstrap; print(bootstrap.list_chromium_paths)"
    # -I -S: neither site-packages nor the environment's paths.
    run = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert "list_chromium_paths" in run.stdout, run.stderr
