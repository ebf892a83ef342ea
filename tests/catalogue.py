"""The Chinese catalogue of the pages: `python -m tests.catalogue` gathers new sentences into it and compiles it.

Sentences are English in code and templates. The compiled catalogue is committed: nobody needs gettext to run the hub.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {
    **dict.fromkeys(("gettext", "gettext_noop", "_"), None),
    **dict.fromkeys(("ngettext", "counted"), (1, 2)),
    **dict.fromkeys(("pgettext",), ((1, "c"), 2)),
}


def sources() -> Iterator[tuple[str, str]]:
    """(path, Python) of all that speaks. Templates as the Python that Django's own makemessages reads."""
    from django.utils.translation.template import templatize

    code = sorted((ROOT / "inbox").rglob("*.py"))
    pages = [path for path in sorted((ROOT / "templates").rglob("*.html")) if "admin" not in path.parts]
    for path in code:
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    for path in pages:
        text = templatize(path.read_text(encoding="utf-8"))
        # Read as Python, where the indentation of HTML would be a mistake.
        yield path.relative_to(ROOT).as_posix(), re.sub(r"^[ \t]+", "", text, flags=re.MULTILINE)


def read_sentences() -> Catalog:
    """All sentences in the sources, as a catalogue without translations."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract

    catalogue = Catalog()
    for path, text in sources():
        for _, message, _, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
            catalogue.add(message, locations=[(path, 1)], context=context)
    return catalogue


def read_catalogue() -> Catalog:
    from babel.messages.pofile import read_po

    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def compiled(catalogue: Catalog) -> bytes:
    from babel.messages.mofile import write_mo

    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> None:
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    PO.parent.mkdir(parents=True, exist_ok=True)
    catalogue = read_catalogue() if PO.exists() else Catalog(locale="zh_Hans", project="IM Hub", charset="utf-8")
    catalogue.update(read_sentences(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.header_comment = "# The words of the inbox. Gather and compile: python -m tests.catalogue"
    with PO.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=False)
    MO.write_bytes(compiled(catalogue))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imhub.settings")
    main()
