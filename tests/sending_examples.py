"""The examples of docs/sending.md, to be run as they stand there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any, Final

PAGE: Final = (Path(__file__).parents[1] / "docs" / "sending.md").read_text("utf-8")
EXAMPLES: Final[list[str]] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def find_example(name: str, folder: Path) -> Any:
    """Return a function of the page. Its block becomes a file in `folder`, and is run there."""
    (code,) = [code for code in EXAMPLES if f"def {name}(" in code]
    file = folder / f"{name}.py"
    file.write_text(code, "utf-8")
    return runpy.run_path(str(file))[name]
