"""Every sentence of the pages is there in Chinese, and what is compiled is what is written."""

import re
from pathlib import Path

import pytest

from inbox.script_words import list_script_words
from tests.catalogue import CATALOGUES, ROOT, compiled, read_catalogue, read_sentences

HOLE = re.compile(r"%\(\w+\)s")
EACH = pytest.mark.parametrize("po", CATALOGUES, ids=CATALOGUES.values())


@EACH
def test_every_sentence_is_translated(po: Path) -> None:
    known = {(message.context, message.id): message.string for message in read_catalogue(po) if message.id}
    missing = []
    for message in read_sentences(po):
        string = known.get((message.context, message.id)) if message.id else "nothing to say"
        if not string or (isinstance(string, tuple) and not all(string)):
            missing.append(message.id)
    assert missing == [], "python -m tests.catalogue gathers them"


@EACH
def test_no_sentence_is_kept_that_nobody_says(po: Path) -> None:
    said = {(message.context, message.id) for message in read_sentences(po)}
    assert [message.id for message in read_catalogue(po) if (message.context, message.id) not in said] == []


@EACH
def test_a_translation_fills_in_what_its_sentence_does(po: Path) -> None:
    for message in read_catalogue(po):
        ids, strings = (part if isinstance(part, tuple) else (part,) for part in (message.id, message.string))
        for string in strings if message.id else ():
            assert set(HOLE.findall(str(string))) <= set(HOLE.findall(str(ids[-1]))), message.id


@EACH
def test_what_is_compiled_is_what_is_written(po: Path) -> None:
    assert po.with_suffix(".mo").read_bytes() == compiled(read_catalogue(po)), "python -m tests.catalogue compiles it"


SCRIPTS = ROOT / "inbox/static/inbox"
KEYS = SCRIPTS / "words/catalogue.d.ts"


def test_scripts_know_the_sentences_that_the_server_gives_them() -> None:
    assert sorted(re.findall(r'\| "(\w+)"', KEYS.read_text())) == sorted(list_script_words())


def test_every_sentence_of_the_scripts_is_said_by_one() -> None:
    scripts = [path.read_text() for path in SCRIPTS.rglob("*.js") if "vendor" not in path.parts]
    pages = [path.read_text() for path in (ROOT / "templates/inbox").rglob("*.html")]
    said = set(re.findall(r'"(\w+)"', "\n".join(scripts + pages)))
    assert sorted(set(list_script_words()) - said) == []


def test_a_script_fills_in_what_its_sentence_asks_for() -> None:
    """`say("key", {n: …})` with the key and the values in one place; what is chosen elsewhere TypeScript knows."""
    words = list_script_words()
    wrong = []
    for path in SCRIPTS.rglob("*.js"):
        for key, values in re.findall(r'\bsay\("(\w+)"(?:, \{ ([^}]*) \})?\)', path.read_text()):
            sentence = words[key]
            holes = set(HOLE.findall("".join(sentence)))
            given = {f"%({name})s" for name in re.findall(r"(\w+)(?::[^,]*)?(?:, |$)", values)}
            if not holes <= given:
                wrong.append(f"{path.name}: {key} has {holes}, is given {given}")
    assert wrong == []
