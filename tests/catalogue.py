"""The Chinese catalogues: `python -m tests.catalogue` gathers new sentences into them and compiles them.

One is of the pages of the inbox, one of the admin. Sentences are English in code and templates. The compiled catalogues
are committed: nobody needs gettext to run the hub.
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
ADMIN_PO = ROOT / "locale/admin/zh_Hans/LC_MESSAGES/django.po"
CATALOGUES = {PO: "the inbox", ADMIN_PO: "the admin"}
ADMIN_CODE = (
    "sync/admin",
    "sync/apps.py",
    "im_api/admin.py",
    "im_api/apps.py",
    "imhub/admin.py",
    "imhub/apps.py",
    "alerts/admin.py",
    "alerts/apps.py",
)
KEYWORDS = {
    **dict.fromkeys(("gettext", "gettext_noop", "gettext_lazy", "_", "_lazy"), None),
    **dict.fromkeys(("ngettext", "counted"), (1, 2)),
    **dict.fromkeys(("pgettext",), ((1, "c"), 2)),
}


def sources(po: Path) -> Iterator[tuple[str, str]]:
    """(path, Python) of all that speaks by the catalogue `po`. Templates as Python, as makemessages reads them."""
    from django.utils.translation.template import templatize

    is_admin = po == ADMIN_PO
    places = [ROOT / place for place in (ADMIN_CODE if is_admin else ("inbox", "alerts"))]
    code = [path for place in places for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]
    if not is_admin:
        code = [path for path in code if path.relative_to(ROOT).as_posix() not in ADMIN_CODE]
    templates = sorted((ROOT / "templates").rglob("*.html"))
    pages = [path for path in templates if ("admin" in path.parts) == is_admin]
    for path in code:
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    for path in pages:
        text = templatize(path.read_text(encoding="utf-8"))
        # Read as Python, where the indentation of HTML would be a mistake.
        yield path.relative_to(ROOT).as_posix(), re.sub(r"^[ \t]+", "", text, flags=re.MULTILINE)


def read_sentences(po: Path) -> Catalog:
    """All sentences in the sources of the catalogue `po`, without translations."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract

    catalogue = Catalog()
    for path, text in sources(po):
        for _, message, _, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
            catalogue.add(message, locations=[(path, 1)], context=context)
    return catalogue


def read_catalogue(po: Path) -> Catalog:
    from babel.messages.pofile import read_po

    with po.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def compiled(catalogue: Catalog) -> bytes:
    from babel.messages.mofile import write_mo

    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> None:
    for po, of in CATALOGUES.items():
        gather(po, of)


def gather(po: Path, of: str) -> None:
    """Gather the sentences of one catalogue, and compile it."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    po.parent.mkdir(parents=True, exist_ok=True)
    catalogue = read_catalogue(po) if po.exists() else Catalog(locale="zh_Hans", project="IM Hub", charset="utf-8")
    catalogue.update(read_sentences(po), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.header_comment = f"# The words of {of}. Gather and compile: python -m tests.catalogue"
    with po.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=False)
    po.with_suffix(".mo").write_bytes(compiled(catalogue))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imhub.settings")
    main()
