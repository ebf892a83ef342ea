"""Every sentence of the pages is there in Chinese, and what is compiled is what is written."""

import re

from tests.catalogue import MO, compiled, read_catalogue, read_sentences

HOLE = re.compile(r"%\(\w+\)s")


def test_every_sentence_is_translated() -> None:
    known = {(message.context, message.id): message.string for message in read_catalogue() if message.id}
    missing = []
    for message in read_sentences():
        string = known.get((message.context, message.id)) if message.id else "nothing to say"
        if not string or (isinstance(string, tuple) and not all(string)):
            missing.append(message.id)
    assert missing == [], "python -m tests.catalogue gathers them"


def test_no_sentence_is_kept_that_nobody_says() -> None:
    said = {(message.context, message.id) for message in read_sentences()}
    assert [message.id for message in read_catalogue() if (message.context, message.id) not in said] == []


def test_a_translation_fills_in_what_its_sentence_does() -> None:
    for message in read_catalogue():
        ids, strings = (part if isinstance(part, tuple) else (part,) for part in (message.id, message.string))
        for string in strings if message.id else ():
            assert set(HOLE.findall(str(string))) <= set(HOLE.findall(str(ids[-1]))), message.id


def test_what_is_compiled_is_what_is_written() -> None:
    assert MO.read_bytes() == compiled(read_catalogue()), "python -m tests.catalogue compiles it"
