"""The documents are true of the tree: the files that they name exist, and the drawings are those of today."""

import re
from pathlib import Path

import pytest

from tests.structure import DOCUMENT, CircleFound, redraw, reduce_arrows

ROOT = Path(__file__).resolve().parents[1]
SCOPE = r"(?:manage\.py|imhub|im_api|alerts|inbox|sync|crawler|demo|templates|tests|bench|locale|docs)"
NAMED = re.compile(rf"\b({SCOPE}/[\w./-]*)")
PLACEHOLDER = re.compile(r"<\w+>")


def list_named_paths(text: str) -> list[str]:
    return sorted({path.rstrip(".") for path in NAMED.findall(PLACEHOLDER.sub("<", text))})


@pytest.mark.parametrize("document", ["docs/architecture.md", "docs/ideas", "CONTRIBUTING.md"])
def test_every_file_that_the_document_names_exists(document: str) -> None:
    pages = sorted((ROOT / document).glob("*.md")) or [ROOT / document]
    named = list_named_paths("\n".join(page.read_text(encoding="utf-8") for page in pages))
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_drawings_of_rooms_show_the_imports_of_today() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document.count("<!-- rooms of ") == document.count("<!-- end -->") == 5
    assert redraw(document) == document


def test_a_circle_is_named() -> None:
    with pytest.raises(CircleFound, match=r"a -> b -> a|b -> a -> b"):
        reduce_arrows({"a": {"b"}, "b": {"a"}})


def test_an_arrow_that_follows_from_others_is_not_drawn() -> None:
    assert reduce_arrows({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == [("a", "b"), ("b", "c")]
